#pragma once

namespace ponder::kernels::cuda {

/// What a fault on a GPU is narrowed down with. Each is off unless the environment has it with a value other
/// than 0. Read once, when the first kernel is launched.
struct Switches {
    bool noRecording; ///< PONDER_CUDA_NO_RECORDING: no steps are recorded as graphs
    bool noOverlap; ///< PONDER_CUDA_NO_OVERLAP: no programmatic dependent launch
    /// PONDER_CUDA_SYNCHRONOUS: every launch is waited for, so that an error names its kernel. Nothing is
    /// recorded then, and nothing overlaps.
    bool synchronous;
};

[[nodiscard]] const Switches& switches();
/// Reads them again, for tests.
void rereadSwitches();

} // namespace ponder::kernels::cuda
