#pragma once

#include "engine/model/network.h"
#include "kernels/cpu/moe/feed_forward.h"
#include "kernels/cpu/rope/rope.h"

namespace ponder {

// A network's hyper-parameters in the kernels' words.

[[nodiscard]] const Rope& ropeOf(const Layer& layer);

/// `rope` must outlive what is returned.
[[nodiscard]] kernels::RopeParams ropeParams(const Rope& rope);
[[nodiscard]] kernels::RopeStyle ropeStyle(const Rope& rope);

[[nodiscard]] kernels::GatedUnit gatedUnit(const GatedUnit& unit);

/// The weights in place; `f` must outlive what is returned.
[[nodiscard]] kernels::ExpertWeights expertWeights(const DenseFeedForward& f);
[[nodiscard]] kernels::ExpertWeights expertWeights(const MoeFeedForward& f);

} // namespace ponder
