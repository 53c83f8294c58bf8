#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/model/network.h"
#include "engine/plan/device_choice.h"
#include "engine/plan/gpu_cache.h"
#include "engine/plan/machine.h"

namespace ponder {

/// Where a layer's two halves run. Attention includes all weights that every token uses: norms, attention with its
/// cache, router, shared experts. Feed-forward: the routed experts, or a dense layer's.
struct LayerPlace {
    bool attentionOnGpu = false;
    bool feedForwardOnGpu = false; ///< never without the attention

    bool operator==(const LayerPlace&) const = default;
};

/// A GPU's share of a plan.
struct GpuShare {
    Gpu gpu; ///< as the machine had it
    std::uint64_t weightBytes = 0; ///< embedding, head, and the layers that `layers` names
    std::uint64_t cacheBytes = 0; ///< KV cache of a full context, taken when loading
    std::uint64_t workBytes = 0;
    std::uint64_t streamBytes = 0; ///< for uploading experts from RAM for long batches; 0: none are
    std::uint64_t expertCacheBytes = 0; ///< the expert cache, for those in most use; 0: none
    std::uint64_t reserveBytes = 0; ///< left to the desktop
    std::uint64_t bytesPerToken
        = 0; ///< weights that decoding one token reads there, without cached experts
    kernels::CacheType cache = kernels::CacheType::Bf16; ///< what the cache is kept in
    std::vector<LayerPlace> layers; ///< [layers]; those with attention on the GPU come first

    [[nodiscard]] std::uint64_t totalBytes() const
    {
        return weightBytes + cacheBytes + workBytes + streamBytes + expertCacheBytes;
    }
    [[nodiscard]] std::size_t attentionLayers() const;
    [[nodiscard]] std::size_t feedForwardLayers() const;
    [[nodiscard]] bool isWhole() const; ///< every layer in full: RAM holds no weights
};

/// What goes where before anything is loaded, what it takes, and about how fast it will be. The sizes are
/// those in RAM; what a GPU holds is in its share.
struct PlacementPlan {
    std::uint64_t weightBytes = 0; ///< mapped; the system may share them with other processes
    std::uint64_t cacheBytes = 0; ///< KV cache when the context is full; grows with use
    std::uint64_t workBytes = 0; ///< activations and scores
    std::uint64_t availableBytes = 0; ///< what the machine had
    std::uint32_t contextLength = 0; ///< tokens; never more than fits
    std::uint32_t batch = 0; ///< tokens evaluated at once
    unsigned threads = 1;
    std::uint64_t bytesPerToken = 0; ///< weights that decoding one token reads, wherever they are
    double tokensPerSecond = 0; ///< decode, estimated; 0 where a bandwidth is not known
    std::uint64_t missingBytes = 0; ///< of weights for which memory has no room; 0: all fit
    std::uint64_t diskBytesPerToken
        = 0; ///< where some are missing: what comes from the disk for a token
    bool isDiskMeasured = false; ///< the estimate uses this disk's measured speed
    std::optional<GpuShare> gpu; ///< nothing: all on the processor
    std::string remark; ///< a sentence on why it is not what was requested; usually empty

    [[nodiscard]] std::uint64_t totalBytes() const { return weightBytes + cacheBytes + workBytes; }
    [[nodiscard]] std::string device() const; ///< "cpu", "cuda:0"
    [[nodiscard]] std::string summary() const; ///< one line for a person
};

inline constexpr std::uint32_t kSmallestContext = 512;
/// The context for which a plan with a GPU reserves memory before experts get it, where none was requested.
inline constexpr std::uint32_t kComfortableContext = 16384;

/// What a person or a program asks of a plan.
struct PlacementRequest {
    std::uint32_t contextLength
        = 0; ///< tokens; 0: as much as the model allows and the machine holds
    unsigned threads = 0; ///< 0: all cores
    std::uint32_t batch = 0; ///< tokens evaluated at once; 0: the plan chooses
    DeviceChoice device = {};
    std::optional<kernels::CacheType> cache = {}; ///< of a GPU; empty: the plan chooses
    /// Weights need not fit into memory: the system then reads them from the disk again and again.
    bool largerThanMemory = false;
    double diskBandwidth
        = 0; ///< bytes a second that weights come from their disk with; 0: not measured
    std::uint64_t heldBytes
        = 0; ///< of the weights, memory of its own that this process has taken already
};

/// Plans a network on a machine. The context is cut to what the model allows and to what fits.
/// DeviceChoice::Auto takes the GPU with the most free memory where it helps, and else the processor,
/// saying why in `remark`. What every token reads in full goes to a GPU first (attention with its cache,
/// norms, routers, shared experts, embedding and head), then dense feed-forwards, then routed experts,
/// layer by layer; the rest stays in RAM for the processor. Where routed experts stay in RAM, some GPU memory is kept
/// for those in most use, and for uploading the others in long batches, which are larger then. If no type of cache
/// is asked for it is bf16; fp8 where only that lets all layers fit, or more of the requested (or a comfortable) context.
///
/// Fails with OutOfMemory, naming the sizes, where not even kSmallestContext tokens (or the fewer
/// that were requested) fit, and with InvalidArgument where the requested GPU does not exist. Where
/// only the weights are too large, the sentence says what it would mean to go on all the same, and
/// opensLargerThanMemory() is true of the error. A pure function of its arguments.
[[nodiscard]] Result<PlacementPlan> planPlacement(
    const Network& network, const Machine& machine, const PlacementRequest& request = {});

/// How the context of such an error begins.
inline constexpr std::string_view kLargerThanMemory = "larger than memory";
/// Whether PlacementRequest::largerThanMemory would have made a plan of what was refused so.
[[nodiscard]] bool opensLargerThanMemory(const Error& error);

/// "9.7 GiB", "512 MiB", "17 bytes"
[[nodiscard]] std::string describeBytes(std::uint64_t bytes);

} // namespace ponder
