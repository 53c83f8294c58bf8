#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ponder {

/// Finds tokens that are written out in a text: at each place the longest, from left to right.
/// Immutable after the last add(); any number of threads may use one.
class SpecialTokens {
public:
    /// Tokens longer than this are never looked for: it bounds the time per byte of text.
    static constexpr std::size_t kLongest = 256;

    struct Match {
        std::size_t begin = std::string_view::npos; ///< npos: none
        std::size_t end = 0;
        std::int32_t id = -1;
    };

    SpecialTokens();
    void add(std::string_view text, std::int32_t id); ///< of equal texts the first counts

    /// The first token at or after `from` that ends at or before `limit`.
    [[nodiscard]] Match find(std::string_view text, std::size_t from, std::size_t limit) const;

private:
    /// A node of the trie. Children are a linked list: few branch.
    struct Node {
        char byte;
        std::int32_t id = -1;
        std::int32_t child = -1;
        std::int32_t sibling = -1;
    };
    [[nodiscard]] std::int32_t childOf(std::int32_t node, char byte) const;

    std::vector<Node> m_nodes; ///< the first is the root
    std::vector<std::int32_t> m_first; ///< [256] child of the root for each byte
};

} // namespace ponder
