#include "engine/model/decoder.h"
#include "engine/model/family.h"

namespace ponder {

/// Qwen 3, R1-0528-Qwen3: every head's query and key pass a norm.
Result<Network> readQwen3(const ModelFile& file)
{
    return readDecoder(file, {.architecture = "qwen3", .headNorms = true});
}

/// The same with experts: Qwen3-30B-A3B, Qwen3-235B-A22B.
Result<Network> readQwen3Moe(const ModelFile& file)
{
    return readDecoder(file, {.architecture = "qwen3moe", .headNorms = true});
}

} // namespace ponder
