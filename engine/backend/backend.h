#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/backend/cache_bytes.h"
#include "engine/base/result.h"
#include "kernels/types/logit_summary.h"

namespace ponder {

/// Statistics of a backend. "Choices" are choices of routed experts that lie in RAM, by tokens that were
/// evaluated one at a time.
struct BackendReport {
    std::uint64_t expertCacheBytes = 0; ///< of the GPU, for experts in use; 0: none are kept there
    std::uint64_t expertSlots = 0, residentExperts = 0; ///< its capacity, and how many it holds
    std::uint64_t expertsBrought = 0; ///< into the cache, since the beginning
    std::uint64_t choices = 0, residentChoices = 0; ///< in all, and of experts that were resident
    std::uint64_t streamedBytes = 0; ///< of experts, through the GPU for batches
    double linkBandwidth = 0; ///< bytes a second from RAM to the GPU, measured; 0: not measured
    std::string remark; ///< a sentence on what there was no room for; usually empty

    [[nodiscard]] double hitRate() const
    {
        return choices == 0 ? 0
                            : static_cast<double>(residentChoices) / static_cast<double>(choices);
    }
};

/// The tokens of a batch whose routing is wanted.
enum class RoutingOf { None, LastToken, AllTokens };

/// The experts that one routed layer chose.
struct LayerRouting {
    std::uint32_t layer = 0;
    std::vector<std::int32_t> experts; ///< [tokens, expertsUsed], a token's best expert first
    std::vector<float> weights; ///< [tokens, expertsUsed], as they were applied
};

/// Tokens to evaluate, and what is wanted of them. Ranges count from the batch's first token.
struct Batch {
    std::span<const std::int32_t> tokens = {}; ///< at least one; every id is inside the vocabulary
    std::size_t position = 0; ///< of the first token
    TokenRange logits = {}; ///< the tokens whose logits are wanted
    bool summary = false; ///< of the last token's logits; only where Backend::makesSummaries()
    kernels::Draw draw = {}; ///< what the summary is made for
    RoutingOf routing = RoutingOf::None;
    TokenRange hidden = {}; ///< the tokens whose hidden state is wanted
    /// Called between layers, at least on the CPU; where it returns true the evaluation is cancelled. May
    /// be empty.
    std::function<bool()> stop = {};
};

/// What evaluating a batch gave. Where it was cancelled, everything else is empty.
struct Evaluated {
    bool cancelled = false;
    std::vector<float> logits = {}; ///< [batch.logits.count, vocabularySize], f32
    std::optional<kernels::LogitSummary> summary = {}; ///< where one was wanted
    std::vector<LayerRouting> routing = {}; ///< one entry for each routed layer, in order
    /// [batch.hidden.count, hiddenSize], f32: the residual stream after the last layer, before the output norm
    std::vector<float> hidden = {};
};

/// Runs forward passes on the device that holds the weights, and keeps the KV cache there. One thread at a
/// time uses a backend. DeviceLost is permanent: every later call fails with it.
class Backend {
public:
    virtual ~Backend() = default;

    /// Evaluates a batch and adds its keys and values to the cache. Preconditions: all positions before
    /// batch.position are in the cache; the batch has at most the tokens, and ends at most at the context
    /// length, that the backend was made for.
    ///
    /// Evaluating positions that are in the cache replaces them, so a batch that failed or was cancelled can
    /// be evaluated again. An error of a device may be reported as late as by the next call. A backend may
    /// keep the residual stream of its last batch: to evaluate only the last token again then gives its
    /// logits or its hidden state at once, and leaves the cache as it is.
    [[nodiscard]] virtual Result<Evaluated> evaluate(const Batch& batch) = 0;

    /// Whether batches may ask for a summary. It is then cheaper than logits.
    [[nodiscard]] virtual bool makesSummaries() const { return false; }

    /// Removes everything from this position on from the cache.
    virtual void truncate(std::size_t position) = 0;

    /// The cache of a range of positions. Precondition: they were evaluated. Fails with InvalidArgument
    /// (a range that ends after the context), OutOfMemory and DeviceLost.
    [[nodiscard]] virtual Result<CacheBytes> saveCache(TokenRange positions) = 0;

    /// Puts what saveCache() gave for the same range back, of a backend that keeps the cache of this network
    /// in the same form. Precondition: all positions before it are in the cache. Fails with InvalidArgument
    /// where the bytes are something else (then the cache is as it was), and with DeviceLost.
    [[nodiscard]] virtual Result<void> loadCache(
        TokenRange positions, std::span<const std::byte> bytes)
        = 0;

    [[nodiscard]] virtual BackendReport report() const { return {}; }
};

} // namespace ponder
