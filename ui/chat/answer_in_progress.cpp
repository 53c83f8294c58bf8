#include "ui/chat/answer_in_progress.h"

#include "ui/chat/answer_ending.h"
#include "ui/chat/error_details.h"

#include <QDataStream>

#include <algorithm>

namespace ponder {

namespace {

constexpr std::size_t kRateWindow = 32; ///< tokens that the live tokens/s looks back over

double seconds(std::chrono::nanoseconds time)
{
    return std::chrono::duration<double>(time).count();
}

} // namespace

AnswerInProgress::AnswerInProgress(
    quint64 ticket, storage::ConversationId conversation, MessageRow row, QByteArray statistics)
    : m_ticket(ticket)
    , m_conversation(conversation)
    , m_row(std::move(row))
    , m_before{m_row.tokens, m_row.thoughtTokens, m_row.thoughtSeconds,
          m_row.tokensPerSecond > 0 ? (m_row.tokens - 1) / m_row.tokensPerSecond : 0}
    , m_statistics(std::move(statistics))
{
    m_steps.append(m_row.thought, -1, -1);
    m_steps.setRecords(m_row.steps);
}

MessageGrowth AnswerInProgress::take(const QList<TokenEvent>& events)
{
    MessageGrowth growth;
    for (const TokenEvent& event : events) {
        const QString text = QString::fromStdString(event.text);
        const bool thinking = event.phase == Phase::Reasoning;
        if (event.retold)
            retell(*event.retold, growth);
        (thinking ? growth.thought : growth.text) += text;
        if (thinking)
            m_steps.append(text, m_row.thoughtSeconds, m_row.thoughtTokens);
        m_row.state = thinking ? MessageRow::State::Thinking : MessageRow::State::Answering;
        if (event.retold)
            m_row.thoughtTokens = m_before.thoughtTokens + int(event.retold->reasoningTokens);
        if (event.part != 0)
            continue;
        ++m_row.tokens;
        m_row.thoughtTokens += thinking && !event.retold ? 1 : 0;
        m_contextUsed = int(event.position) + 1;
        countTime(event);
        appendTokenStatistics(m_statistics, event);
    }
    if (growth.replaces) {
        m_row.thought = growth.thought;
        m_row.text = growth.text;
    } else {
        m_row.thought += growth.thought;
        m_row.text += growth.text;
    }
    if (m_recent.size() > 1) {
        const double span = seconds(m_recent.back() - m_recent.front());
        m_row.tokensPerSecond = span > 0 ? double(m_recent.size() - 1) / span : 0;
    }
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
    m_steps.clear();
    m_steps.append(growth.thought, -1, -1); // nobody knows when its steps began
    if (m_thoughtBegan.count() < 0 && !m_recent.empty())
        m_thoughtBegan = m_firstToken;
}

void AnswerInProgress::countTime(const TokenEvent& event)
{
    if (m_recent.empty())
        m_firstToken = event.time;
    m_lastToken = event.time;
    m_recent.push_back(event.time);
    if (m_recent.size() > kRateWindow)
        m_recent.pop_front();
    if (event.phase == Phase::Reasoning) {
        if (m_thoughtBegan.count() < 0)
            m_thoughtBegan = event.time;
        m_row.thoughtSeconds = m_before.thoughtSeconds + seconds(event.time - m_thoughtBegan);
    }
}

storage::AnswerEnd AnswerInProgress::end(const Result<Finish>& result)
{
    storage::AnswerEnd end;
    end.tokenStatistics = m_statistics;
    end.promptSeconds = seconds(m_firstToken);
    end.generationSeconds = m_before.generationSeconds + seconds(m_lastToken - m_firstToken);
    end.completionTokens = m_row.tokens;
    end.reasoningTokens = m_row.thoughtTokens;
    end.reasoningSeconds = m_row.thoughtSeconds;
    const bool cancelled = result ? result->reason == FinishReason::Cancelled
                                  : result.error().code == ErrorCode::Cancelled;
    if (result) {
        end.finishReason = QString::fromLatin1(toString(result->reason));
        // What it went on from is a part of this prompt, and of the completion below: it counts once.
        end.promptTokens = std::max(0, int(result->usage.promptTokens) - m_before.tokens);
        end.completionTokens = m_before.tokens + int(result->usage.completionTokens);
        end.reasoningTokens = m_before.thoughtTokens + int(result->usage.reasoningTokens);
        end.reasoningSeconds = m_before.thoughtSeconds + result->timings.thoughtSeconds;
        end.promptSeconds = result->timings.firstTokenSeconds;
        end.generationSeconds = m_before.generationSeconds + result->timings.decodeSeconds;
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
    m_row.tokens = end.completionTokens;
    m_row.contextTokens = end.promptTokens > 0 ? end.promptTokens + end.completionTokens : 0;
    m_row.thoughtTokens = end.reasoningTokens;
    m_row.thoughtSeconds = end.reasoningSeconds;
    if (end.generationSeconds > 0 && m_row.tokens > 1)
        m_row.tokensPerSecond = (m_row.tokens - 1) / end.generationSeconds;
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
