#include "ui/chat/answer_in_progress.h"

#include "ui/chat/answer_ending.h"
#include "ui/chat/error_details.h"

#include <QDataStream>

#include <algorithm>

namespace ponder {

namespace {

/// What is known of an answer that another goes on from.
AnswerRates::Before beforeOf(const MessageRow& row)
{
    return {std::uint32_t(std::max(row.tokens, 0)), std::uint32_t(std::max(row.thoughtTokens, 0)),
        row.tokensPerSecond > 0 ? (row.tokens - 1) / row.tokensPerSecond : 0, row.thoughtSeconds};
}

} // namespace

AnswerInProgress::AnswerInProgress(
    quint64 ticket, storage::ConversationId conversation, MessageRow row, QByteArray statistics)
    : m_ticket(ticket)
    , m_conversation(conversation)
    , m_row(std::move(row))
    , m_tokensBefore(m_row.tokens)
    , m_rates(beforeOf(m_row))
    , m_statistics(std::move(statistics))
{
    m_steps.setText(m_row.thought);
    m_steps.setRecords(m_row.steps);
    m_stepCount = m_steps.stepCount();
}

MessageGrowth AnswerInProgress::take(const QList<TokenEvent>& events)
{
    MessageGrowth growth;
    for (const TokenEvent& event : events) {
        const bool thinking = event.phase == Phase::Reasoning;
        if (event.retold)
            retell(*event.retold, growth);
        if (thinking && !event.text.empty() && event.step >= m_stepCount) {
            growth.steps.append(StepBegin{
                growth.thought.size(), m_rates.thoughtSeconds(), int(m_rates.thoughtTokens())});
            m_stepCount = event.step + 1;
        }
        (thinking ? growth.thought : growth.text) += QString::fromStdString(event.text);
        m_row.state = thinking ? MessageRow::State::Thinking : MessageRow::State::Answering;
        m_rates.take(event);
        if (event.part == 0)
            m_contextUsed = int(event.position) + 1;
        appendTokenStatistics(m_statistics, event);
    }
    if (growth.replaces) {
        m_row.thought = growth.thought;
        m_row.text = growth.text;
        m_steps.clear();
    } else {
        m_row.thought += growth.thought;
        m_row.text += growth.text;
    }
    m_steps.append(growth.thought, growth.steps);
    m_row.tokens = int(m_rates.tokens());
    m_row.thoughtTokens = int(m_rates.thoughtTokens());
    m_row.thoughtSeconds = m_rates.thoughtSeconds();
    if (m_rates.recentTokensPerSecond() > 0)
        m_row.tokensPerSecond = m_rates.recentTokensPerSecond();
    growth.state = m_row.state;
    growth.thoughtSeconds = m_row.thoughtSeconds;
    growth.thoughtTokens = m_row.thoughtTokens;
    growth.tokens = m_row.tokens;
    growth.tokensPerSecond = m_row.tokensPerSecond;
    return growth;
}

/// What came so far was something else than it seemed.
void AnswerInProgress::retell(const RetoldAnswer& retold, MessageGrowth& growth)
{
    growth.replaces = true;
    growth.thought = QString::fromStdString(retold.reasoning);
    growth.text = QString::fromStdString(retold.content);
    growth.steps = stepBeginsOf(growth.thought); // nobody knows when they began
    m_stepCount = int(growth.steps.size());
}

storage::AnswerEnd AnswerInProgress::end(const Result<Finish>& result)
{
    storage::AnswerEnd end;
    end.tokenStatistics = m_statistics;
    end.promptSeconds = m_rates.firstTokenSeconds();
    end.generationSeconds = m_rates.seconds();
    end.completionTokens = int(m_rates.tokens());
    end.reasoningTokens = int(m_rates.thoughtTokens());
    end.reasoningSeconds = m_rates.thoughtSeconds();
    const bool cancelled = result ? result->reason == FinishReason::Cancelled
                                  : result.error().code == ErrorCode::Cancelled;
    if (result) {
        end.finishReason = finishReasonOf(*result);
        // What it went on from is a part of this prompt, and of the completion: it counts once.
        end.promptTokens = std::max(0, int(result->usage.promptTokens) - m_tokensBefore);
    } else {
        end.finishReason = finishReasonOf(result.error().code);
        end.promptTokens = std::max(0, m_contextUsed - end.completionTokens);
        if (!cancelled)
            end.error = toStored(textOf(result.error()));
    }
    end.state = cancelled ? storage::MessageState::Interrupted
        : result          ? storage::MessageState::Complete
                          : storage::MessageState::Failed;
    m_steps.finish(end.reasoningSeconds, end.reasoningTokens);
    end.steps = m_row.steps = m_steps.records();
    m_row.contextTokens = end.promptTokens > 0 ? end.promptTokens + end.completionTokens : 0;
    if (m_rates.tokensPerSecond() > 0)
        m_row.tokensPerSecond = m_rates.tokensPerSecond();
    describeEnding(m_row, end.state, end.finishReason, end.error);
    return end;
}

void appendTokenStatistics(QByteArray& statistics, const TokenEvent& event)
{
    if (event.part != 0)
        return;
    QDataStream stream(&statistics, QIODevice::WriteOnly | QIODevice::Append);
    stream.setByteOrder(QDataStream::LittleEndian);
    stream.setFloatingPointPrecision(QDataStream::SinglePrecision);
    const int count = std::clamp(event.bestCount, 0, TokenEvent::kBest);
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(event.time).count();
    stream << qint32(event.id) << event.logprob << event.entropy << quint32(ms) << quint8(count);
    for (int i = 0; i < count; ++i)
        stream << qint32(event.best[i].id) << event.best[i].logprob;
}

} // namespace ponder
