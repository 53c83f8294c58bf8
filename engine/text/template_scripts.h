#pragma once

#include <string_view>

namespace ponder {

extern const std::string_view kJinjaScript; ///< defines `jinja`, the exports of @huggingface/jinja
extern const std::string_view kRenderScript; ///< defines checkTemplate and renderTemplate

} // namespace ponder
