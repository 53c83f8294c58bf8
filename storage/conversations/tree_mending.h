#pragma once

#include "storage/database/error.h"

namespace ponder::storage {

class Connection;

/// Repairs the trees of a file in which rows are lost. Messages without their conversation get one,
/// under a title that says so; those without their parent follow the message before them. An attached
/// file without its message gets a message, and is listed in it where its part is lost. What else
/// refers to a lost message goes. Inside a transaction; foreign keys are off; the index is not kept.
[[nodiscard]] Result<void> mendTrees(Connection& connection);

} // namespace ponder::storage
