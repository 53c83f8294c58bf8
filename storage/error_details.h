#pragma once

#include "storage/error.h"

namespace ponder::storage {

/// What helps somebody who looks for the cause: the code's name and the context, a line each.
/// Not translated, since it is copied into reports.
[[nodiscard]] QString detailsOf(const Error& error);

} // namespace ponder::storage
