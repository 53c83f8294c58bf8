#include "kernels/cuda/moe/expert_places.h"

#include "kernels/cuda/runtime/launch.h"

namespace ponder::kernels::cuda {
namespace {

struct Places {
    MatrixPlace of[3];
};

/// The places come with the launch, so that nobody must keep them.
__global__ void setPlaces(MatrixPlace* table, std::size_t experts, std::size_t expert,
    const __grid_constant__ Places places)
{
    PONDER_UNROLL
    for (unsigned m = 0; m < 3; ++m)
        if (threadIdx.x == m)
            table[m * experts + expert] = places.of[m];
}

} // namespace

Status setExpertPlaces(MatrixPlace* table, std::size_t experts, std::size_t expert,
    const std::array<MatrixPlace, 3>& places, cudaStream_t stream)
{
    const Places values{{places[0], places[1], places[2]}};
    return PONDER_LAUNCH(setPlaces, dim3(1), dim3(32), 0, stream, table, experts, expert, values);
}

} // namespace ponder::kernels::cuda
