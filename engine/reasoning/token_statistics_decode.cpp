#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "engine/reasoning/token_statistics.h"
#include "engine/reasoning/token_statistics_layout.h"

namespace ponder {

using namespace statistics_layout;

/// Reads what encode() writes, or any other bytes. A read that finds nothing right notes why and gives zeros; what it
/// allocates is no more than the bytes that are left can fill.
class TokenStatisticsReader {
public:
    explicit TokenStatisticsReader(std::string_view bytes)
        : m_bytes(bytes)
    {
    }

    Result<TokenStatistics> read()
    {
        if (m_bytes.empty())
            return fail(ErrorCode::FileTruncated, "The token statistics are empty.");
        const auto version = static_cast<unsigned char>(take(1).front());
        if (version != kVersion)
            return fail(ErrorCode::UnsupportedFormat,
                "The token statistics have format version " + std::to_string(version)
                    + ", which this version of Ponder does not know. A newer version may read "
                      "them.");
        readCounts();
        for (const auto step :
            {&TokenStatisticsReader::readHeads, &TokenStatisticsReader::readColumns,
                &TokenStatisticsReader::readGrowth, &TokenStatisticsReader::readTexts}) {
            if (!m_failed)
                (this->*step)();
        }
        if (!m_failed && !m_bytes.empty())
            refuse("bytes after the end");
        if (m_failed)
            return fail(m_code, "The token statistics of this answer cannot be read.", m_why);
        return std::move(m_result);
    }

private:
    using Tokens = std::vector<std::size_t>; ///< indices of those that a column has

    void refuse(const char* why, ErrorCode code = ErrorCode::FileCorrupt)
    {
        if (std::exchange(m_failed, true))
            return;
        m_code = code;
        m_why = why;
    }

    /// The next `count` bytes; empty where fewer are left.
    std::string_view take(std::uint64_t count)
    {
        if (count > m_bytes.size()) {
            refuse("truncated", ErrorCode::FileTruncated);
            return {};
        }
        const std::string_view taken = m_bytes.substr(0, static_cast<std::size_t>(count));
        m_bytes.remove_prefix(taken.size());
        return taken;
    }

    std::uint32_t varint()
    {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 35; shift += 7) {
            const std::string_view byte = take(1);
            if (byte.empty())
                return 0;
            const auto bits = static_cast<unsigned char>(byte.front());
            value |= static_cast<std::uint64_t>(bits & 0x7fU) << shift;
            if (bits < 0x80) {
                if (value > std::numeric_limits<std::uint32_t>::max() || (bits == 0 && shift > 0))
                    break;
                return static_cast<std::uint32_t>(value);
            }
        }
        refuse("a number that is not written as it should be");
        return 0;
    }

    /// Calls use(i, value) for `count` values of `bytes` bytes each.
    template <typename Use> void planes(std::size_t count, std::size_t bytes, const Use& use)
    {
        const std::string_view taken = take(static_cast<std::uint64_t>(count) * bytes);
        if (m_failed)
            return;
        for (std::size_t i = 0; i < count; ++i) {
            std::uint32_t value = 0;
            for (std::size_t byte = 0; byte < bytes; ++byte)
                value |= static_cast<std::uint32_t>(
                             static_cast<unsigned char>(taken[byte * count + i]))
                    << (8 * byte);
            use(i, value);
        }
    }

    void readCounts()
    {
        const std::uint64_t tokens = varint();
        m_textCount = varint();
        m_result.m_thoughtBefore = varint();
        m_result.m_answerBefore = varint();
        if (tokens * kMinTokenBytes + m_textCount * kMinTextBytes > m_bytes.size())
            return refuse("truncated", ErrorCode::FileTruncated);
        m_result.m_tokens.resize(static_cast<std::size_t>(tokens));
    }

    void readHeads()
    {
        auto& tokens = m_result.m_tokens;
        planes(tokens.size(), 1, [&](std::size_t i, std::uint32_t head) {
            const std::uint32_t rank = head & 7U;
            const std::uint32_t count = head >> 3U & 7U;
            if (count > TokenStatistic::kMaxAlternatives || (rank >= count && rank != kNotAmong))
                return refuse("a token with a rank that it cannot have");
            tokens[i].alternativeCount = static_cast<std::uint8_t>(count);
            tokens[i].part = (head & kAnswer) != 0 ? TextPart::Answer : TextPart::Reasoning;
            tokens[i].isTag = (head & kTag) != 0;
            m_ranks.push_back(static_cast<std::uint8_t>(rank));
            if (rank == kNotAmong)
                m_others.push_back(i);
        });
    }

