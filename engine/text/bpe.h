#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ponder {

/// Byte-pair merging over symbol ids. Symbols are the vocabulary's token ids and, past these, strings that only
/// merges name.
///
/// Immutable after it is made; any number of threads may use one, each with a Workspace of its own.
class Bpe {
public:
    /// Scratch memory, to be used again and again by one thread.
    struct Workspace {
        struct Node {
            std::int32_t symbol; ///< -1: merged into its left neighbour
            std::int32_t previous;
            std::int32_t next;
        };
        struct Candidate {
            std::uint32_t rank;
            std::int32_t left; ///< node
            std::int32_t leftSymbol;
            std::int32_t rightSymbol;
            std::int32_t result;
        };
        std::vector<Node> nodes;
        std::vector<Candidate> heap;
    };

    using Pair = std::pair<std::string_view, std::string_view>;

    Bpe() = default;
    /// tokens: the vocabulary as its file spells it; merges: best first.
    Bpe(std::span<const std::string_view> tokens, std::span<const Pair> merges);

    /// Merges `symbols` in place as far as it goes: the pair of the lowest rank first, the leftmost of
    /// equals. n log n in their number.
    void merge(std::vector<std::int32_t>& symbols, Workspace& workspace) const;

    /// Spelling of a symbol past the vocabulary: symbol - vocabulary size.
    [[nodiscard]] std::string_view extraSymbol(std::size_t index) const { return m_extra[index]; }

private:
    struct Slot {
        std::uint64_t pair = kEmpty; ///< left symbol << 32 | right symbol
        std::uint32_t rank = 0;
        std::int32_t result = -1;
    };
    static constexpr std::uint64_t kEmpty = ~std::uint64_t{0};

    [[nodiscard]] const Slot* find(std::int32_t left, std::int32_t right) const;
    void insert(std::uint64_t pair, std::uint32_t rank, std::int32_t result);
    [[nodiscard]] std::size_t firstSlot(std::uint64_t pair) const;
    void offer(Workspace& workspace, std::int32_t left) const;

    std::vector<Slot> m_slots; ///< open addressing, a power of two, at most half full
    int m_shift = 0;
    std::deque<std::string> m_extra; ///< never moves its strings
};

} // namespace ponder
