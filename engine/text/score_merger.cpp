#include "engine/text/score_merger.h"

#include <algorithm>

#include "engine/base/utf8.h"

namespace ponder {

namespace {

/// For a heap whose top is the highest score, and of equals the leftmost.
bool scoresLess(
    const ScoreMerger::Workspace::Candidate& a, const ScoreMerger::Workspace::Candidate& b)
{
    return a.score != b.score ? a.score < b.score : a.left > b.left;
}

} // namespace

ScoreMerger::ScoreMerger(std::span<const std::string_view> tokens, std::span<const float> scores,
    const std::vector<bool>& use)
    : m_scores(scores.begin(), scores.end())
{
    auto text = std::make_shared<std::string>();
    for (const std::string_view token : tokens)
        *text += token;
    m_text = text;
    m_ids.reserve(tokens.size());
    std::size_t begin = 0;
    for (std::size_t i = 0; i < tokens.size(); begin += tokens[i++].size()) {
        if (!use[i] || tokens[i].empty())
            continue;
        m_ids.emplace(
            std::string_view(*text).substr(begin, tokens[i].size()), static_cast<std::int32_t>(i));
        m_longest = std::max(m_longest, tokens[i].size());
    }
}

std::int32_t ScoreMerger::find(std::string_view piece) const
{
    const auto id = m_ids.find(piece);
    return id != m_ids.end() ? id->second : -1;
}

void ScoreMerger::offer(std::string_view text, Workspace& workspace, std::int32_t left) const
{
    if (left < 0)
        return;
    const Workspace::Node& node = workspace.nodes[static_cast<std::size_t>(left)];
    if (node.next < 0)
        return;
    const std::size_t length
        = std::size_t{node.length} + workspace.nodes[static_cast<std::size_t>(node.next)].length;
    if (length > m_longest)
        return;
    if (const std::int32_t id = find(text.substr(node.begin, length)); id >= 0) {
        workspace.heap.push_back({m_scores[static_cast<std::size_t>(id)], left, node.next,
            static_cast<std::uint32_t>(length)});
        std::push_heap(workspace.heap.begin(), workspace.heap.end(), scoresLess);
    }
}

void ScoreMerger::run(std::string_view text, Workspace& workspace) const
{
    auto& nodes = workspace.nodes;
    nodes.clear();
    workspace.heap.clear();
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = std::max<std::size_t>(utf8Length(text.substr(i)), 1);
        const auto index = static_cast<std::int32_t>(nodes.size());
        nodes.push_back({static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(length),
            index - 1, index + 1});
        i += length;
    }
    if (nodes.empty())
        return;
    nodes.back().next = -1;
    for (std::size_t i = 0; i + 1 < nodes.size(); ++i)
        offer(text, workspace, static_cast<std::int32_t>(i));

    while (!workspace.heap.empty()) {
        std::pop_heap(workspace.heap.begin(), workspace.heap.end(), scoresLess);
        const Workspace::Candidate candidate = workspace.heap.back();
        workspace.heap.pop_back();
        auto& left = nodes[static_cast<std::size_t>(candidate.left)];
        auto& right = nodes[static_cast<std::size_t>(candidate.right)];
        if (left.length == 0 || right.length == 0 || left.length + right.length != candidate.length)
            continue; // one of the two has been merged since
        left.length += right.length;
        right.length = 0;
        left.next = right.next;
        if (right.next >= 0)
            nodes[static_cast<std::size_t>(right.next)].previous = candidate.left;
        offer(text, workspace, left.previous);
        offer(text, workspace, candidate.left);
    }
}

} // namespace ponder
