#pragma once

#include "storage/database/error.h"
#include "storage/database/schema.h"

#include <QDateTime>
#include <QFileInfo>

namespace ponder::storage {

/// What became of a damaged file.
struct Repair {
    Holdings holdings; ///< carried over into the new file
    QString keptAs; ///< where the damaged file lies now, as it was
    QString fromBackup; ///< the backup that was used because nothing could be read; or empty
    [[nodiscard]] QString sentence() const;
};

/// Puts a new file in the place of what is at `path` (a damaged database, a foreign file, a
/// folder): copies every row that can be read (see salvage()), and renames the old file to NAME.damaged-DATE, untouched, with its write-ahead log. When
/// nothing can be read, the newest backup is used. A crash in between loses nothing: see
/// finishRepair(). The caller holds the door of the InstanceLock and is alone.
[[nodiscard]] Result<Repair> repairFile(const QString& path, const Schema& schema);

/// Ends a repair that a crash interrupted between its two renames. To be called before opening.
void finishRepair(const QString& path);

/// The folder of the backups that are made before migrations.
[[nodiscard]] QString backupFolder(const QString& path);

/// When a backup was made: its name says so, and its own time where somebody renamed it.
[[nodiscard]] QDateTime timeOfBackup(const QFileInfo& backup);

/// The whole backups, newest first; those that are dated after `now`, by a clock that was wrong, last.
/// Takes from others the right to read them, which earlier versions gave.
[[nodiscard]] QFileInfoList backupsOf(
    const QString& path, const QDateTime& now, const QString& names = QStringLiteral("*.db"));

} // namespace ponder::storage
