#pragma once

#include "storage/database/instance_lock.h"
#include "storage/database/schema.h"
#include "storage/database/sqlite.h"

namespace ponder::storage {

/// How opening went: see Opening in database.h, which is what the window gets of it.
struct OpenedFile {
    InstanceLock lock; ///< outlives the connection
    Connection connection;
    bool created = false;
    bool readOnly = false;
    QString notice;
};

/// Opens or creates a database and leaves it whole and current: damage repaired (see repairFile()),
/// a backup made in "backups" beside it and migrations taken, and tidied as `schema` says. Blocks;
/// for the storage thread.
[[nodiscard]] Result<OpenedFile> openFile(
    const QString& path, const Schema& schema, QDate today = QDate::currentDate());

/// A database in memory with what can be read of the one at `path`, which stays as it is, whatever it
/// is and whoever has it open: for going on where nothing can be kept. `session` is that of the
/// file's own connection, when there was one, whose answers go on; 0 otherwise.
[[nodiscard]] Result<OpenedFile> openCopyInMemory(
    const QString& path, qint64 session, const Schema& schema);

/// The same for a file that proved damaged while it was open; `lock` is the session's, and its
/// connection is closed. Answers being streamed by this session go on.
[[nodiscard]] Result<OpenedFile> reopenDamagedFile(
    const QString& path, InstanceLock lock, const Schema& schema);

} // namespace ponder::storage
