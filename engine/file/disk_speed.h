#pragma once

#include <filesystem>

namespace ponder {

class ModelFile;

/// Bytes a second that a large file comes from its disk with, read in pieces from all over it and past
/// the system's cache where the file system allows that. Takes a fraction of a second, a second where the disk is slow; 0
/// where it cannot be measured.
[[nodiscard]] double measureDiskSpeed(const std::filesystem::path& file);
/// The same of a model's largest file.
[[nodiscard]] double measureDiskSpeed(const ModelFile& model);

} // namespace ponder
