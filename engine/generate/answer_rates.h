#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "engine/generate/token_event.h"

namespace ponder {

/// Times, token counts and rates of one answer, from its TokenEvents: the one place that measures them, for who
/// generates and for who watches. All times are from the answer's first token on, which comes as soon as the prompt is read.
/// For one answer; not thread-safe.
class AnswerRates {
public:
    /// What the answer goes on from; it is a part of every number but firstTokenSeconds() and recentTokensPerSecond().
    struct Before {
        std::uint32_t tokens = 0;
        std::uint32_t thoughtTokens = 0;
        double seconds = 0; ///< from the first token to the last
        double thoughtSeconds = 0;
    };

    AnswerRates() = default;
    explicit AnswerRates(const Before& before)
        : m_before(before)
    {
    }

    /// Events in the order in which they come.
    void take(const TokenEvent& event);

    [[nodiscard]] std::uint32_t tokens() const { return m_before.tokens + m_tokens; }
    /// Of these, in the thought, its tags included.
    [[nodiscard]] std::uint32_t thoughtTokens() const;
    /// From the first token to the last; 0 where there is one at most.
    [[nodiscard]] double seconds() const;
    /// From the first token to the thought's last; 0 without a thought.
    [[nodiscard]] double thoughtSeconds() const;
    /// From the question to the first token; 0 where none came.
    [[nodiscard]] double firstTokenSeconds() const;
    /// Of the whole answer; 0 where there is one token at most.
    [[nodiscard]] double tokensPerSecond() const;
    /// Of the last kRecent tokens; 0 where there is one at most.
    [[nodiscard]] double recentTokensPerSecond() const;

    static constexpr std::size_t kRecent = 32;

private:
    using Time = std::chrono::nanoseconds;

    Before m_before;
    std::uint32_t m_tokens = 0;
    Time m_first{};
    Time m_last{};
    std::vector<Time>
        m_thought; ///< when the thought's tokens came: some of them may turn out to be the answer's
    std::deque<Time> m_recent; ///< when the last tokens came
};

} // namespace ponder
