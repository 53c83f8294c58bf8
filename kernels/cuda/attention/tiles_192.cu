#include "kernels/cuda/attention/tiles.cuh"

namespace ponder::kernels::cuda {

Status tiles192(const AttentionArguments& a, TileRows rows, cudaStream_t stream)
{
    if (rows == TileRows::Many)
        return tiles::launch<TileShape<CacheType::Bf16, 192, 128, false, 64, 64, 1, 2>>(a, stream);
    return tiles::launch<TileShape<CacheType::Bf16, 192, 128, false, 16, 32, 2, 3>>(a, stream);
}

} // namespace ponder::kernels::cuda