    /// Indices of texts become ids only when readTexts() knows those.
    template <typename Use> void column(const Tokens& of, const Use& use)
    {
        planes(of.size(), indexBytes(m_textCount), [&](std::size_t i, std::uint32_t index) {
            if (index >= m_textCount)
                return refuse("a token that is not in the dictionary");
            use(m_result.m_tokens[of[i]]).id = static_cast<std::int32_t>(index);
        });
        planes(of.size(), 2, [&](std::size_t i, std::uint32_t level) {
            m_levels[of[i]] = static_cast<std::uint16_t>(m_levels[of[i]] + level);
            use(m_result.m_tokens[of[i]]).logprob = -nats(m_levels[of[i]]);
        });
    }

    float nats(std::uint32_t level)
    {
        if (level > kMaxLevel)
            refuse("a number that is too large");
        return natsOf(static_cast<std::uint16_t>(std::min<std::uint32_t>(level, kMaxLevel)));
    }

    void readColumns()
    {
        auto& tokens = m_result.m_tokens;
        m_levels.assign(tokens.size(), 0);
        column(m_others, [](TokenStatistic& token) -> TokenStatistic& { return token; });
        std::ranges::fill(m_levels, std::uint16_t(0));
        for (std::size_t rank = 0; rank < TokenStatistic::kMaxAlternatives && !m_failed; ++rank) {
            Tokens with;
            for (std::size_t i = 0; i < tokens.size(); ++i) {
                if (tokens[i].alternativeCount > rank)
                    with.push_back(i);
            }
            column(with, [rank](TokenStatistic& token) -> TokenStatistic::Alternative& {
                return token.alternatives[rank];
            });
        }
        planes(tokens.size(), 2,
            [&](std::size_t i, std::uint32_t level) { tokens[i].entropy = nats(level); });
        for (std::size_t i = 0; i < tokens.size() && !m_failed; ++i) {
            const auto among = std::span(tokens[i].alternatives).first(tokens[i].alternativeCount);
            if (m_ranks[i] != kNotAmong) {
                tokens[i].id = among[m_ranks[i]].id;
                tokens[i].logprob = among[m_ranks[i]].logprob;
            }
            const auto first
                = std::ranges::find(among, tokens[i].id, &TokenStatistic::Alternative::id);
            if (first - among.begin()
                != (m_ranks[i] == kNotAmong ? tokens[i].alternativeCount : m_ranks[i]))
                refuse("a token with a rank that it cannot have");
        }
    }

    void growth(std::uint32_t TokenStatistic::* member, std::uint32_t before)
    {
        std::uint64_t sum = before;
        for (TokenStatistic& token : m_result.m_tokens) {
            sum += varint();
            if (m_failed)
                return;
            if (sum > std::numeric_limits<std::uint32_t>::max())
                return refuse("a sum that is too large");
            token.*member = static_cast<std::uint32_t>(sum);
        }
    }

    void readGrowth()
    {
        growth(&TokenStatistic::milliseconds, 0);
        growth(&TokenStatistic::thoughtEnd, m_result.m_thoughtBefore);
        growth(&TokenStatistic::answerEnd, m_result.m_answerBefore);
    }

    void readTexts()
    {
        const auto count = static_cast<std::size_t>(m_textCount);
        if (count * kMinTextBytes > m_bytes.size())
            return refuse("truncated", ErrorCode::FileTruncated);
        std::vector<std::int32_t> ids(count);
        planes(count, 4,
            [&](std::size_t i, std::uint32_t id) { ids[i] = static_cast<std::int32_t>(id); });
        std::vector<std::uint32_t> sizes(count);
        for (std::uint32_t& size : sizes)
            size = varint();
        for (std::size_t i = 0; i < count && !m_failed; ++i) {
            if (!m_result.m_texts.emplace(ids[i], take(sizes[i])).second)
                refuse("a dictionary that has a token twice");
        }
        const auto named = [&](std::int32_t& id) { id = ids[static_cast<std::size_t>(id)]; };
        for (TokenStatistic& token : m_result.m_tokens) {
            if (m_failed)
                return;
            named(token.id);
            for (std::size_t i = 0; i < token.alternativeCount; ++i)
                named(token.alternatives[i].id);
        }
    }

    std::string_view m_bytes; ///< that are left
    TokenStatistics m_result;
    std::uint64_t m_textCount = 0;
    std::vector<std::uint8_t> m_ranks;
    Tokens m_others; ///< tokens that are none of their alternatives
    std::vector<std::uint16_t> m_levels; ///< of the column before, to which the next one adds
    bool m_failed = false;
    ErrorCode m_code = ErrorCode::FileCorrupt;
    std::string m_why;
};

Result<TokenStatistics> TokenStatistics::decode(std::string_view bytes)
{
    return TokenStatisticsReader(bytes).read();
}

} // namespace ponder
