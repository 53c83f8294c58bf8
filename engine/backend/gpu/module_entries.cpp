// All that is seen of libponder-cuda.so from outside.
#include "engine/backend/gpu/module.h"

std::uint64_t ponderCudaModuleAbi()
{
    return ponder::kCudaModuleAbi;
}

void ponderCudaModuleEntries(ponder::CudaModuleEntries& out)
{
    out = ponder::cudaModuleEntries();
}
