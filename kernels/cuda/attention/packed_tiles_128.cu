#include "kernels/cuda/attention/tiles.cuh"

namespace ponder::kernels::cuda {

Status packedTiles128(const AttentionArguments& a, TileRows rows, cudaStream_t stream)
{
    if (rows == TileRows::Many)
        return tiles::launch<TileShape<CacheType::Fp8, 128, 128, false, 64, 64, 1, 3>>(a, stream);
    return tiles::launch<TileShape<CacheType::Fp8, 128, 128, false, 16, 32, 2, 4>>(a, stream);
}

} // namespace ponder::kernels::cuda
