#pragma once

#include <string>

#include "engine/file/model_file.h"

namespace ponder {

/// A sentence on what a sound file is that is not a model, and what to open instead: an adapter (LoRA), a
/// projector of images or sound, an importance matrix, control vectors. Empty where it may be a model.
[[nodiscard]] std::string describeOtherKind(const ModelFile& file);

} // namespace ponder
