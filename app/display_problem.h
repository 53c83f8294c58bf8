#pragma once

#include <functional>
#include <string>

namespace ponder {

/// The environment's variables by name; null where there is none of that name.
using Environment = std::function<const char*(const char*)>;

/// Why there is no window, from what the environment says of displays, and what to do: one or two
/// sentences for a terminal. `platform`: the one asked for with -platform or QT_QPA_PLATFORM, or empty.
[[nodiscard]] std::string displayProblem(
    const Environment& environment, const std::string& platform);

/// While it lives, an application that Qt cannot give a display ends with displayProblem() on the standard
/// error and exit code 1, instead of Qt's words and an abort. Qt's other messages
/// are printed when all went well.
class DisplayWatch {
public:
    DisplayWatch(int argc, char** argv);
    ~DisplayWatch();
    DisplayWatch(const DisplayWatch&) = delete;
    DisplayWatch& operator=(const DisplayWatch&) = delete;
};

} // namespace ponder
