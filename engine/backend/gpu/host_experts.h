#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/backend/backend.h"
#include "engine/backend/gpu/cuda_backend.h"
#include "engine/backend/gpu/device_layer.h"
#include "engine/backend/gpu/expert_cache.h"
#include "engine/backend/gpu/expert_cost.h"
#include "engine/backend/gpu/expert_stream.h"

namespace ponder {

/// The routed experts that a plan leaves in RAM, where the GPU has a part in them: streamed through it for long
/// batches, and the hottest of them kept there. Without either the processor computes them all.
class HostExperts {
public:
    HostExperts() = default;
    /// Takes what the plan has for them and gives cached layers their tables. Never fails: what there is no memory
    /// for becomes smaller or is left out, and report() says so. network and layers must outlive it.
    [[nodiscard]] static HostExperts create(const Network& network, const PlacementPlan& plan,
        const CudaBackendOptions& options, std::vector<DeviceLayer>& layers, cudaStream_t stream);

    /// Whether so many tokens' experts of this layer should go through the GPU.
    [[nodiscard]] bool streams(std::size_t layer, std::size_t tokens) const;
    /// Before a batch; the cache may change now.
    void begin(std::size_t tokens, std::size_t position, DeviceQueue& queue);
    /// The same before any of its layers, where steps are not recorded.
    void advance(DeviceQueue& queue);
    /// Of a layer's choices [tokens, used], makes those negative that the GPU computes.
    void takeAway(std::size_t layer, std::size_t tokens, std::span<std::int32_t> experts);

    /// What was read ahead of the layer begins its way to the device.
    void sendAhead(std::size_t layer, DeviceQueue& queue);
    /// Queues what is left of the layer's choices, after takeAway(): args.out += …, see ExpertStream::run().
    void stream(std::size_t layer, std::span<const std::int32_t> experts,
        const kernels::cuda::FeedForwardArgs& args, DeviceQueue& queue);
    /// Begins to read the next layer that will be streamed, where all of it is likely to be needed.
    void readAhead(std::size_t layer, std::size_t tokens, DeviceQueue& queue);

    void truncate(std::size_t position); ///< what was used for what is cut off counts less
    [[nodiscard]] BackendReport report() const;

private:
    struct Source {
        std::optional<ExpertLayout> layout; // nothing: not of these layers
        ExpertWork work; // of one token
        const kernels::cuda::DeviceExperts* shape = nullptr;
    };
    [[nodiscard]] ExpertStream::Source sourceOf(std::size_t layer) const;
    void makeStream(const PlacementPlan& plan);
    void makeCache(const PlacementPlan& plan, const CudaBackendOptions& options,
        std::vector<DeviceLayer>& layers, cudaStream_t stream);

    std::vector<Source> m_sources; // [layers of the GPU]
    std::vector<std::uint8_t> m_flags; // [experts], for one call
    std::optional<ExpertStream> m_stream;
    std::optional<ExpertCache> m_cache;
    std::optional<std::size_t> m_streamsFrom;
    ExpertSpeeds m_speeds;
    std::size_t m_end = 0; // position after the last batch
    std::uint64_t m_choices = 0, m_hits = 0; // of single tokens
    std::string m_remark;
};

} // namespace ponder
