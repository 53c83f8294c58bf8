#pragma once

#include "engine/file/model_file.h"
#include "engine/model/network.h"
#include "engine/result.h"

namespace ponder {

/// DeepSeek V2, V2-Lite, V2.5, V3, R1 and their kin (general.architecture "deepseek2"): multi-head
/// latent attention, leading dense layers, then mixtures of experts. Reads files with attn_kv_b in
/// one piece, split into attn_k_b and attn_v_b, or both; prefers the split ones.
[[nodiscard]] Result<Network> readDeepSeek2(const ModelFile& file);

} // namespace ponder
