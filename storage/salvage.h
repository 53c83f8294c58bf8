#pragma once

#include "storage/error.h"

namespace ponder::storage {

class Connection;

/// Copies every row that can be read from the damaged database at `source` into `target`, a fresh
/// one, and mends what is left of the trees. Rows, not files: what cannot be read is skipped.
/// Works on a copy of `source` and of its write-ahead log beside `target`; they stay as they are.
/// Errors are those of writing; a source in which nothing can be read is none.
[[nodiscard]] Result<void> salvage(const QString& source, Connection& target);

} // namespace ponder::storage
