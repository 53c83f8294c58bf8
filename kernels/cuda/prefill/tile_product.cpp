#include "kernels/cuda/prefill/tile_product.h"

namespace ponder::kernels::cuda {

Status tileProduct(const Work& work, const TileProduct& p)
{
    const unsigned each = kTileRows / p.matrices;
    const unsigned tiles = p.groups.tiles != nullptr ? p.groups.mostTiles
                                                     : (p.tokens + kTileTokens - 1) / kTileTokens;
    const dim3 grid(tiles, (p.rows + each - 1) / each, p.groups.tiles != nullptr ? 1 : p.heads);
    if (tiles == 0 || p.rows == 0 || p.heads == 0)
        return {};
    const bool quantised = p.matrix[0].quantised;
    if (p.matrices == 2 && p.matrix[1].quantised != quantised)
        return {cudaErrorInvalidValue, "tileProduct"};
    return quantised ? launchQuantisedTiles(work, p, grid) : launchPlainTiles(work, p, grid);
}

} // namespace ponder::kernels::cuda
