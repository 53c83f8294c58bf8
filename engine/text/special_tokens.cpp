#include "engine/text/special_tokens.h"

#include <algorithm>

namespace ponder {

SpecialTokens::SpecialTokens()
    : m_nodes(1)
    , m_first(256, -1)
{
}

std::int32_t SpecialTokens::childOf(std::int32_t node, char byte) const
{
    if (node == 0)
        return m_first[static_cast<unsigned char>(byte)];
    std::int32_t child = m_nodes[static_cast<std::size_t>(node)].child;
    while (child >= 0 && m_nodes[static_cast<std::size_t>(child)].byte != byte)
        child = m_nodes[static_cast<std::size_t>(child)].sibling;
    return child;
}

void SpecialTokens::add(std::string_view text, std::int32_t id)
{
    if (text.empty() || text.size() > kLongest)
        return;
    std::int32_t node = 0;
    for (const char byte : text) {
        std::int32_t child = childOf(node, byte);
        if (child < 0) {
            child = static_cast<std::int32_t>(m_nodes.size());
            Node& parent = m_nodes[static_cast<std::size_t>(node)];
            const std::int32_t sibling = parent.child;
            if (node == 0)
                m_first[static_cast<unsigned char>(byte)] = child;
            else
                parent.child = child;
            m_nodes.push_back({byte, -1, -1, node == 0 ? -1 : sibling});
        }
        node = child;
    }
    if (m_nodes[static_cast<std::size_t>(node)].id < 0)
        m_nodes[static_cast<std::size_t>(node)].id = id;
}

SpecialTokens::Match SpecialTokens::find(
    std::string_view text, std::size_t from, std::size_t limit) const
{
    limit = std::min(limit, text.size());
    for (std::size_t begin = from; begin < limit; ++begin) {
        Match longest;
        std::int32_t node = 0;
        for (std::size_t i = begin; i < limit; ++i) {
            node = childOf(node, text[i]);
            if (node < 0)
                break;
            if (m_nodes[static_cast<std::size_t>(node)].id >= 0)
                longest = {begin, i + 1, m_nodes[static_cast<std::size_t>(node)].id};
        }
        if (longest.id >= 0)
            return longest;
    }
    return {};
}

} // namespace ponder
