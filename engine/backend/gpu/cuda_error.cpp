#include "engine/backend/gpu/cuda_backend.h"

namespace ponder {

using kernels::cuda::Status;

Error cudaError(const Status& status, bool making)
{
    if (making && status.outOfMemory())
        return {ErrorCode::OutOfMemory,
            "The GPU has less free memory than this model was planned with. Close what else uses "
            "the "
            "GPU, or choose a shorter context.",
            status.text()};
    if (making && status.code == cudaErrorInvalidConfiguration)
        return {ErrorCode::InvalidArgument,
            "The attention of this model needs more shared memory than this GPU has. Choose the "
            "processor "
            "(cpu) as the device.",
            status.text()};
    if (status.code == cudaErrorNoKernelImageForDevice)
        return {ErrorCode::InvalidArgument,
            "Ponder's GPU module was not built for this GPU. Choose the processor (cpu) as the "
            "device, or "
            "build Ponder with this GPU in CMAKE_CUDA_ARCHITECTURES.",
            status.text()};
    return {ErrorCode::DeviceLost,
        "The GPU stopped answering (" + status.text()
            + "). What was written is kept; ask again, and the processor goes on.",
        status.text()};
}

} // namespace ponder
