#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "engine/backend/backend.h"
#include "engine/base/result.h"
#include "engine/plan/machine.h"
#include "kernels/selfcheck/check_result.h"

namespace ponder {

struct CudaModuleEntries;
struct Network;
struct PlacementPlan;

/// The GPU part of Ponder, which is loaded when the program runs: nothing that the program links needs
/// CUDA. Loading takes milliseconds; the first call that uses a GPU takes some tenths of a second. Any thread may
/// call, one at a time; what makeBackend() returns belongs to the thread that uses it.
class CudaModule {
public:
    /// libponder-cuda.so beside the program or in ../lib/ponder; PONDER_CUDA_MODULE names another file, or
    /// "none". Fails with a sentence that says what is missing: the module, the NVIDIA driver, a library of
    /// CUDA, or that the module is of another version.
    [[nodiscard]] static Result<std::shared_ptr<const CudaModule>> load();
    [[nodiscard]] static Result<std::shared_ptr<const CudaModule>> load(
        const std::filesystem::path& file);

    /// The GPUs here and what is free on them now. Where NVIDIA's management library is missing, to ask makes a
    /// context on each: see release(). Fails
    /// with InvalidArgument where there is none that the module can compute on, and says why.
    [[nodiscard]] Result<std::vector<Gpu>> devices() const;

    /// Uploads what the plan puts on its GPU and takes the memory for the rest. `network` and the file
    /// of it must outlive the backend. Fails with OutOfMemory, giving all back, or DeviceLost.
    /// Precondition: plan.gpu.
    [[nodiscard]] Result<std::unique_ptr<Backend>> makeBackend(
        const Network& network, const PlacementPlan& plan) const;

    /// Every GPU kernel against its reference on the processor. Each result is handed to progress, when
    /// given, as it comes.
    [[nodiscard]] Result<std::vector<kernels::CheckResult>> selfcheck(
        int device, const std::function<void(const kernels::CheckResult&)>& progress = {}) const;

    /// Bytes a second, read and written together, that the GPU copies within its own memory, measured now
    /// in some tenths of a second. Fails with OutOfMemory, DeviceLost or InvalidArgument (no such GPU).
    [[nodiscard]] Result<double> copyBandwidth(int device) const;

    /// Gives back what the driver holds for this process (contexts, some 300 MB a GPU) on every GPU but
    /// `kept`; -1: on all. Precondition: no backend is left on those.
    void release(int kept = -1) const;

    explicit CudaModule(const CudaModuleEntries& entries); ///< for load(); not for use elsewhere
    ~CudaModule();

private:
    std::unique_ptr<const CudaModuleEntries> m_entries;
};

} // namespace ponder
