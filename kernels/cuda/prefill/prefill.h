#pragma once

#include <cstddef>

#include "kernels/cuda/matmul/product.h"
#include "kernels/cuda/moe/feed_forward.h"

// Products and feed-forwards of more than kMaxDecodeTokens tokens. Called by product(), headProduct()
// and feedForward(), which checked the shapes.

namespace ponder::kernels::cuda {

[[nodiscard]] std::size_t prefillFeedForwardMemory(const FeedForwardArgs& args);
Status prefillFeedForward(const Work& work, const FeedForwardArgs& args);

/// Whether prefillFeedForward() has kernels for it: not for a gate of plain numbers beside a quantised up.
[[nodiscard]] bool canPrefill(const FeedForwardArgs& args);

} // namespace ponder::kernels::cuda
