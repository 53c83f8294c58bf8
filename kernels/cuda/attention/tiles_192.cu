#include "kernels/cuda/attention/tiles.cuh"

namespace ponder::kernels::cuda {

Status tiles192(const AttentionArguments& a, TileRows rows, std::size_t shared, cudaStream_t stream)
{
    return rows == TileRows::Many ? tiles::launch(Many192(), a, shared, stream)
                                  : tiles::launch(Few192(), a, shared, stream);
}

} // namespace ponder::kernels::cuda
