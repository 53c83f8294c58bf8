#pragma once

#include "storage/database/error.h"

namespace ponder::storage {

class Connection;
struct Schema;

/// Copies every row that can be read from the damaged database at `source` into `target`, a fresh
/// one, and has `schema` mend what refers to rows that are lost.
///
/// Reads page by page, not by the tables' trees, so that whatever lies on a whole page is found
/// whatever became of the others; the write-ahead log beside the file is taken into account. A row
/// whose end lay on a lost page is taken as far as it goes. `source` stays as it is.
/// Errors are those of writing; a source in which nothing can be read is none, and so is another
/// program's file. Foreign keys of `target` must be off.
[[nodiscard]] Result<void> salvage(const QString& source, const Schema& schema, Connection& target);

} // namespace ponder::storage
