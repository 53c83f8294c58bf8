#include "engine/text/bpe.h"

#include <algorithm>
#include <bit>
#include <unordered_map>

namespace ponder {

namespace {

std::uint64_t pairOf(std::int32_t left, std::int32_t right)
{
    return std::uint64_t{static_cast<std::uint32_t>(left)} << 32
        | static_cast<std::uint32_t>(right);
}

/// For a heap whose top is the lowest rank, and of equals the leftmost.
bool comesLater(const Bpe::Workspace::Candidate& a, const Bpe::Workspace::Candidate& b)
{
    return a.rank != b.rank ? a.rank > b.rank : a.left > b.left;
}

} // namespace

Bpe::Bpe(std::span<const std::string_view> tokens, std::span<const Pair> merges)
{
    std::unordered_map<std::string_view, std::int32_t> symbolOf;
    symbolOf.reserve(tokens.size() * 2);
    for (std::size_t i = 0; i < tokens.size(); ++i)
        symbolOf.emplace(tokens[i], static_cast<std::int32_t>(i));

    const std::size_t slots = std::bit_ceil(std::max<std::size_t>(16, merges.size() * 2));
    m_slots.resize(slots);
    m_shift = 64 - std::countr_zero(slots);

    const auto symbol = [&](std::string_view spelling) {
        if (const auto known = symbolOf.find(spelling); known != symbolOf.end())
            return known->second;
        const auto id = static_cast<std::int32_t>(tokens.size() + m_extra.size());
        symbolOf.emplace(m_extra.emplace_back(spelling), id);
        return id;
    };
    std::string product;
    for (std::size_t rank = 0; rank < merges.size(); ++rank) {
        const auto [left, right] = merges[rank];
        product.assign(left).append(right);
        const std::int32_t leftSymbol = symbol(left);
        const std::int32_t rightSymbol = symbol(right);
        insert(pairOf(leftSymbol, rightSymbol), static_cast<std::uint32_t>(rank), symbol(product));
    }
}

std::size_t Bpe::firstSlot(std::uint64_t pair) const
{
    return static_cast<std::size_t>((pair * 0x9E3779B97F4A7C15u) >> m_shift);
}

void Bpe::insert(std::uint64_t pair, std::uint32_t rank, std::int32_t result)
{
    std::size_t i = firstSlot(pair);
    while (m_slots[i].pair != kEmpty) {
        if (m_slots[i].pair == pair)
            return; // the earlier merge holds
        i = (i + 1) & (m_slots.size() - 1);
    }
    m_slots[i] = {pair, rank, result};
}

const Bpe::Slot* Bpe::find(std::int32_t left, std::int32_t right) const
{
    const std::uint64_t pair = pairOf(left, right);
    std::size_t i = firstSlot(pair);
    while (m_slots[i].pair != kEmpty) {
        if (m_slots[i].pair == pair)
            return &m_slots[i];
        i = (i + 1) & (m_slots.size() - 1);
    }
    return nullptr;
}

void Bpe::offer(Workspace& workspace, std::int32_t left) const
{
    const std::int32_t right = left < 0 ? -1 : workspace.nodes[static_cast<std::size_t>(left)].next;
    if (right < 0)
        return;
    const std::int32_t leftSymbol = workspace.nodes[static_cast<std::size_t>(left)].symbol;
    const std::int32_t rightSymbol = workspace.nodes[static_cast<std::size_t>(right)].symbol;
    if (const Slot* slot = find(leftSymbol, rightSymbol)) {
        workspace.heap.push_back({slot->rank, left, leftSymbol, rightSymbol, slot->result});
        std::push_heap(workspace.heap.begin(), workspace.heap.end(), comesLater);
    }
}

void Bpe::merge(std::vector<std::int32_t>& symbols, Workspace& workspace) const
{
    if (symbols.size() < 2)
        return;
    auto& nodes = workspace.nodes;
    nodes.clear();
    workspace.heap.clear();
    const auto count = static_cast<std::int32_t>(symbols.size());
    for (std::int32_t i = 0; i < count; ++i)
        nodes.push_back({symbols[static_cast<std::size_t>(i)], i - 1, i + 1 < count ? i + 1 : -1});
    for (std::int32_t i = 0; i + 1 < count; ++i)
        offer(workspace, i);

    while (!workspace.heap.empty()) {
        std::pop_heap(workspace.heap.begin(), workspace.heap.end(), comesLater);
        const Workspace::Candidate candidate = workspace.heap.back();
        workspace.heap.pop_back();
        auto& left = nodes[static_cast<std::size_t>(candidate.left)];
        if (left.symbol != candidate.leftSymbol || left.next < 0
            || nodes[static_cast<std::size_t>(left.next)].symbol != candidate.rightSymbol)
            continue; // one of the two has been merged since
        auto& right = nodes[static_cast<std::size_t>(left.next)];
        left.symbol = candidate.result;
        right.symbol = -1;
        left.next = right.next;
        if (right.next >= 0)
            nodes[static_cast<std::size_t>(right.next)].previous = candidate.left;
        offer(workspace, left.previous);
        offer(workspace, candidate.left);
    }

    symbols.clear();
    for (std::int32_t i = 0; i >= 0; i = nodes[static_cast<std::size_t>(i)].next)
        symbols.push_back(nodes[static_cast<std::size_t>(i)].symbol);
}

} // namespace ponder
