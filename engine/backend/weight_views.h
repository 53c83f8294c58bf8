#pragma once

#include "engine/model/network.h"
#include "kernels/cpu/moe/feed_forward.h"
#include "kernels/types/views.h"

namespace ponder {

/// A matrix of the model as the processor's kernels take it. Reading a network has checked that its type is
/// supported.
[[nodiscard]] kernels::WeightView weightView(const WeightMatrix& m);
[[nodiscard]] kernels::WeightStack weightStack(const WeightMatrix& m);

/// Only `count` rows of each matrix of a stack, from row `first` on.
[[nodiscard]] kernels::WeightStack weightStack(
    const WeightMatrix& m, std::size_t first, std::size_t count);

/// The weights of a feed-forward, in place; `f` must outlive what is returned.
[[nodiscard]] kernels::ExpertWeights expertWeights(const DenseFeedForward& f);
[[nodiscard]] kernels::ExpertWeights expertWeights(const MoeFeedForward& f);

} // namespace ponder
