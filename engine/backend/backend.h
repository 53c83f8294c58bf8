#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "engine/backend/expert_choice.h"
#include "engine/base/result.h"
#include "engine/model/network.h"
#include "kernels/types/logit_summary.h"

namespace ponder {

/// What a backend has to tell of itself. "Choices" are those of routed experts that lie in RAM, by tokens that were
/// evaluated one at a time.
struct BackendReport {
    std::uint64_t expertCacheBytes = 0; ///< of the GPU, for experts in use; 0: none are kept there
    std::uint64_t expertSlots = 0, residentExperts = 0; ///< how many that holds, and does hold
    std::uint64_t expertsBrought = 0; ///< into the cache, since the beginning
    std::uint64_t choices = 0, residentChoices = 0; ///< in all, and of experts that were there
    std::uint64_t streamedBytes = 0; ///< of experts, through the GPU for batches
    double linkBandwidth = 0; ///< bytes a second from RAM to the GPU, measured; 0: not measured
    std::string remark; ///< a sentence on what there was no room for; mostly empty

    [[nodiscard]] double hitRate() const
    {
        return choices == 0 ? 0
                            : static_cast<double>(residentChoices) / static_cast<double>(choices);
    }
};

/// Runs the steps of a forward pass where the weights are, and keeps the KV cache and the stream
/// (the hidden state of every token of a batch) there too. The steps are coarse, so that a backend
/// may fuse what is inside of one. Call them in this order, from one thread at a time:
///
///     begin(tokens, position); for each layer { attention(layer); feedForward(layer); } head(…), summary(…)
///
/// A pass may be left at any point: the next begin() at the same position does it over. What goes wrong
/// on a device may show as late as in head() or the next begin(); DeviceLost is for good: every later
/// call fails with it.
class Backend {
public:
    virtual ~Backend() = default;

    /// Starts a batch: the stream becomes the tokens' embeddings. `position`: of the first token;
    /// all positions before it must be in the cache. tokens.size() is at most the batch, and
    /// position + tokens.size() at most the context, that the backend was made for; every id is
    /// inside the vocabulary.
    [[nodiscard]] virtual Result<void> begin(
        std::span<const std::int32_t> tokens, std::size_t position)
        = 0;

    /// Adds a layer's attention to the stream, and the batch's keys and values to its cache.
    virtual void attention(std::size_t layer) = 0;

    /// Adds a layer's feed-forward, dense or routed, to the stream.
    virtual void feedForward(std::size_t layer) = 0;

    /// logits: [count, vocabularySize], f32, of the batch's tokens first .. first + count - 1.
    [[nodiscard]] virtual Result<void> head(
        std::size_t first, std::size_t count, std::span<float> logits)
        = 0;

    /// What summary() is made for from the next begin() on.
    virtual void setDraw(const kernels::Draw& draw) { (void)draw; }

    /// What sampling needs of the logits of the batch's token, where a backend finds it beside them, so that
    /// they need not be fetched; nothing: ask head().
    [[nodiscard]] virtual Result<std::optional<kernels::LogitSummary>> summary(std::size_t token)
    {
        (void)token;
        return std::nullopt;
    }

    /// Forgets the cache from this position on.
    virtual void truncate(std::size_t position) = 0;

    /// What the layer's last feedForward() chose for the batch's last token; empty for a dense
    /// layer. Valid until the layer's next.
    [[nodiscard]] virtual ExpertChoice lastChoice(std::size_t layer) const = 0;

    [[nodiscard]] virtual BackendReport report() const { return {}; }
};

} // namespace ponder
