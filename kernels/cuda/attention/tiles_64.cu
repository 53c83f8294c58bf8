#include "kernels/cuda/attention/tiles.cuh"

namespace ponder::kernels::cuda {

Status tiles64(const AttentionArguments& a, TileRows rows, cudaStream_t stream)
{
    if (rows == TileRows::Many)
        return tiles::launch<TileShape<CacheType::Bf16, 64, 64, false, 64, 64, 1, 3>>(a, stream);
    return tiles::launch<TileShape<CacheType::Bf16, 64, 64, false, 16, 32, 2, 4>>(a, stream);
}

} // namespace ponder::kernels::cuda
