#include "storage/database/migrations.h"

#include "storage/database/error_report.h"
#include "storage/database/sqlite.h"
#include "storage/database/translate.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ponder::storage {

namespace {

Result<void> take(Connection& connection, const Migration& step)
{
    return connection.transaction([&]() -> Result<void> {
        // Another window may have taken it while this one waited for the lock.
        const auto version = schemaVersion(connection);
        if (!version)
            return tl::unexpected(version.error());
        if (*version >= step.version)
            return {};
        if (auto done = connection.runScript(step.script); !done)
            return done;
        const QByteArray stamp = "PRAGMA user_version = " + QByteArray::number(step.version)
            + "; PRAGMA application_id = " + QByteArray::number(kApplicationId) + ";";
        return connection.runScript(stamp.constData());
    });
}

} // namespace

Result<int> schemaVersion(Connection& connection)
{
    return connection.number("PRAGMA user_version").map([](qint64 version) {
        return int(version);
    });
}

Result<void> migrate(Connection& connection, std::span<const Migration> steps)
{
    const auto version = schemaVersion(connection);
    if (!version)
        return tl::unexpected(version.error());
    for (const Migration& step : steps) {
        if (step.version <= *version)
            continue;
        if (auto taken = take(connection, step); !taken)
            return taken;
    }
    return {};
}

Result<void> backUp(Connection& connection, const QString& path)
{
    // Under another name until it is whole: a backup that is there can be trusted.
    const QString unfinished = path + ".unfinished";
    QFile::remove(unfinished);
    // Made here, since SQLite would let everybody read it.
    const int file = ::open(QFile::encodeName(unfinished).constData(),
        O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file < 0)
        return failToWrite(errno,
            tr("A backup of the conversations cannot be made. Check the "
               "permissions of the folder %1.")
                .arg(QDir::toNativeSeparators(QFileInfo(path).absolutePath())),
            unfinished);
    ::close(file);
    if (auto copied = connection.run("VACUUM INTO ?", unfinished); !copied) {
        QFile::remove(unfinished);
        return copied;
    }
    if (!QFile::rename(unfinished, path))
        return fail(ErrorCode::Io,
            tr("A backup of the conversations was made and cannot be given its name. Check the "
               "permissions of the folder %1.")
                .arg(QDir::toNativeSeparators(QFileInfo(path).absolutePath())),
            unfinished);
    return {};
}

} // namespace ponder::storage
