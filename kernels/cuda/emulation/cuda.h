#pragma once

// CUDA's names for tests on a machine without a GPU: host calls act on ordinary memory, kernels run
// block by block with every CUDA thread a fiber. What differs from CUDA is said in README.md.

#include "kernels/cuda/emulation/host_api.h"
#include "kernels/cuda/emulation/intrinsics.h"
#include "kernels/cuda/emulation/machine.h"
#include "kernels/cuda/emulation/types.h"
#include "kernels/cuda/emulation/warp.h"
