#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "engine/reasoning/token_statistics.h"
#include "engine/reasoning/token_statistics_layout.h"

namespace ponder {

using namespace statistics_layout;

namespace {

void putVarint(std::string& out, std::uint32_t value)
{
    for (; value >= 0x80; value >>= 7U)
        out.push_back(static_cast<char>(value | 0x80U));
    out.push_back(static_cast<char>(value));
}

/// The lowest bytes of all values, then the next ones: the high ones are nearly all alike, which compresses well.
template <typename T>
void putPlanes(std::string& out, const std::vector<T>& values, std::size_t bytes)
{
    for (std::size_t byte = 0; byte < bytes; ++byte) {
        for (const T value : values)
            out.push_back(static_cast<char>(static_cast<std::uint32_t>(value) >> (8 * byte)));
    }
}

std::size_t rankOf(const TokenStatistic& token)
{
    for (std::size_t rank = 0; rank < token.alternativeCount; ++rank) {
        if (token.alternatives[rank].id == token.id)
            return rank;
    }
    return kNotAmong;
}

/// The most frequent texts get the smallest indices, which compresses well.
std::vector<std::int32_t> idsByFrequency(
    std::span<const TokenStatistic> tokens, const std::map<std::int32_t, std::string>& texts)
{
    std::unordered_map<std::int32_t, std::uint32_t> counts;
    for (const TokenStatistic& token : tokens) {
        if (rankOf(token) == kNotAmong)
            ++counts[token.id];
        for (std::size_t i = 0; i < token.alternativeCount; ++i)
            ++counts[token.alternatives[i].id];
    }
    std::vector<std::int32_t> ids;
    ids.reserve(texts.size());
    for (const auto& [id, text] : texts)
        ids.push_back(id);
    std::ranges::stable_sort(
        ids, [&](std::int32_t a, std::int32_t b) { return counts[a] > counts[b]; });
    return ids;
}

struct Column {
    std::vector<std::uint32_t> indices;
    std::vector<std::uint16_t> levels;
};

} // namespace

std::string TokenStatistics::encode() const
{
    const std::vector<std::int32_t> ids = idsByFrequency(m_tokens, m_texts);
    std::unordered_map<std::int32_t, std::uint32_t> indices;
    for (std::size_t i = 0; i < ids.size(); ++i)
        indices.emplace(ids[i], static_cast<std::uint32_t>(i));

    std::string out(1, static_cast<char>(kVersion));
    putVarint(out, static_cast<std::uint32_t>(m_tokens.size()));
    putVarint(out, static_cast<std::uint32_t>(ids.size()));
    putVarint(out, m_thoughtBefore);
    putVarint(out, m_answerBefore);

    Column others;
    std::array<Column, TokenStatistic::kMaxAlternatives> alternatives;
    std::vector<std::uint16_t> entropies;
    for (const TokenStatistic& token : m_tokens) {
        const std::size_t rank = rankOf(token);
        out.push_back(static_cast<char>(rank | token.alternativeCount * 8U
            | (token.part == TextPart::Answer ? kAnswer : 0U) | (token.isTag ? kTag : 0U)));
        if (rank == kNotAmong) {
            others.indices.push_back(indices.at(token.id));
            others.levels.push_back(levelOf(token.logprob));
        }
        std::uint16_t before = 0;
        for (std::size_t i = 0; i < token.alternativeCount; ++i) {
            const std::uint16_t level = levelOf(token.alternatives[i].logprob);
            alternatives[i].indices.push_back(indices.at(token.alternatives[i].id));
            alternatives[i].levels.push_back(static_cast<std::uint16_t>(level - before));
            before = level;
        }
        entropies.push_back(levelOf(token.entropy));
    }
    const auto putColumn = [&](const Column& column) {
        putPlanes(out, column.indices, indexBytes(ids.size()));
        putPlanes(out, column.levels, 2);
    };
    putColumn(others);
    for (const Column& column : alternatives)
        putColumn(column);
    putPlanes(out, entropies, 2);

    const auto putGrowth = [&](auto member, std::uint32_t before) {
        for (const TokenStatistic& token : m_tokens) {
            putVarint(out, token.*member - before);
            before = token.*member;
        }
    };
    putGrowth(&TokenStatistic::milliseconds, 0);
    putGrowth(&TokenStatistic::thoughtEnd, m_thoughtBefore);
    putGrowth(&TokenStatistic::answerEnd, m_answerBefore);

    putPlanes(out, ids, 4);
    for (const std::int32_t id : ids)
        putVarint(out, static_cast<std::uint32_t>(m_texts.at(id).size()));
    for (const std::int32_t id : ids)
        out += m_texts.at(id);
    return out;
}

} // namespace ponder
