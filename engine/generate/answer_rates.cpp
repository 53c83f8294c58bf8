#include "engine/generate/answer_rates.h"

namespace ponder {

namespace {

double secondsOf(std::chrono::nanoseconds time)
{
    return std::chrono::duration<double>(time).count();
}

/// The first of `tokens` ends where the time begins.
double rateOf(std::size_t tokens, double seconds)
{
    return tokens > 1 && seconds > 0 ? static_cast<double>(tokens - 1) / seconds : 0;
}

} // namespace

void AnswerRates::take(const TokenEvent& event)
{
    if (event.part == 0) {
        if (m_tokens++ == 0)
            m_first = event.time;
        m_last = event.time;
        m_recent.push_back(event.time);
        if (m_recent.size() > kRecent)
            m_recent.pop_front();
        if (event.ofThought)
            m_thought.push_back(event.time);
    }
    // Those that moved into the thought were told to be its own just now.
    if (event.retold)
        m_thought.resize(event.retold->reasoningTokens, event.time);
}

std::uint32_t AnswerRates::thoughtTokens() const
{
    return m_before.thoughtTokens + static_cast<std::uint32_t>(m_thought.size());
}

double AnswerRates::seconds() const
{
    return m_before.seconds + secondsOf(m_last - m_first);
}

double AnswerRates::thoughtSeconds() const
{
    return m_before.thoughtSeconds
        + (m_thought.empty() ? 0 : secondsOf(m_thought.back() - m_first));
}

double AnswerRates::firstTokenSeconds() const
{
    return secondsOf(m_first);
}

double AnswerRates::tokensPerSecond() const
{
    return rateOf(tokens(), seconds());
}

double AnswerRates::recentTokensPerSecond() const
{
    return m_recent.empty()
        ? 0
        : rateOf(m_recent.size(), secondsOf(m_recent.back() - m_recent.front()));
}

} // namespace ponder
