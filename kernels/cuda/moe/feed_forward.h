#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cuda/matmul/product.h"
#include "kernels/cuda/matmul/work.h"
#include "kernels/cuda/router/router.h"
#include "kernels/types/activation.h"
#include "kernels/types/views.h"

namespace ponder::kernels::cuda {

/// The weights of a layer's experts, or of one dense feed-forward (count 1), on the device.
/// gate, up and down may each have a type of their own.
struct DeviceExperts {
    WeightStack gate, up; ///< [experts, ff, d]
    WeightStack down; ///< [experts, d, ff]
    const float* gateBias = nullptr; ///< [experts, ff], device, or nullptr
    const float* upBias = nullptr; ///< [experts, ff], device, or nullptr
    const float* downBias = nullptr; ///< [experts, d], device, or nullptr
    Activation activation = {};
};

inline constexpr std::size_t kMaxUsedExperts = 32; ///< of one token

/// A layer's feed-forward:
/// out[t] += shared(x[t]) + sum over k of weights[t, k] * expert(ids[t, k])(x[t]), x after the norm.
/// A dense layer is `shared` alone. Views and memory: as for product(). Up to kMaxDecodeTokens
/// tokens take two launches (gate, up and activation; down and sum), and each chosen expert is read once
/// however many of the tokens chose it; more tokens are grouped by expert on the device.
struct FeedForwardArgs {
    ConstFloatRows x; ///< [tokens, d]
    InputNorm norm; ///< of x
    FloatRows out; ///< [tokens, d]; may be x
    const DeviceExperts* shared
        = nullptr; ///< for every token; nullptr: none. Read during the call only
    const DeviceExperts* routed = nullptr; ///< nullptr: none. Read during the call only
    /// [tokens, used], device: an id outside [0, experts), or an expert in whose places (where there
    /// are such) a matrix's data is nullptr, adds nothing: it is computed elsewhere.
    const std::int32_t* ids = nullptr;
    const float* weights = nullptr; ///< [tokens, used], device
    std::size_t used = 0; ///< at most kMaxUsedExperts
    /// What has still to choose them, for the same tokens: writes ids and weights, with the same bits as
    /// route(); for one token in the first launch. nullptr: they are there.
    const RouterStep* route = nullptr;
};

/// Bytes of work.memory that feedForward() needs; only shapes and types of args are looked at.
/// Fewer tokens never need more.
[[nodiscard]] std::size_t feedForwardMemory(const FeedForwardArgs& args);
Status feedForward(const Work& work, const FeedForwardArgs& args);

} // namespace ponder::kernels::cuda
