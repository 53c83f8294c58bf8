#pragma once

#include <cstdint>
#include <span>

namespace ponder {

/// Experts chosen for one token, best first, and the weights of their results.
struct ExpertChoice {
    std::span<const std::int32_t> experts; // [used]
    std::span<const float> weights; // [used]
};

} // namespace ponder
