#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ponder {

/// SentencePiece's merging: of all neighbours that together are a token, those of the highest score first, the
/// leftmost of equals.
///
/// Immutable after it is made; any number of threads may use one, each with a Workspace of its own.
class ScoreMerger {
public:
    struct Workspace {
        struct Node {
            std::uint32_t begin; ///< in the text
            std::uint32_t length; ///< 0: merged into its left neighbour
            std::int32_t previous;
            std::int32_t next;
        };
        struct Candidate {
            float score;
            std::int32_t left; ///< node
            std::int32_t right;
            std::uint32_t length; ///< of both together, when it was offered
        };
        std::vector<Node> nodes;
        std::vector<Candidate> heap;
    };

    ScoreMerger() = default;
    /// scores: [tokens], no NaN. Tokens with use[i] false are never made.
    ScoreMerger(std::span<const std::string_view> tokens, std::span<const float> scores,
        const std::vector<bool>& use);

    /// Calls visit(piece, id) for what is left of text (valid UTF-8, below 4 GiB) in order; id -1: a character
    /// that is no token. n log n in its length.
    template <typename Visit>
    void merge(std::string_view text, Workspace& workspace, Visit&& visit) const
    {
        run(text, workspace);
        for (std::int32_t i = workspace.nodes.empty() ? -1 : 0; i >= 0;
            i = workspace.nodes[static_cast<std::size_t>(i)].next) {
            const Workspace::Node& node = workspace.nodes[static_cast<std::size_t>(i)];
            const std::string_view piece = text.substr(node.begin, node.length);
            visit(piece, find(piece));
        }
    }

private:
    void run(std::string_view text, Workspace& workspace) const;
    void offer(std::string_view text, Workspace& workspace, std::int32_t left) const;
    [[nodiscard]] std::int32_t find(std::string_view piece) const;

    std::shared_ptr<const std::string> m_text; ///< of all tokens, which m_ids refers to
    std::unordered_map<std::string_view, std::int32_t> m_ids;
    std::vector<float> m_scores;
    std::size_t m_longest = 0; ///< bytes
};

} // namespace ponder
