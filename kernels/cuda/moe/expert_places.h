#pragma once

#include <array>
#include <cstddef>

#include "kernels/cuda/runtime/status.h"
#include "kernels/types/views.h"

namespace ponder::kernels::cuda {

/// Sets where an expert's gate, up and down are. table: [3][experts], device: the places of a layer's
/// DeviceExperts, one matrix after the other. After all that the stream has, and before what comes later.
Status setExpertPlaces(MatrixPlace* table, std::size_t experts, std::size_t expert,
    const std::array<MatrixPlace, 3>& places, cudaStream_t stream);

} // namespace ponder::kernels::cuda
