#pragma once

#include "storage/database/error.h"

#include <span>

namespace ponder::storage {

class Connection;

/// One step of the schema's history. The list only ever grows at its end: a step that has been
/// released is never edited, since files made by it exist.
struct Migration {
    int version; ///< what PRAGMA user_version says afterwards
    const char* script; ///< SQL, run as one script in one transaction
};

/// "Pond": how a file is known to be Ponder's, in PRAGMA application_id.
constexpr int kApplicationId = 0x506f6e64;

[[nodiscard]] Result<int> schemaVersion(Connection& connection);

/// Takes the steps after the file's own version, each in a transaction of its own. After an error
/// the file is as the last whole step left it. `steps` are in strictly increasing version,
/// beginning at 1; a new file takes them all too, so that a fresh schema and a migrated one cannot
/// differ.
[[nodiscard]] Result<void> migrate(Connection& connection, std::span<const Migration> steps);

/// Writes a whole copy of the database to `path`, which must not exist.
[[nodiscard]] Result<void> backUp(Connection& connection, const QString& path);

} // namespace ponder::storage
