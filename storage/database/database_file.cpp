#include "storage/database/database_file.h"

#include "storage/database/error_report.h"
#include "storage/database/page_source.h"
#include "storage/database/repair.h"
#include "storage/database/salvage.h"
#include "storage/database/translate.h"

#include <QDir>
#include <QFileInfo>

#include <cerrno>

namespace ponder::storage {

namespace {

Result<void> checkWhole(Connection& connection)
{
    Query check(connection, "PRAGMA quick_check(1)");
    if (!check.next())
        return check.failure();
    if (check.text(0) != QLatin1String("ok"))
        return fail(
            ErrorCode::Damaged, tr("The file with your conversations is damaged."), check.text(0));
    return {};
}

/// Read only, by the way that works in this folder.
Result<OpenedFile> openToRead(const QString& path, const Schema& schema, const QString& notice)
{
    Result<void> lastFailure;
    for (const auto mode : {Connection::Mode::ReadOnly, Connection::Mode::Immutable}) {
        auto connection = Connection::open(path, mode);
        if (!connection) {
            lastFailure = tl::unexpected(connection.error());
            continue;
        }
        const auto tables = connection->number(schema.readTable);
        if (tables)
            return OpenedFile{{}, std::move(*connection), false, true, notice};
        lastFailure = tl::unexpected(tables.error());
    }
    return tl::unexpected(lastFailure.error());
}

Result<OpenedFile> openNewer(const QString& path, const Schema& schema)
{
    auto opened = openToRead(path, schema,
        tr("These conversations were written by a newer Ponder. They can be read here, but not "
           "changed; update Ponder to go on with them."));
    if (opened)
        return opened;
    return fail(ErrorCode::NewerVersion,
        tr("These conversations were written by a newer Ponder, in a form that this one cannot "
           "read. Update Ponder to open them; nothing has been changed."),
        opened.error().context);
}

/// Whether no start has ever ended well here: each leaves a mark, and room that is kept back.
bool isFirstStart(const QString& path, const InstanceLock& lock)
{
    return !lock.lastEndedBadly() && !QFileInfo::exists(path + QLatin1String(".reserve"))
        && QDir(backupFolder(path)).isEmpty();
}

/// Whether this is what a first start leaves that was killed, or found no room, while it made the
/// file: nothing, NULs, or the beginning of a database of Ponder. Not a file of somebody's.
bool isHalfMade(const QString& path, const Schema& schema)
{
    constexpr qint64 kMaxOfANewFile = 1 << 20;
    QFile file(path);
    if (!file.exists())
        return true;
    if (!file.open(QIODevice::ReadOnly) || file.size() > kMaxOfANewFile)
        return false;
    const QByteArray bytes = file.readAll();
    if (bytes.count('\0') == bytes.size())
        return true;
    return bytes.startsWith("SQLite format 3")
        && (!bytes.contains("CREATE ") || bytes.contains(schema.signature));
}

/// Whether the file is Ponder's, or so new that it is nobody's yet.
Result<bool> isOurs(Connection& connection)
{
    const auto id = connection.number("PRAGMA application_id");
    if (!id)
        return tl::unexpected(id.error());
    if (*id == kApplicationId)
        return true;
    const auto tables = connection.number("SELECT count(*) FROM sqlite_schema");
    if (!tables)
        return tl::unexpected(tables.error());
    return *tables == 0;
}

Result<void> bringUpToDate(
    Connection& connection, const QString& path, int version, bool alone, const Schema& schema)
{
    if (version >= schema.migrations.back().version)
        return {};
    if (!alone)
        return fail(ErrorCode::Busy,
            tr("Ponder has to bring the conversations up to date, and an older window of it has "
               "them open. Close that one first."));
    if (version > 0) {
        const QString folder = backupFolder(path);
        const QString name = QStringLiteral("%1/%2-v%3-%4.db")
                                 .arg(folder, QFileInfo(path).completeBaseName())
                                 .arg(version)
                                 .arg(QDateTime::currentDateTime().toString("yyyyMMdd-HHmmss-zzz"));
        errno = 0;
        if (!QDir().mkpath(folder))
            return failToWrite(errno,
                tr("Ponder cannot create the folder %1 for a backup of the conversations. Check "
                   "the permissions of the folder above it.")
                    .arg(QDir::toNativeSeparators(folder)),
                folder);
        if (auto saved = backUp(connection, name); !saved)
            return saved;
    }
    return migrate(connection, schema.migrations);
}

/// What is only tidied: a full disk must not keep anybody from reading.
Result<void> tidy(
    Connection& connection, const Schema& schema, const InstanceLock& lock, QDate today)
{
    auto done = schema.tidy(connection, lock, today);
    if (!done && done.error().code == ErrorCode::DiskFull)
        return {};
    return done;
}

/// Opens what is at `path` as it is. Damaged where a repair is needed.
Result<OpenedFile> openWhole(
    const QString& path, const InstanceLock& lock, const Schema& schema, QDate today)
{
    const QFileInfo info(path);
    const bool existed = info.exists();
    // SQLite would delete a log that it finds beside nothing, and much may be in it alone.
    const bool isLogLeft = QFileInfo(path + QLatin1String("-wal")).size() > 0;
    const bool emptied
        = (!existed || info.size() == 0) && (isLogLeft || (existed && !isFirstStart(path, lock)));
    if ((existed && !info.isFile()) || emptied)
        return fail(ErrorCode::Damaged, tr("The file with your conversations is damaged."),
            emptied ? QStringLiteral("zero length, or missing") : QStringLiteral("not a file"));
    if (existed && !info.isWritable())
        return openToRead(path, schema,
            tr("The conversations can be read but not changed: Ponder may not write the file %1.")
                .arg(QDir::toNativeSeparators(path)));

    if (existed && isLogLeft && lock.alone() && PageSource::logGoesOnPastDamage(path))
        return fail(ErrorCode::Damaged, tr("The file with your conversations is damaged."),
            QStringLiteral("a damaged log"));

    auto opened = Connection::open(path, Connection::Mode::ReadWrite);
    if (!opened)
        return tl::unexpected(opened.error());
    Connection connection = std::move(*opened);
    connection.keepLogWhenClosed(true); // a repair reads it
    const auto ours = isOurs(connection);
    if (!ours)
        return tl::unexpected(ours.error());
    if (!*ours)
        return fail(ErrorCode::Damaged, tr("The file with your conversations is damaged."),
            QStringLiteral("another program's database"));
    const auto version = schemaVersion(connection);
    if (!version)
        return tl::unexpected(version.error());
    if (*version > schema.migrations.back().version)
        return openNewer(path, schema);

    if (existed && lock.lastEndedBadly()) {
        if (auto whole = checkWhole(connection); !whole)
            return tl::unexpected(whole.error());
    }
    // FULL: a commit is on the disk when it returns. NORMAL would be enough after kill -9, but a
    // power cut could then take back everything since the last checkpoint, which may be hours.
    // Text is committed twice a second at most, so the price is two fsyncs a second.
    auto ready = connection
                     .runScript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; "
                                "PRAGMA journal_size_limit = 16777216;")
                     .and_then([&] {
                         return bringUpToDate(connection, path, *version, lock.alone(), schema);
                     })
                     .and_then([&] { return tidy(connection, schema, lock, today); });
    if (!ready)
        return tl::unexpected(ready.error());
    connection.setSession(lock.session());
    connection.keepLogWhenClosed(false);
    return OpenedFile{{}, std::move(connection), !existed || info.size() == 0, false, {}};
}

Result<OpenedFile> openRepaired(
    const QString& path, InstanceLock lock, const Schema& schema, QDate today)
{
    if (!lock.alone())
        return fail(ErrorCode::Busy,
            tr("The file with your conversations is damaged, and another window of Ponder has it "
               "open. Close all windows and start Ponder again to have it repaired."));
    const bool halfMade = isFirstStart(path, lock) && isHalfMade(path, schema);
    const auto repair = repairFile(path, schema);
    if (!repair)
        return tl::unexpected(repair.error());
    auto opened = openWhole(path, lock, schema, today);
    if (!opened)
        return opened;
    lock.settle();
    opened->lock = std::move(lock);
    opened->created = repair->holdings.conversations == 0;
    if (halfMade && repair->holdings.conversations == 0)
        removeDatabase(repair->keptAs); // nothing was ever in it, and nobody need hear of it
    else
        opened->notice = repair->sentence();
    return opened;
}

Result<OpenedFile> openInMemory(const Schema& schema)
{
    auto connection = Connection::open(QStringLiteral(":memory:"), Connection::Mode::ReadWrite);
    if (!connection)
        return tl::unexpected(connection.error());
    if (auto migrated = migrate(*connection, schema.migrations); !migrated)
        return tl::unexpected(migrated.error());
    return OpenedFile{{}, std::move(*connection), true, false, {}};
}

} // namespace

