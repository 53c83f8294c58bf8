#pragma once

#include <cstdint>

namespace ponder {

/// Which part of its output a model is writing.
enum class Phase : std::uint8_t { Reasoning, Answer };

} // namespace ponder
