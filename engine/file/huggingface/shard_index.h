#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/base/result.h"

namespace ponder {

inline constexpr std::string_view kShardIndexName = "model.safetensors.index.json";

/// The names of the files that an index gives, each once, ascending: plain names, of files in the
/// index's own folder. Fails with FileCorrupt.
[[nodiscard]] Result<std::vector<std::string>> readShardIndex(const nlohmann::json& index);

} // namespace ponder
