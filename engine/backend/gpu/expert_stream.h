#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "engine/backend/gpu/device_queue.h"
#include "engine/backend/gpu/staging_worker.h"
#include "engine/plan/expert_layout.h"
#include "kernels/cuda/runtime/memory.h"
#include "kernels/cuda/runtime/stream.h"

namespace ponder {

/// Routed experts that lie in RAM, brought through the GPU for a batch: a few whole ones at a time (a chunk) go
/// from the model file through one of two pieces of pinned memory into one of two of the device's, while the chunk
/// before is computed.
///
/// Who owns a slot's memory when: its pinned half is the worker's from StagingWorker::add() until the job is done,
/// then the copying stream's until `copied`; its device half is the copying stream's from the copy until `copied`, then
/// the computing stream's until `computed`. Each side waits for that before it begins.
class ExpertStream {
public:
    /// Takes two slots, each pinned and on the device, and measures how fast one fills the other. Layers of
    /// which not even one expert fits in slotBytes cannot come. Fails with the first status that is not well; throws
    /// std::system_error where there are no threads.
    [[nodiscard]] static kernels::cuda::Outcome<ExpertStream> create(
        std::size_t slotBytes, std::size_t threads);
    ExpertStream(ExpertStream&&) = default;
    ExpertStream& operator=(ExpertStream&&) = delete;
    ~ExpertStream();

    [[nodiscard]] double bytesPerSecond() const { return m_bytesPerSecond; } ///< of the link
    [[nodiscard]] std::uint64_t bytesCopied() const { return m_bytesCopied; } ///< of experts
    [[nodiscard]] std::size_t experts(const ExpertLayout& layout) const; ///< that one slot holds

    /// A layer whose experts may come: its number, how they lie, and what the kernels are told of them but for
    /// their places.
    struct Source {
        std::size_t layer = 0;
        const ExpertLayout* layout = nullptr;
        const kernels::cuda::DeviceExperts* shape = nullptr;
    };

    /// Begins to read the layer's first experts, before it is known which are chosen. Waits for copies under way.
    void readAhead(const Source& source, DeviceQueue& queue);
    /// Puts what was read ahead of this layer on its way, but for the experts that are there already.
    /// there: [experts].
    void sendAhead(const Source& source, std::span<const std::uint8_t> there, DeviceQueue& queue);
    /// Queues the layer's products, chunk by chunk: args.out += what the wanted experts make. args: without
    /// experts; args.out is not args.x. wanted: [experts]. Returns when all is queued.
    void run(const Source& source, std::span<const std::uint8_t> wanted,
        const kernels::cuda::FeedForwardArgs& args, DeviceQueue& queue);

private:
    struct Slot {
        kernels::cuda::PinnedBytes pinned;
        kernels::cuda::DeviceBytes device;
        std::optional<kernels::cuda::Event> copied, computed;
        bool isUsed = false; // copied was recorded
    };
    /// Experts of a layer on their way: a table of places for all of the layer's, then the experts.
    struct Chunk {
        std::size_t layer = 0, slot = 0;
        std::size_t end = 0; // the first expert after it
        std::size_t bytes = 0;
        StagingWorker::Job job = 0;
        bool isSent = false;
    };

    ExpertStream(std::vector<Slot> slots, kernels::cuda::Stream stream, std::size_t threads);
    kernels::cuda::Status measure();
    void request(const Source& source, std::span<const std::uint8_t> wanted, std::size_t first);
    void requestMore(const Source& source, std::span<const std::uint8_t> wanted, std::size_t& next,
        DeviceQueue& queue);
    void send(Chunk& chunk, DeviceQueue& queue);
    void compute(const Chunk& chunk, const Source& source, kernels::cuda::FeedForwardArgs args,
        DeviceQueue& queue);
    void dropOthers(std::size_t layer);

    std::vector<Slot> m_slots; // two
    kernels::cuda::Stream m_stream; // copies
    std::deque<Chunk> m_chunks; // being filled or sent, one a slot, in order
    std::size_t m_nextSlot = 0;
    double m_bytesPerSecond = 0;
    std::uint64_t m_bytesCopied = 0;
    StagingWorker m_worker; // last: it writes to the slots
};

} // namespace ponder