Result<OpenedFile> openFile(const QString& path, const Schema& schema, QDate today)
{
    if (path == QLatin1String(":memory:"))
        return openInMemory(schema);
    const QString folder = QFileInfo(path).absolutePath();
    errno = 0;
    if (!QDir().mkpath(folder))
        return failToWrite(errno,
            tr("Ponder cannot create the folder %1 for its conversations. Check the permissions "
               "of the folder above it, or name another one in PONDER_DATA_DIR.")
                .arg(QDir::toNativeSeparators(folder)),
            folder);

    auto entered = InstanceLock::enter(path + QLatin1String(".lock"));
    if (!entered) {
        if (entered.error().code == ErrorCode::NoPermission && QFileInfo(path).isFile())
            return openToRead(path, schema,
                tr("The conversations can be read but not changed: Ponder may not write in the "
                   "folder %1.")
                    .arg(QDir::toNativeSeparators(folder)));
        return tl::unexpected(entered.error());
    }
    InstanceLock lock = std::move(*entered);
    if (lock.alone())
        finishRepair(path);
    auto opened = openWhole(path, lock, schema, today);
    if (!opened && opened.error().code == ErrorCode::Damaged)
        return openRepaired(path, std::move(lock), schema, today);
    if (opened) {
        lock.settle();
        opened->lock = std::move(lock);
    }
    return opened;
}

Result<OpenedFile> openCopyInMemory(const QString& path, qint64 session, const Schema& schema)
{
    auto memory = openInMemory(schema);
    if (!memory)
        return memory;
    Connection& connection = memory->connection;
    auto copied = connection.run("PRAGMA foreign_keys = OFF")
                      .and_then([&] { return salvage(path, schema, connection); })
                      .and_then([&] { return connection.run("PRAGMA foreign_keys = ON"); });
    if (copied && session == 0)
        copied = schema.adopt(connection);
    if (!copied)
        return tl::unexpected(copied.error());
    connection.setSession(session);
    return memory;
}

Result<OpenedFile> reopenDamagedFile(const QString& path, InstanceLock lock, const Schema& schema)
{
    if (auto entered = lock.enterAgain(); !entered)
        return tl::unexpected(entered.error());
    return openRepaired(path, std::move(lock), schema, QDate::currentDate());
}

} // namespace ponder::storage
