#pragma once

#include <span>
#include <string_view>

#include "engine/file/model_file.h"
#include "engine/model/network.h"
#include "engine/result.h"

namespace ponder {

/// One model family: reads a file's hyper-parameters, checks every tensor against them and lays the
/// layers out. The network points into the file.
///
/// To add a family: a source file with such a function, and one line in families.cpp.
struct Family {
    std::string_view architecture; ///< general.architecture
    Result<Network> (*read)(const ModelFile& file);
};

/// All families that Ponder has.
[[nodiscard]] std::span<const Family> builtinFamilies();

} // namespace ponder
