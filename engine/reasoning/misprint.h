#pragma once

#include "engine/reasoning/expression.h"

namespace ponder {

/// Whether a false equation is likely a slip of the pen that the sentence around it puts right: "croissants at $3 each,
/// so 6*2.5 = 18", or "he spends $5, because 10*0.5 = 10". Nothing that follows is wrong by it.
[[nodiscard]] bool isMisprint(const MathText& text, const Reading& sum, const Reading& written);

} // namespace ponder
