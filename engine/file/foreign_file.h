#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace ponder {

/// What a file that is not GGUF looks like, and what to do about it, as the rest of a sentence that
/// begins "The file X": "is a Git LFS pointer, not the model itself: run git lfs pull …".
[[nodiscard]] std::string describeForeignFile(std::span<const std::byte> bytes);

} // namespace ponder
