#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cuda/runtime/memory.h"
#include "kernels/cuda/runtime/status.h"
#include "kernels/cuda/runtime/step_state.h"
#include "kernels/types/logit_summary.h"
#include "kernels/types/views.h"

namespace ponder::kernels::cuda {

inline constexpr std::size_t kMaxVocabulary = 128 * 2048;

/// Device memory between the two launches; one for a stream.
class CandidateWorkspace {
public:
    CandidateWorkspace() = default;
    /// Memory for this many rows of logits at once.
    [[nodiscard]] static Outcome<CandidateWorkspace> create(std::size_t rows);
    [[nodiscard]] std::byte* data() const { return m_bytes.data(); }
    [[nodiscard]] std::size_t rows() const { return m_rows; }

private:
    DeviceBytes m_bytes;
    std::size_t m_rows = 0;
};

struct CandidateArgs {
    ConstFloatRows logits; ///< [rows, vocabulary], on the device, vocabulary up to kMaxVocabulary
    std::size_t count = kMaxCandidates; ///< asked for, up to that
    const StepState* state = nullptr; ///< has the temperature; null: 1
    LogitSummary* summaries = nullptr; ///< [rows], on the device or pinned
};

/// summaries[r] = the count largest logits of row r, and what all add up to.
/// Precondition: rows <= workspace.rows().
Status findCandidates(
    const CandidateArgs& args, const CandidateWorkspace& workspace, cudaStream_t stream);

} // namespace ponder::kernels::cuda
