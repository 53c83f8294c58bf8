#pragma once

#include "storage/instance_lock.h"
#include "storage/migrations.h"
#include "storage/sqlite.h"

namespace ponder::storage {

/// How opening went: see Opening in database.h, which is what the window gets of it.
struct OpenedFile {
    InstanceLock lock; ///< outlives the connection
    Connection connection;
    bool created = false;
    bool readOnly = false;
    QString notice;
};

/// Opens or creates a database of Ponder and leaves it whole and current: damage repaired (see
/// repairFile()), a backup made in "backups" beside it and migrations taken, answers that a killed
/// process left streaming marked as interrupted, conversations dropped that were in the bin for
/// kDaysInBin. Blocks; for the storage thread.
[[nodiscard]] Result<OpenedFile> openFile(
    const QString& path, std::span<const Migration> steps = migrations());

/// The same for a file that proved damaged while it was open; `lock` is the session's, and its
/// connection is closed. Answers being streamed by this session go on.
[[nodiscard]] Result<OpenedFile> reopenDamagedFile(
    const QString& path, InstanceLock lock, std::span<const Migration> steps = migrations());

/// How long a deleted conversation can be restored.
constexpr int kDaysInBin = 30;

} // namespace ponder::storage
