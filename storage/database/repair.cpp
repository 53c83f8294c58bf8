#include "storage/database/repair.h"

#include "storage/database/salvage.h"
#include "storage/database/sqlite.h"
#include "storage/database/translate.h"

#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QLocale>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <unistd.h>

namespace ponder::storage {

namespace {

const QLatin1String kInTheMaking(".rebuilding");
const QLatin1String kWhole(".rebuilt"); ///< exists only while a repair changes the names

/// Makes renames in the folder of `path` survive a power cut.
void syncFolder(const QString& path)
{
    const QByteArray folder = QFile::encodeName(QFileInfo(path).absolutePath());
    const int file = ::open(folder.constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0)
        return;
    ::fsync(file);
    ::close(file);
}

QString freeName(const QString& path)
{
    const QString base
        = path + ".damaged-" + QDateTime::currentDateTime().toString("yyyyMMdd-HHmmss");
    QString name = base;
    for (int n = 2; QFileInfo::exists(name) || QFileInfo::exists(name + "-wal"); ++n)
        name = base + '-' + QString::number(n);
    return name;
}

/// Renames what is at `path`, the log first: a log that stays would be taken for the new file's.
Result<QString> setAside(const QString& path)
{
    const QString name = freeName(path);
    if (QFileInfo(path + QLatin1String("-wal")).size() == 0)
        QFile::remove(path + QLatin1String("-wal"));
    for (const char* suffix : {"-wal", "-journal", ""}) {
        const QString from = path + QLatin1String(suffix);
        // Not QFile::rename(), which copies where it cannot rename, and knows no folders.
        if (QFileInfo::exists(from)
            && ::rename(QFile::encodeName(from).constData(),
                   QFile::encodeName(name + QLatin1String(suffix)).constData())
                != 0)
            return fail(ErrorCode::NoPermission,
                tr("The file with your conversations is damaged and cannot be set aside. Check "
                   "the permissions of the folder %1.")
                    .arg(QDir::toNativeSeparators(QFileInfo(path).absolutePath())),
                qt_error_string(errno));
    }
    QFile::remove(path + QLatin1String("-shm"));
    return name;
}

/// Sets the old file aside and puts the whole new one in its place.
Result<QString> exchange(const QString& path)
{
    auto aside = setAside(path);
    if (!aside)
        return aside;
    if (!QFile::rename(path + kWhole, path))
        return fail(ErrorCode::NoPermission,
            tr("The repaired conversations cannot be put in their place. Check the permissions "
               "of the folder %1.")
                .arg(QDir::toNativeSeparators(QFileInfo(path).absolutePath())));
    syncFolder(path);
    return aside;
}

/// Fills the new file; the first source in which there are conversations will do.
Result<Repair> rebuild(Connection& target, const QString& path, const Schema& schema)
{
    Repair repair;
    QStringList sources{path};
    for (const QFileInfo& backup : backupsOf(path, QDateTime::currentDateTime()))
        sources.append(backup.filePath());
    for (const QString& source : std::as_const(sources)) {
        if (auto salvaged = salvage(source, schema, target); !salvaged)
            return tl::unexpected(salvaged.error());
        repair.holdings = schema.holdings(target).value_or(Holdings{});
        if (repair.holdings.conversations > 0) {
            repair.fromBackup = source == path ? QString() : source;
            break;
        }
    }
    return repair;
}

} // namespace

QString Repair::sentence() const
{
    const QString kept = QDir::toNativeSeparators(keptAs);
    if (holdings.conversations == 0)
        return tr("The file with your conversations was damaged and nothing in it could be read, "
                  "so a new one was begun. The damaged file is kept as %1.")
            .arg(kept);
    if (!fromBackup.isEmpty())
        return tr("The file with your conversations was damaged. %1 conversations with %2 "
                  "messages were brought back from the backup of %3. The damaged file is kept "
                  "as %4.")
            .arg(holdings.conversations)
            .arg(holdings.messages)
            .arg(QLocale().toString(QFileInfo(fromBackup).lastModified(), QLocale::ShortFormat))
            .arg(kept);
    return tr("The file with your conversations was damaged and has been repaired: %1 "
              "conversations with %2 messages were read from it. The damaged file is kept as %3.")
        .arg(holdings.conversations)
        .arg(holdings.messages)
        .arg(kept);
}

Result<Repair> repairFile(const QString& path, const Schema& schema)
{
    const QString rebuilt = path + kInTheMaking;
    removeDatabase(rebuilt);
    Result<Repair> repair;
    {
        auto target = Connection::open(rebuilt, Connection::Mode::ReadWrite);
        if (!target)
            return tl::unexpected(target.error());
        repair = migrate(*target, schema.migrations)
                     .and_then([&] { return target->run("PRAGMA foreign_keys = OFF"); })
                     .and_then([&] { return rebuild(*target, path, schema); });
    }
    if (!repair) {
        removeDatabase(rebuilt);
        return repair;
    }
    if (!QFile::rename(rebuilt, path + kWhole))
        return fail(ErrorCode::NoPermission,
            tr("The conversations cannot be repaired. Check the permissions of the folder %1.")
                .arg(QDir::toNativeSeparators(QFileInfo(path).absolutePath())));
    const auto aside = exchange(path);
    if (!aside)
        return tl::unexpected(aside.error());
    repair->keptAs = *aside;
    return repair;
}

void finishRepair(const QString& path)
{
    if (!QFileInfo::exists(path + kWhole))
        return;
    // A failure shows again, as an error, when the file is opened and repaired.
    [[maybe_unused]] const auto aside = exchange(path);
}

QString backupFolder(const QString& path)
{
    return QFileInfo(path).absolutePath() + "/backups";
}

QDateTime timeOfBackup(const QFileInfo& backup)
{
    const QString format = QStringLiteral("yyyyMMdd-HHmmss-zzz");
    const QDateTime named
        = QDateTime::fromString(backup.completeBaseName().right(format.size()), format);
    return named.isValid() ? named : backup.lastModified();
}

QFileInfoList backupsOf(const QString& path, const QDateTime& now, const QString& names)
{
    constexpr auto kOwner = QFile::ReadOwner | QFile::WriteOwner;
    QFileInfoList all = QDir(backupFolder(path)).entryInfoList({names}, QDir::Files);
    for (const QFileInfo& backup : std::as_const(all)) {
        if (backup.permission(QFile::ReadGroup) || backup.permission(QFile::ReadOther))
            QFile::setPermissions(backup.filePath(), kOwner);
    }
    // A day more: names say the local time, and people travel.
    const QDateTime latest = now.addDays(1);
    std::ranges::stable_sort(all, [&](const QFileInfo& a, const QFileInfo& b) {
        const QDateTime first = timeOfBackup(a);
        const QDateTime second = timeOfBackup(b);
        if ((first > latest) != (second > latest))
            return second > latest;
        return first > second;
    });
    return all;
}

} // namespace ponder::storage
