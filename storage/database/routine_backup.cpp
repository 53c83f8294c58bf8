#include "storage/database/routine_backup.h"

#include "storage/database/migrations.h"
#include "storage/database/repair.h"
#include "storage/database/sqlite.h"

#include <QDir>
#include <QFileInfo>
#include <QStorageInfo>

namespace ponder::storage {

namespace {

constexpr qint64 kRoomLeft = 64 << 20; // bytes that a backup leaves on the disk at the least

bool isDue(const QString& path, const QDateTime& now)
{
    const auto all = backupsOf(path, now);
    if (all.isEmpty())
        return true;
    const qint64 age = timeOfBackup(all.first()).daysTo(now);
    return age < -1 || age >= RoutineBackup::kDaysBetween;
}

} // namespace

void RoutineBackup::start(const QString& path)
{
    stop();
    m_givenUp = false;
    m_thread = std::thread([this, path] {
        // There is nobody to tell: the next start tries again.
        [[maybe_unused]] const auto made
            = makeIfDue(m_schema, path, QDateTime::currentDateTime(), &m_givenUp);
    });
}

void RoutineBackup::stop()
{
    m_givenUp = true;
    if (m_thread.joinable())
        m_thread.join();
}

Result<bool> RoutineBackup::makeIfDue(const Schema& schema, const QString& path,
    const QDateTime& now, const std::atomic<bool>* givenUp)
{
    const QDir folder(backupFolder(path));
    if (!isDue(path, now))
        return false;
    auto connection = Connection::open(path, Connection::Mode::ReadOnly);
    if (!connection)
        return tl::unexpected(connection.error());
    const auto holdings = schema.holdings(*connection);
    if (!holdings)
        return tl::unexpected(holdings.error());
    const qint64 size = QFileInfo(path).size() + QFileInfo(path + "-wal").size();
    if (holdings->messages == 0
        || QStorageInfo(QFileInfo(path).absolutePath()).bytesAvailable() < size + kRoomLeft)
        return false;
    if (!folder.mkpath(QStringLiteral(".")))
        return fail(ErrorCode::NoPermission, {}, folder.path());
    if (givenUp)
        connection->setGivenUp(*givenUp);
    const QString name
        = QStringLiteral("%1-%2.db")
              .arg(QFileInfo(path).completeBaseName(), now.toString("yyyyMMdd-HHmmss-zzz"));
    if (auto saved = backUp(*connection, folder.filePath(name)); !saved)
        return tl::unexpected(saved.error());
    // Only its own: those from before a migration have a v in their names, and stay.
    const QString own = QFileInfo(path).completeBaseName() + "-[0-9]*.db";
    const auto all = backupsOf(path, now, own);
    for (qsizetype k = kKept; k < all.size(); ++k)
        QFile::remove(all[k].filePath());
    return true;
}

} // namespace ponder::storage
