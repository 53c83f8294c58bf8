#pragma once

#include "storage/database/schema.h"

namespace ponder::storage {

/// The tables that Ponder keeps, and what keeps them in order: what a Database is made with.
[[nodiscard]] const Schema& ponderSchema();

} // namespace ponder::storage
