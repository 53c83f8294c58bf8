#include "ui/chat/answer_in_progress.h"

#include "ui/chat/answer_ending.h"
#include "ui/text/error_details.h"

#include <algorithm>
#include <chrono>

namespace ponder {

namespace {

/// What is known of an answer that another goes on from.
AnswerRates::Before beforeOf(const MessageRow& row)
{
    return {std::uint32_t(std::max(row.tokens, 0)), std::uint32_t(std::max(row.thoughtTokens, 0)),
        row.tokensPerSecond > 0 ? (row.tokens - 1) / row.tokensPerSecond : 0, row.thoughtSeconds};
}

TokenStatistics decoded(const QByteArray& statistics)
{
    auto known = TokenStatistics::decode({statistics.constData(), std::size_t(statistics.size())});
    return known ? *std::move(known) : TokenStatistics();
}

TextPart partOf(Phase phase)
{
    return phase == Phase::Reasoning ? TextPart::Reasoning : TextPart::Answer;
}

void addToken(TokenStatistics& statistics, const TokenEvent& event)
{
    TokenStatistic token;
    token.id = event.id;
    token.part = event.ofThought ? TextPart::Reasoning : TextPart::Answer;
    token.isTag = event.isTag;
    token.logprob = event.logprob;
    token.entropy = event.entropy;
    token.milliseconds
        = std::uint32_t(std::chrono::duration_cast<std::chrono::milliseconds>(event.time).count());
    statistics.addText(event.id, event.bytes);
    for (int i = 0; i < std::min(event.bestCount, TokenStatistic::kMaxAlternatives); ++i) {
        const TokenAlternative& best = event.best[std::size_t(i)];
        token.alternatives[token.alternativeCount++] = {best.id, best.logprob};
        statistics.addText(best.id, best.bytes);
    }
    statistics.push(token);
}

} // namespace

AnswerInProgress::AnswerInProgress(MessageRow row, const QByteArray& statistics)
    : m_row(std::move(row))
    , m_tokensBefore(m_row.tokens)
    , m_rates(beforeOf(m_row))
    , m_statistics(decoded(statistics))
{
    m_statistics.goOn(
        std::size_t(m_row.thought.toUtf8().size()), std::size_t(m_row.text.toUtf8().size()));
    m_steps.setText(m_row.thought);
    m_steps.setRecords(m_row.steps);
    m_stepCount = m_steps.stepCount();
}

MessageGrowth AnswerInProgress::take(const QList<TokenEvent>& events)
{
    MessageGrowth growth;
    for (const TokenEvent& event : events) {
        const bool thinking = event.phase == Phase::Reasoning;
        if (event.part == 0)
            addToken(m_statistics, event);
        if (event.retold)
            retell(*event.retold, growth);
        m_statistics.release(partOf(event.phase), event.text.size());
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
    const QByteArray thought
        = ((growth.replaces ? QString() : m_row.thought) + growth.thought).toUtf8();
    const QByteArray text = ((growth.replaces ? QString() : m_row.text) + growth.text).toUtf8();
    m_statistics.retell({{thought.constData(), std::size_t(thought.size())},
                            {text.constData(), std::size_t(text.size())}},
        {retold.reasoning, retold.content});
    growth.replaces = true;
    growth.thought = QString::fromStdString(retold.reasoning);
    growth.text = QString::fromStdString(retold.content);
    growth.steps = stepBeginsOf(growth.thought); // when they began is not known
    m_stepCount = int(growth.steps.size());
}

storage::AnswerEnd AnswerInProgress::end(const Result<Finish>& result)
{
    storage::AnswerEnd end;
    if (!m_statistics.tokens().empty())
        end.tokenStatistics = QByteArray::fromStdString(m_statistics.encode());
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

} // namespace ponder
