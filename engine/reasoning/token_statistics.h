#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/reasoning/analysis.h"

namespace ponder {

/// One token of an answer: what the model chose, how sure it was, and which text that gave.
struct TokenStatistic {
    static constexpr int kMaxAlternatives = 5;

    struct Alternative {
        std::int32_t id = -1;
        float logprob = 0;
    };

    std::int32_t id = -1;
    TextPart part = TextPart::Answer; ///< where the token belongs; a tag belongs to the thought
    bool isTag = false; ///< the token is a tag, which no text shows

    /// Nats, at most 0. Where the token is one of its alternatives, push() puts their number here.
    float logprob = 0;
    float entropy = 0; ///< nats
    std::uint32_t milliseconds = 0; ///< since the question; never less than the token's before it

    /// Best first. The token may be among them.
    std::array<Alternative, kMaxAlternatives> alternatives{};
    std::uint8_t alternativeCount = 0;

    /// Bytes of the thought, and of the answer, that were released when this token was. TokenStatistics sets them.
    std::uint32_t thoughtEnd = 0;
    std::uint32_t answerEnd = 0;

    [[nodiscard]] std::uint32_t end(TextPart of) const
    {
        return of == TextPart::Reasoning ? thoughtEnd : answerEnd;
    }
};

/// The two texts of an answer.
struct AnswerTexts {
    std::string_view thought;
    std::string_view answer;
};

/// The token that released the byte at `offset` of a text; none where no token did. Takes logarithmic time.
/// `before`: TokenStatistics::bytesBefore() of that text.
[[nodiscard]] std::optional<std::size_t> tokenAt(std::span<const TokenStatistic> tokens,
    TextPart part, std::size_t offset, std::size_t before = 0);

/// What is kept of each token of one answer, with the text of every token that occurs, so that an old conversation can
/// be inspected without its model. encode() gives format version 1, which docs/architecture.md describes.
///
/// Text may come later than its token. It counts for the token that released it.
class TokenStatistics {
public:
    /// Fails with UnsupportedFormat on an unknown version, with FileTruncated or FileCorrupt on bytes that encode()
    /// cannot have made. Takes any bytes; memory grows with their number only.
    [[nodiscard]] static Result<TokenStatistics> decode(std::string_view bytes);

    /// Log-probabilities and entropies are rounded: by at most 1/2048 nat below 1 nat, and at most 1/1024 of the number
    /// above it. What is beyond 64 nats becomes 64.
    [[nodiscard]] std::string encode() const;

    /// The bytes of one token of the vocabulary, perhaps a part of a character. The first text of an id stays.
    void addText(std::int32_t id, std::string_view bytes);

    /// The next token. Its text comes with release().
    void push(TokenStatistic token);

    /// Text that came with the last token. Before the first token it is text that no token of these released.
    void release(TextPart part, std::size_t bytes);

    /// Another generation goes on from these texts. What was cut off them, white space at an end, is cut off here.
    /// Times go on from the last token's.
    void goOn(std::size_t thoughtBytes, std::size_t answerBytes);

    /// Forgets the tokens of the answer, and of the thought all from the first that released a byte after the first
    /// `bytes`: another generation goes on from there.
    void keepThought(std::size_t bytes);

    /// The whole answer was told anew: the same tokens, and nearly the same text, divided in another way between thought
    /// and answer. Every token keeps the text that it released, wherever that stands now.
    void retell(const AnswerTexts& before, const AnswerTexts& now);

    [[nodiscard]] std::span<const TokenStatistic> tokens() const { return m_tokens; }
    /// Empty for a token that does not occur.
    [[nodiscard]] std::string_view textOf(std::int32_t id) const;
    [[nodiscard]] const std::map<std::int32_t, std::string>& texts() const { return m_texts; }
    /// Bytes at the beginning of a text that no token of these released.
    [[nodiscard]] std::uint32_t bytesBefore(TextPart part) const
    {
        return part == TextPart::Reasoning ? m_thoughtBefore : m_answerBefore;
    }
    /// Bytes of a text.
    [[nodiscard]] std::uint32_t bytes(TextPart part) const
    {
        return m_tokens.empty() ? bytesBefore(part) : m_tokens.back().end(part);
    }
    [[nodiscard]] std::optional<std::size_t> tokenAt(TextPart part, std::size_t offset) const
    {
        return ponder::tokenAt(m_tokens, part, offset, bytesBefore(part));
    }

private:
    friend class TokenStatisticsReader;

    std::vector<TokenStatistic> m_tokens;
    std::map<std::int32_t, std::string>
        m_texts; ///< a tree, since ids from hostile bytes cannot slow it down
    std::uint32_t m_thoughtBefore = 0;
    std::uint32_t m_answerBefore = 0;
    std::uint32_t m_millisecondsBefore = 0; ///< of the generations before this one
};

} // namespace ponder
