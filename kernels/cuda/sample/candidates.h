#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cpu/views.h"
#include "kernels/cuda/runtime/memory.h"
#include "kernels/cuda/runtime/status.h"

namespace ponder::kernels::cuda {

inline constexpr std::size_t kMostCandidates = 64;
inline constexpr std::size_t kMostVocabulary = 128 * 2048;

/// What a sampler needs of a row of logits; as engine/run/logit_statistics.h, with more candidates.
struct LogitSummary {
    std::int32_t valid
        = 0; ///< 0: a NaN, +inf, or nothing but -inf; then nothing else means anything
    std::int32_t count = 0; ///< candidates: as many as asked for, or the whole vocabulary
    float max = 0;
    float logSum = 0; ///< ln of the sum of exp(logit)
    float entropy = 0; ///< of softmax(logits), nats
    std::int32_t ids[kMostCandidates] = {}; ///< the likeliest, largest logit first, equals by id
    float logits[kMostCandidates] = {}; ///< theirs
};

/// Device memory between the two launches; one for a stream.
class CandidateWorkspace {
public:
    CandidateWorkspace() = default;
    /// Room for so many rows of logits at once.
    [[nodiscard]] static Outcome<CandidateWorkspace> create(std::size_t rows);
    [[nodiscard]] std::byte* data() const { return m_bytes.data(); }
    [[nodiscard]] std::size_t rows() const { return m_rows; }

private:
    DeviceBytes m_bytes;
    std::size_t m_rows = 0;
};

/// summaries[r] = the count largest logits of row r, and what the rest adds up to.
/// logits: [rows, vocabulary], f32, on the device, vocabulary up to kMostVocabulary; count: up to kMostCandidates; summaries: [rows], on
/// the device or pinned. Precondition: rows <= workspace.rows().
Status findCandidates(ConstFloatRows logits, std::size_t count, LogitSummary* summaries,
    const CandidateWorkspace& workspace, cudaStream_t stream);

} // namespace ponder::kernels::cuda
