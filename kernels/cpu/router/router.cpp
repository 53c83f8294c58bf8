#include "kernels/cpu/router/router.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ponder::kernels {
namespace {

constexpr float kNever = -std::numeric_limits<float>::infinity();

/// The score of a group of experts.
float groupScore(RouterRule::GroupScore by, std::span<const float> scores)
{
    float best = kNever;
    float second = kNever;
    for (const float s : scores) {
        if (s > best) {
            second = best;
            best = s;
        } else if (s > second) {
            second = s;
        }
    }
    return by == RouterRule::GroupScore::TwoBest ? best + second : best;
}

/// Sets the selection of every expert outside the best groups to kNever.
void keepBestGroups(const RouterRule& r, std::span<float> selection)
{
    const std::size_t size = r.experts / r.groups;
    for (std::uint32_t dropped = r.groups - r.groupsUsed; dropped > 0; --dropped) {
        std::size_t worst = r.groups;
        float worstScore = 0;
        for (std::size_t g = 0; g < r.groups; ++g) {
            const auto group = selection.subspan(g * size, size);
            if (group[0] == kNever)
                continue; // dropped before
            const float score = groupScore(r.groupScore, group);
            if (worst == r.groups || score <= worstScore) { // of equals the lower group stays
                worst = g;
                worstScore = score;
            }
        }
        if (worst < r.groups)
            std::ranges::fill(selection.subspan(worst * size, size), kNever);
    }
}

} // namespace

void chooseExperts(const RouterRule& rule, std::span<const float> scores,
    std::span<const float> bias, std::span<float> selection, std::span<std::int32_t> experts,
    std::span<float> weights)
{
    constexpr float kLowest = std::numeric_limits<float>::lowest();
    for (std::size_t i = 0; i < scores.size(); ++i) {
        const float s = bias.empty() ? scores[i] : scores[i] + bias[i];
        selection[i] = s > kLowest ? s : kLowest; // NaN sorts last but stays selectable
    }
    if (rule.groupsUsed < rule.groups)
        keepBestGroups(rule, selection);
    float sum = 0;
    for (std::size_t k = 0; k < rule.used; ++k) {
        const auto best = std::ranges::max_element(selection) - selection.begin();
        experts[k] = static_cast<std::int32_t>(best);
        weights[k] = scores[static_cast<std::size_t>(best)];
        selection[static_cast<std::size_t>(best)] = kNever;
        sum += weights[k];
    }
    if (rule.score == RouterRule::Score::SoftmaxOfChosen) {
        const float largest = *std::ranges::max_element(weights);
        sum = 0;
        for (float& w : weights) {
            w = std::exp(w - largest);
            sum += w;
        }
        for (float& w : weights)
            w *= rule.scale / sum;
        return;
    }
    const float factor = rule.scale / (rule.normalise ? sum + 1e-20F : 1.0F);
    for (float& w : weights)
        w *= factor;
}

} // namespace ponder::kernels
