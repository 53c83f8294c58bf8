#include "engine/model/decoder.h"
#include "engine/model/family.h"

namespace ponder {

/// Llama 2 and 3, R1-Distill-Llama, Mistral; with experts Mixtral. GGUFs have the rows of queries and
/// keys in an order in which rotated pairs lie side by side. Llama 3.1's stretched positions are
/// rope_freqs.weight.
Result<Network> readLlama(const ModelFile& file)
{
    return readDecoder(
        file, {.architecture = "llama", .ropeLayout = kernels::RopeLayout::Interleaved});
}

} // namespace ponder
