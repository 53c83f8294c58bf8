#pragma once

#include "engine/backend/gpu/cuda_module_abi.h"

namespace ponder {

/// What the GPU module does for the program that loads it: see CudaModule. No exception leaves these.
[[nodiscard]] CudaModuleEntries cudaModuleEntries();

} // namespace ponder
