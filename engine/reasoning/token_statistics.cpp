#include "engine/reasoning/token_statistics.h"

#include <algorithm>
#include <limits>

#include "engine/reasoning/text_alignment.h"

namespace ponder {

namespace {

/// Sums of bytes and of milliseconds stay at the largest number that the format has.
std::uint32_t sum(std::uint32_t a, std::uint64_t b)
{
    constexpr std::uint64_t kMax = std::numeric_limits<std::uint32_t>::max();
    return static_cast<std::uint32_t>(a + std::min(b, kMax - a));
}

std::uint32_t clamped(std::size_t bytes)
{
    return sum(0, bytes);
}

} // namespace

std::optional<std::size_t> tokenAt(
    std::span<const TokenStatistic> tokens, TextPart part, std::size_t offset, std::size_t before)
{
    if (offset < before)
        return std::nullopt;
    const auto found = std::ranges::partition_point(
        tokens, [&](const TokenStatistic& token) { return token.end(part) <= offset; });
    if (found == tokens.end())
        return std::nullopt;
    return static_cast<std::size_t>(found - tokens.begin());
}

void TokenStatistics::addText(std::int32_t id, std::string_view bytes)
{
    m_texts.try_emplace(id, bytes);
}

std::string_view TokenStatistics::textOf(std::int32_t id) const
{
    const auto found = m_texts.find(id);
    return found == m_texts.end() ? std::string_view() : std::string_view(found->second);
}

void TokenStatistics::push(TokenStatistic token)
{
    token.alternativeCount
        = std::min<std::uint8_t>(token.alternativeCount, TokenStatistic::kMaxAlternatives);
    const auto alternatives = std::span(token.alternatives).first(token.alternativeCount);
    const auto same = std::ranges::find(alternatives, token.id, &TokenStatistic::Alternative::id);
    if (same != alternatives.end())
        token.logprob = same->logprob;
    token.milliseconds = sum(m_millisecondsBefore, token.milliseconds);
    if (!m_tokens.empty())
        token.milliseconds = std::max(token.milliseconds, m_tokens.back().milliseconds);
    token.thoughtEnd = bytes(TextPart::Reasoning);
    token.answerEnd = bytes(TextPart::Answer);
    m_texts.try_emplace(token.id);
    for (const TokenStatistic::Alternative& alternative : alternatives)
        m_texts.try_emplace(alternative.id);
    m_tokens.push_back(token);
}

void TokenStatistics::release(TextPart part, std::size_t bytes)
{
    const bool thought = part == TextPart::Reasoning;
    std::uint32_t& end = m_tokens.empty() ? (thought ? m_thoughtBefore : m_answerBefore)
        : thought                         ? m_tokens.back().thoughtEnd
                                          : m_tokens.back().answerEnd;
    end = sum(end, bytes);
}

void TokenStatistics::goOn(std::size_t thoughtBytes, std::size_t answerBytes)
{
    const std::uint32_t thought = clamped(thoughtBytes);
    const std::uint32_t answer = clamped(answerBytes);
    m_thoughtBefore = std::min(m_thoughtBefore, thought);
    m_answerBefore = std::min(m_answerBefore, answer);
    for (TokenStatistic& token : m_tokens) {
        token.thoughtEnd = std::min(token.thoughtEnd, thought);
        token.answerEnd = std::min(token.answerEnd, answer);
    }
    release(TextPart::Reasoning, thought - bytes(TextPart::Reasoning));
    release(TextPart::Answer, answer - bytes(TextPart::Answer));
    m_millisecondsBefore = m_tokens.empty() ? 0 : m_tokens.back().milliseconds;
}

void TokenStatistics::keepThought(std::size_t bytes)
{
    const auto first
        = std::find_if(m_tokens.begin(), m_tokens.end(), [&](const TokenStatistic& token) {
              return token.thoughtEnd > bytes || token.part == TextPart::Answer;
          });
    m_tokens.erase(first, m_tokens.end());
    m_thoughtBefore = std::min(m_thoughtBefore, clamped(bytes));
    m_answerBefore = 0;
    for (TokenStatistic& token : m_tokens)
        token.answerEnd = 0;
    m_millisecondsBefore = m_tokens.empty() ? 0 : m_tokens.back().milliseconds;
}

void TokenStatistics::retell(const AnswerTexts& before, const AnswerTexts& now)
{
    const std::vector<std::size_t> offsets
        = alignedOffsets(std::string(before.thought).append(before.answer),
            std::string(now.thought).append(now.answer));
    const std::uint32_t thought = clamped(now.thought.size());
    // The thought stands before the answer, in the old texts and in the new: one offset says where a token ends.
    const auto moved = [&](std::uint32_t thoughtEnd, std::uint32_t answerEnd) {
        const std::size_t end = answerEnd > 0 ? before.thought.size() + answerEnd : thoughtEnd;
        return clamped(offsets[std::min(end, offsets.size() - 1)]);
    };
    std::uint32_t end = moved(m_thoughtBefore, m_answerBefore);
    m_thoughtBefore = std::min(end, thought);
    m_answerBefore = end - m_thoughtBefore;
    for (TokenStatistic& token : m_tokens) {
        end = std::max(end, moved(token.thoughtEnd, token.answerEnd));
        token.thoughtEnd = std::min(end, thought);
        token.answerEnd = end - token.thoughtEnd;
        token.part = token.answerEnd > 0 ? TextPart::Answer : TextPart::Reasoning;
    }
    // Whatever is new at the end came with the last token.
    const auto whole = clamped(now.thought.size() + now.answer.size());
    release(TextPart::Reasoning, thought - bytes(TextPart::Reasoning));
    release(TextPart::Answer, whole - thought - bytes(TextPart::Answer));
}

} // namespace ponder
