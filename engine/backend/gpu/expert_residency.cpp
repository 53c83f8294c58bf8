#include "engine/backend/gpu/expert_residency.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace ponder {
namespace {

/// Who comes must be used so much more than who leaves, so that equals do not take turns.
constexpr double kFactor = 1.25;
constexpr double kMargin = 1; // uses of now
constexpr double kMaxWeight = 1e100;
constexpr double kMaxHalvings = 64; // at once; nothing is left after so many

} // namespace

ExpertResidency::ExpertResidency(
    const std::vector<LayerShape>& layers, std::span<const std::size_t> slots)
    : m_shapes(layers)
{
    for (const LayerShape& layer : layers)
        m_layers.emplace_back(layer.pool == kNoPool ? 0 : layer.experts);
    for (const std::size_t count : slots) {
        auto& free = m_free.emplace_back();
        for (std::size_t i = count; i-- > 0;)
            free.push_back(static_cast<std::uint32_t>(i));
    }
}

void ExpertResidency::pass(std::size_t tokens)
{
    m_weight *= std::exp2(std::min(static_cast<double>(tokens) / kHalfLife, kMaxHalvings));
    if (m_weight < kMaxWeight)
        return;
    const double weight = std::exchange(m_weight, 1.0);
    for (auto& layer : m_layers)
        for (Entry& e : layer)
            e.uses /= weight;
}

void ExpertResidency::use(std::size_t layer, std::span<const std::int32_t> experts)
{
    auto& entries = m_layers[layer];
    for (const std::int32_t id : experts) {
        if (id >= 0 && static_cast<std::size_t>(id) < entries.size())
            entries[static_cast<std::size_t>(id)].uses += m_weight;
    }
}

std::optional<ExpertResidency::Move> ExpertResidency::next()
{
    std::optional<Move> best;
    double gain = 0;
    for (std::size_t pool = 0; pool < m_free.size(); ++pool) {
        std::optional<Expert> comes;
        std::optional<Expert> leaves;
        for (std::size_t layer = 0; layer < m_layers.size(); ++layer) {
            if (m_shapes[layer].pool != pool)
                continue;
            for (std::size_t i = 0; i < m_layers[layer].size(); ++i) {
                const Entry& e = m_layers[layer][i];
                const Expert here{layer, i};
                if (e.state == State::Away && (!comes || e.uses > at(*comes).uses))
                    comes = here;
                else if (e.state == State::Resident && (!leaves || e.uses < at(*leaves).uses))
                    leaves = here;
            }
        }
        if (!comes || at(*comes).uses <= 0)
            continue;
        const double uses = at(*comes).uses;
        if (!m_free[pool].empty()) {
            if (uses > gain) {
                gain = uses;
                best = Move{*comes, std::nullopt, pool, m_free[pool].back()};
            }
        } else if (leaves) {
            const double less = at(*leaves).uses;
            if (uses > kFactor * less + kMargin * m_weight && uses - less > gain) {
                gain = uses - less;
                best = Move{*comes, leaves, pool, at(*leaves).slot};
            }
        }
    }
    if (!best)
        return best;
    at(best->comes).state = State::Coming;
    if (best->leaves)
        at(*best->leaves).state = State::Leaving;
    else
        m_free[best->pool].pop_back();
    return best;
}

void ExpertResidency::leaves(const Move& move)
{
    if (!move.leaves)
        return;
    Entry& e = at(*move.leaves);
    e.state = State::Away;
    e.slot = kNoSlot;
    --m_residents;
}

void ExpertResidency::arrived(const Move& move)
{
    Entry& e = at(move.comes);
    e.state = State::Resident;
    e.slot = move.slot;
    ++m_residents;
}

bool ExpertResidency::isResident(std::size_t layer, std::size_t expert) const
{
    return slotOf(layer, expert) != kNoSlot;
}

std::uint32_t ExpertResidency::slotOf(std::size_t layer, std::size_t expert) const
{
    return expert < m_layers[layer].size() ? m_layers[layer][expert].slot : kNoSlot;
}

} // namespace ponder
