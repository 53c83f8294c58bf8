#include "kernels/cuda/attention/tiles.cuh"

namespace ponder::kernels::cuda {

Status packedLatentTiles(const AttentionArguments& a, TileRows rows, cudaStream_t stream)
{
    switch (rows) {
    case TileRows::Few:
        return tiles::launch<TileShape<CacheType::Fp8, 576, 512, true, 16, 32, 2, 4>>(a, stream);
    case TileRows::Some:
        return tiles::launch<TileShape<CacheType::Fp8, 576, 512, true, 32, 32, 2, 3>>(a, stream);
    case TileRows::Many:
        break;
    }
    return tiles::launch<TileShape<CacheType::Fp8, 576, 512, true, 64, 32, 1, 3>>(a, stream);
}

} // namespace ponder::kernels::cuda
