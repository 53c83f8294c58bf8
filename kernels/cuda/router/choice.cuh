#pragma once

#include "kernels/cuda/device/numbers.h"
#include "kernels/cuda/device/ordered.h"
#include "kernels/cuda/device/warp.h"
#include "kernels/cuda/router/router.h"

namespace ponder::kernels::cuda {

/// The choice of a token: a warp. Expert e is number e / 32 of lane e % 32, all in registers; there may be
/// up to 32 * kPerLane.
template <unsigned kPerLane> class Choice {
public:
    __device__ Choice(const RouterStep& p, unsigned token)
        : m_p(p)
        , m_token(token)
        , m_lane(threadIdx.x % kWarpSize)
    {
    }

    __device__ void score()
    {
        const float* logits = m_p.logits.data + m_token * m_p.logits.stride;
        float largest = -kInfinity;
        PONDER_UNROLL
        for (unsigned j = 0; j < kPerLane; ++j) {
            const unsigned e = expert(j);
            m_scores[j] = -kInfinity;
            if (e < m_p.rule.experts)
                m_scores[j] = m_p.logitBias == nullptr ? logits[e] : logits[e] + m_p.logitBias[e];
            largest = m_scores[j] > largest ? m_scores[j] : largest;
        }
        if (m_p.rule.score == RouterRule::Score::Softmax)
            softmax(warpMax(largest));
        PONDER_UNROLL
        for (unsigned j = 0; j < kPerLane; ++j) {
            const unsigned e = expert(j);
            if (m_p.rule.score == RouterRule::Score::Sigmoid)
                m_scores[j] = 1.0f / (1.0f + expf(-m_scores[j]));
            m_selection[j] = -kInfinity;
            if (e < m_p.rule.experts) {
                const float s = m_p.selectionBias == nullptr ? m_scores[j]
                                                             : m_scores[j] + m_p.selectionBias[e];
                m_selection[j] = s > kLowest ? s : kLowest; // no number: possible, but last
            }
        }
    }

    // Rules out every expert that is not in one of the best groups. shared: [experts]
    __device__ void keepBestGroups(float* shared)
    {
        const unsigned groups = m_p.rule.groups;
        const unsigned size = m_p.rule.experts / groups;
        PONDER_UNROLL
        for (unsigned j = 0; j < kPerLane; ++j) {
            if (expert(j) < m_p.rule.experts)
                shared[expert(j)] = m_selection[j];
        }
        __syncwarp();
        float best = -kInfinity;
        float second = -kInfinity;
        for (unsigned i = 0; m_lane < groups && i < size; ++i) {
            // Lanes start at different places, which lie in different banks.
            const float s = shared[m_lane * size + (i + m_lane) % size];
            second = s > best ? best : s > second ? s : second;
            best = s > best ? s : best;
        }
        const float worth
            = m_p.rule.groupScore == RouterRule::GroupScore::TwoBest ? best + second : best;
        unsigned better = 0; // groups that go before this lane's
        for (unsigned g = 0; g < groups; ++g) {
            const float other = __shfl_sync(kAllLanes, worth, static_cast<int>(g));
            better += other > worth || (other == worth && g < m_lane) ? 1 : 0;
        }
        const unsigned kept
            = __ballot_sync(kAllLanes, m_lane < groups && better < m_p.rule.groupsUsed ? 1 : 0);
        PONDER_UNROLL
        for (unsigned j = 0; j < kPerLane; ++j) {
            if (expert(j) < m_p.rule.experts && (kept >> (expert(j) / size) & 1U) == 0)
                m_selection[j] = -kInfinity;
        }
    }

    /// Writes the chosen experts and their weights, [used] each.
    __device__ void choose(std::int32_t* experts, float* weights)
    {
        int chosen = 0; // lane k: the k-th
        float weight = 0;
        float sum = 0;
        for (unsigned k = 0; k < m_p.rule.used; ++k) {
            unsigned long long best = 0;
            PONDER_UNROLL
            for (unsigned j = 0; j < kPerLane; ++j) {
                const auto key = orderedKey(m_selection[j], expert(j));
                best = key > best && expert(j) < m_p.rule.experts ? key : best;
            }
            const unsigned winner = indexOfKey(warpMax(best));
            float w = 0;
            PONDER_UNROLL
            for (unsigned j = 0; j < kPerLane; ++j) {
                if (expert(j) == winner) {
                    w = m_scores[j];
                    m_selection[j] = -kInfinity;
                }
            }
            w = __shfl_sync(kAllLanes, w, static_cast<int>(winner % kWarpSize));
            sum += w;
            if (m_lane == k) {
                chosen = static_cast<int>(winner);
                weight = w;
            }
        }
        if (m_p.rule.score == RouterRule::Score::SoftmaxOfChosen) {
            const bool mine = m_lane < m_p.rule.used;
            const float largest = warpMax(mine ? weight : -kInfinity);
            weight = mine ? expf(weight - largest) : 0.0f;
            sum = warpSum(weight);
            weight *= m_p.rule.scale / sum;
        } else {
            weight *= m_p.rule.scale / (m_p.rule.normalise ? sum + 1e-20f : 1.0f);
        }
        if (m_lane < m_p.rule.used) {
            experts[m_lane] = chosen;
            weights[m_lane] = weight;
        }
    }

private:
    __device__ unsigned expert(unsigned j) const { return j * kWarpSize + m_lane; }

    __device__ void softmax(float largest)
    {
        float sum = 0;
        PONDER_UNROLL
        for (unsigned j = 0; j < kPerLane; ++j) {
            m_scores[j] = expert(j) < m_p.rule.experts ? expf(m_scores[j] - largest) : 0.0f;
            sum += m_scores[j];
        }
        const float inverse = 1.0f / warpSum(sum);
        PONDER_UNROLL
        for (unsigned j = 0; j < kPerLane; ++j)
            m_scores[j] *= inverse;
    }

    const RouterStep& m_p;
    unsigned m_token, m_lane;
    float m_scores[kPerLane];
    float m_selection[kPerLane];
};

/// All of it: one warp. shared: [32 * kPerLane]
template <unsigned kPerLane>
__device__ __forceinline__ void chooseExperts(
    const RouterStep& p, unsigned token, float* shared, std::int32_t* experts, float* weights)
{
    Choice<kPerLane> choice(p, token);
    choice.score();
    if (p.rule.groupsUsed < p.rule.groups)
        choice.keepBestGroups(shared);
    choice.choose(experts, weights);
}

} // namespace ponder::kernels::cuda
