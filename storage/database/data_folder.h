#pragma once

#include <QString>

namespace ponder::storage {

/// Where Ponder keeps its data: $PONDER_DATA_DIR, else the XDG data folder and "ponder". Absolute;
/// need not exist yet.
[[nodiscard]] QString dataFolder();

/// The database in that folder: what Database::open() is given.
[[nodiscard]] QString databasePath();

} // namespace ponder::storage
