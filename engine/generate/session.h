#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <vector>

#include "engine/backend/backend.h"
#include "engine/backend/gpu/cuda_module.h"
#include "engine/backend/make_backend.h"
#include "engine/base/result.h"
#include "engine/generate/sampler.h"
#include "engine/model/model.h"
#include "engine/plan/placement_plan.h"

namespace ponder {

struct SessionOptions {
    std::uint32_t contextLength = 0; ///< tokens; 0: the placement plan chooses
    unsigned threads = 0; ///< 0: all cores
    std::uint32_t batch = 0; ///< tokens evaluated at once while prefilling; 0: the plan chooses
    bool recordRouting = false; ///< keep the experts chosen for the last token: see routing()
    DeviceChoice device = {};
    std::shared_ptr<const CudaModule> cuda = {}; ///< null: there are no GPUs
    std::optional<kernels::CacheType> cache
        = {}; ///< how a GPU keeps keys and values; empty: the plan chooses
    bool largerThanMemory
        = false; ///< weights that do not fit come from the disk as they are needed
};

/// The tokens and the KV cache of one conversation branch.
///
/// Use it from one thread at a time (which may change). It keeps its model alive. A failed or
/// cancelled call leaves the session as it was after the last whole batch: tokens() says what is in it.
/// A lost GPU is the exception: the call fails with DeviceLost, tokens() is empty, and what is evaluated
/// from then on is evaluated by the processor (plan() says so).
class Session {
public:
    using Progress = std::function<void(std::size_t done, std::size_t total)>;
    /// Logits of tokens [first, first + count), counted from the first token of the call.
    /// [count, vocabularySize], f32, valid during the call.
    using LogitSink
        = std::function<void(std::size_t first, std::size_t count, std::span<const float>)>;

    /// Makes a placement plan and takes the memory for work buffers; the KV cache grows with use in RAM
    /// and is taken whole on a GPU. Where a GPU's memory shrinks between plan and load it is planned
    /// again; where that does not help either, DeviceChoice::Auto goes on without it. plan().remark says
    /// what happened. Fails with OutOfMemory (not even a small context fits), InvalidArgument, and
    /// DeviceLost where a GPU that was asked for does not answer.
    [[nodiscard]] static Result<std::unique_ptr<Session>> create(
        std::shared_ptr<const Model> model, const SessionOptions& options = {});
    /// A session on a backend that was made for model->network().
    [[nodiscard]] static std::unique_ptr<Session> withBackend(std::shared_ptr<const Model> model,
        PlannedBackend planned, const SessionOptions& options = {});
    ~Session();

    /// Appends tokens and evaluates them, in batches; one token is a decode step. Afterwards logits()
    /// holds those of the last. No tokens: does nothing. Progress is called after each batch.
    ///
    /// Fails with ContextFull (nothing is evaluated), InvalidArgument (an id outside the vocabulary;
    /// nothing is evaluated), Cancelled (within a fraction of a second; whole batches stay),
    /// OutOfMemory, DeviceLost, and, for good, with what Model::intact() says where the model's file became
    /// shorter or unreadable or was changed; nothing computed from then on is given out.
    [[nodiscard]] Result<void> prefill(std::span<const std::int32_t> tokens,
        const std::stop_token& stop = {}, const Progress& progress = {});

    /// As prefill, and hands over the logits of every token. For measuring, not for chatting: batches are
    /// smaller where the logits of a whole one would take more than 512 MiB.
    [[nodiscard]] Result<void> evaluate(std::span<const std::int32_t> tokens, const LogitSink& sink,
        const std::stop_token& stop = {});

    /// [vocabularySize], f32, of the last token evaluated; valid until the next call. Empty before the first
    /// token, and after truncate() and loadCache(): to go on sampling there, truncate to one token less and
    /// prefill that token again. A GPU keeps them until they are asked for. Fails with DeviceLost, and with
    /// what Model::intact() says.
    [[nodiscard]] Result<std::span<const float>> logits();

    /// Draws the next token, from what the backend says of the last one's logits where that is enough,
    /// else from the logits themselves: the same token for the same seed, but for rounding. Fails as
    /// Sampler::sample(), and with DeviceLost.
    [[nodiscard]] Result<SampledToken> sample(Sampler& sampler);

    [[nodiscard]] std::span<const std::int32_t> tokens() const;

    /// Keeps the first `count` tokens and removes the rest; no effect where there are fewer.
    void truncate(std::size_t count);

    /// The keys and values of some of tokens(). Fails with InvalidArgument (there are fewer tokens),
    /// OutOfMemory and DeviceLost.
    [[nodiscard]] Result<CacheBytes> saveCache(TokenRange range);

    /// Appends tokens without evaluating them, with what saveCache() gave for the same tokens at the same
    /// positions, after the same tokens, in a session of the same model. Fails with ContextFull,
    /// InvalidArgument (other bytes, as those of another device may be; an id outside the vocabulary) and
    /// DeviceLost; then nothing is appended.
    [[nodiscard]] Result<void> loadCache(
        std::span<const std::int32_t> tokens, std::span<const std::byte> bytes);

    [[nodiscard]] std::uint32_t contextLength() const; ///< the most tokens it can hold
    [[nodiscard]] const PlacementPlan& plan() const;
    [[nodiscard]] const Model& model() const;
    [[nodiscard]] unsigned threads() const;

    /// Bytes of weights and KV cache that decoding the next token reads.
    [[nodiscard]] std::uint64_t decodeBytesPerToken() const;

    /// Statistics of the backend. All zero after a GPU was lost, until the CPU goes on.
    [[nodiscard]] BackendReport report() const;

    /// Experts of the last token, one entry a routed layer; empty unless options.recordRouting.
    [[nodiscard]] std::span<const LayerRouting> routing() const;

private:
    class Private;
    explicit Session(std::unique_ptr<Private> d);
    std::unique_ptr<Private> d;
};

} // namespace ponder
