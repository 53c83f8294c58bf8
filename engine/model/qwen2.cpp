#include "engine/model/decoder.h"
#include "engine/model/family.h"

namespace ponder {

/// Qwen 2 and 2.5, QwQ, R1-Distill-Qwen: queries, keys and values have biases.
Result<Network> readQwen2(const ModelFile& file)
{
    return readDecoder(file, {.architecture = "qwen2", .inputBiases = true});
}

} // namespace ponder
