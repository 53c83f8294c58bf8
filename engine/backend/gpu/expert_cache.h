#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/backend/gpu/device_queue.h"
#include "engine/backend/gpu/expert_residency.h"
#include "engine/backend/gpu/staging_worker.h"
#include "engine/plan/expert_layout.h"
#include "kernels/cuda/runtime/memory.h"
#include "kernels/cuda/runtime/stream.h"

namespace ponder {

/// The hottest experts of those that lie in RAM, in spare memory of the GPU. For every layer the device has a table of
/// places, empty for experts that are away, which the feed-forward's kernels read; so a recorded step stays
/// as it is, and only the tables' contents change, in the computing stream's order and never within a step.
///
/// An expert comes in three steps, none of which advance() waits for: a worker copies it from the model file into
/// pinned memory; then whoever has its slot leaves the tables, and a stream of its own copies it there after all
/// that is queued by then; then it enters the tables.
class ExpertCache {
public:
    /// A layer that is cached: its number and how its experts lie.
    struct Layer {
        std::size_t layer = 0;
        ExpertLayout layout;
    };
    struct Options {
        std::size_t bytes = 0; ///< of the device
        std::size_t stagingBytes = 0; ///< of pinned memory
        bool waits = false; ///< advance() waits for what is under way: for tests
    };
    /// Takes the memory and clears the tables. Nothing where not even one expert fits. Fails with the first
    /// status that is not well, giving all back; throws std::system_error where there are no threads.
    [[nodiscard]] static kernels::cuda::Outcome<std::optional<ExpertCache>> create(
        const std::vector<Layer>& layers, const Options& options, cudaStream_t stream);
    ExpertCache(ExpertCache&&) = default;
    ExpertCache& operator=(ExpertCache&&) = delete;
    ~ExpertCache();

    /// The device's table of a cached layer: [3][experts], gate, up and down.
    [[nodiscard]] const kernels::MatrixPlace* places(std::size_t layer) const;
    [[nodiscard]] bool has(std::size_t layer) const { return places(layer) != nullptr; }

    /// So many tokens later, or so many that are taken back: earlier uses count less.
    void pass(std::size_t tokens) { m_residency.pass(tokens); }
    /// Takes every expert that is coming a step further, and asks for the next ones. Between two calls the tables
    /// stay as they are.
    void advance(DeviceQueue& queue);
    /// Notes a cached layer's choices as uses, and makes those that are computed on the GPU negative.
    void takeAway(std::size_t layer, std::span<std::int32_t> experts);
    /// there[e] = 1 for the experts of a layer that are on the GPU.
    void mark(std::size_t layer, std::span<std::uint8_t> there) const;

    [[nodiscard]] std::uint64_t bytes() const { return m_memory.size(); }
    [[nodiscard]] std::size_t slots() const { return m_slotCount; }
    [[nodiscard]] std::size_t residents() const { return m_residency.residents(); }
    [[nodiscard]] std::uint64_t brought() const { return m_brought; } ///< since the beginning

private:
    struct Pool {
        std::size_t expertBytes = 0, slots = 0;
        std::size_t first = 0; // where its first slot lies in the memory
    };
    struct Coming {
        ExpertResidency::Move move;
        StagingWorker::Job job = 0;
        bool isSent = false;
    };
    struct Staging {
        std::byte* memory = nullptr; // of m_pinned
        std::optional<kernels::cuda::Event> sent;
        std::optional<Coming> coming;
    };
    /// How much goes where.
    struct Division {
        std::vector<Pool> pools;
        std::vector<std::size_t> tables; // [layers]: where they lie in the memory
        std::size_t bytes = 0;
    };
    [[nodiscard]] static Division divide(const std::vector<Layer>& layers, std::size_t bytes);

    ExpertCache(const std::vector<Layer>& layers, Division division, kernels::cuda::Stream stream,
        kernels::cuda::Event switched, bool waits);

    void send(Staging& staging, DeviceQueue& queue);
    void enter(Staging& staging, DeviceQueue& queue);
    void setPlaces(const ExpertResidency::Expert& expert,
        const std::array<kernels::MatrixPlace, 3>& places, DeviceQueue& queue);
    [[nodiscard]] std::byte* slotAt(const ExpertResidency::Move& move) const;

    std::vector<Layer> m_layers;
    Division m_division;
    std::size_t m_slotCount = 0;
    bool m_waits = false;
    std::uint64_t m_brought = 0;
    ExpertResidency m_residency; // its layers are m_layers
    std::vector<std::size_t> m_index; // [layers of the network]: of m_layers
    kernels::cuda::DeviceBytes m_memory;
    kernels::cuda::PinnedBytes m_pinned;
    kernels::cuda::Stream m_stream; // copies
    kernels::cuda::Event m_switched; // in the computing stream: nobody reads the slot any more
    std::vector<Staging> m_staging;
    StagingWorker m_worker; // last: it writes to m_pinned
};

} // namespace ponder
