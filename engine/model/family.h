#pragma once

#include <span>
#include <string_view>

#include "engine/base/result.h"
#include "engine/file/model_file.h"
#include "engine/model/network.h"

namespace ponder {

/// One model family: reads a file's hyper-parameters, checks every tensor against them and lays the
/// layers out. The network points into the file.
///
/// To add a family: a source file with such a function (most are a DecoderFamily, see decoder.h), and
/// one line in families.def.
struct Family {
    std::string_view architecture; ///< general.architecture
    Result<Network> (*read)(const ModelFile& file);
};

#define PONDER_FAMILY(architecture, function)                                                      \
    [[nodiscard]] Result<Network> function(const ModelFile& file);
#include "engine/model/families.def"
#undef PONDER_FAMILY

/// All families that Ponder has.
[[nodiscard]] std::span<const Family> builtinFamilies();

} // namespace ponder
