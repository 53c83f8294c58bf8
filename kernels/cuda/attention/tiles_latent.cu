#include "kernels/cuda/attention/tiles.cuh"

namespace ponder::kernels::cuda {

Status latentTiles(
    const AttentionArguments& a, TileRows rows, std::size_t shared, cudaStream_t stream)
{
    switch (rows) {
    case TileRows::Few:
        return tiles::launch(LatentFew<CacheType::Bf16>(), a, shared, stream);
    case TileRows::Some:
        return tiles::launch(LatentSome<CacheType::Bf16>(), a, shared, stream);
    case TileRows::Many:
        break;
    }
    return tiles::launch(LatentMany<CacheType::Bf16>(), a, shared, stream);
}

} // namespace ponder::kernels::cuda
