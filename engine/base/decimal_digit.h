#pragma once

namespace ponder {

/// A decimal digit of any script (Unicode 16, general category Nd): "7", "٧", "७", "７".
[[nodiscard]] bool isDecimalDigit(char32_t character);

} // namespace ponder
