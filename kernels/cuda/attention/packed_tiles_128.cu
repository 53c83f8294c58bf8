#include "kernels/cuda/attention/tiles.cuh"

namespace ponder::kernels::cuda {

Status packedTiles128(
    const AttentionArguments& a, TileRows rows, std::size_t shared, cudaStream_t stream)
{
    return rows == TileRows::Many ? tiles::launch(Many128<CacheType::Fp8>(), a, shared, stream)
                                  : tiles::launch(Few128<CacheType::Fp8>(), a, shared, stream);
}

} // namespace ponder::kernels::cuda
