#pragma once

#include "engine/model/network.h"
#include "kernels/cpu/views.h"

namespace ponder {

/// A matrix of the model as the processor's kernels take it. Precondition: isComputable(m.type),
/// which reading a network checks.
[[nodiscard]] kernels::WeightView weightView(const WeightMatrix& m);
[[nodiscard]] kernels::WeightStack weightStack(const WeightMatrix& m);

/// Only `count` rows of each matrix of a stack, from row `first` on.
[[nodiscard]] kernels::WeightStack weightStack(
    const WeightMatrix& m, std::size_t first, std::size_t count);

} // namespace ponder
