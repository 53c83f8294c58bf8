#pragma once

#include <string_view>

namespace ponder {

/// Defines checkTemplate(source) and renderTemplate(source, time, variables), both of strings: Jinja in JavaScript.
extern const std::string_view kTemplateScript;

} // namespace ponder
