#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace ponder {

/// What to say of a file that is one piece of a larger one, cut by bytes: model.gguf.part1of2, model.gguf.part01,
/// model.gguf.001, model.gguf-split-a, model.gguf.aa. It looks into the file's folder for the others and
/// gives the command that joins them. Nothing where the name is no piece's. (Parts that a model is split
/// into tensor by tensor, model-00001-of-00009.gguf, are no pieces: see split_name.h.)
[[nodiscard]] std::optional<std::string> describePiece(const std::filesystem::path& path);

} // namespace ponder
