#include "ui/library/storage_view_model.h"

#include "storage/database/database.h"
#include "storage/database/error_report.h"
#include "storage/database/sqlite.h"

namespace ponder {

using storage::Database;

StorageViewModel::StorageViewModel(Database& database, QObject* parent)
    : QObject(parent)
    , m_database(database)
{
    connect(&database, &Database::writeFailed, this,
        [this](const QString& message, const QString& details, bool nothingIsSaved) {
            setProblem(message, details, false, nothingIsSaved);
        });
    connect(&database, &Database::writeRecovered, this, [this] { setProblem({}, {}, false); });
    connect(&database, &Database::repaired, this, &StorageViewModel::setNotice);
}

void StorageViewModel::open(const QString& path)
{
    m_path = path;
    m_database.open(path).then(this, [this](const storage::Result<storage::Opening>& opening) {
        if (!opening) {
            openInMemory(opening.error().message, storage::detailsOf(opening.error()), true);
            return;
        }
        if (opening->readOnly) {
            openInMemory(opening->notice, {}, true);
            return;
        }
        setProblem({}, {}, false);
        setNotice(opening->notice);
        emit opened();
    });
}

void StorageViewModel::openInMemory(const QString& reason, const QString& details, bool reload)
{
    m_database.openInMemory(m_path).then(
        this, [this, reason, details, reload](const storage::Result<storage::Opening>& opening) {
            if (!opening) {
                setProblem(opening.error().message, storage::detailsOf(opening.error()), true);
                emit failedToOpen(opening.error().message);
                return;
            }
            setProblem(
                tr("%1 You can go on, but nothing is kept: what you write now is gone when the "
                   "window is closed.")
                    .arg(reason),
                details, true);
            lastMessage().then(
                this, [this](const storage::Result<qint64>& last) { m_copied = last.value_or(0); });
            if (reload)
                emit opened();
        });
}

storage::Future<qint64> StorageViewModel::lastMessage()
{
    return m_database.run([](storage::Connection& connection) {
        return connection.number("SELECT coalesce(max(id), 0) FROM messages");
    });
}

void StorageViewModel::retry()
{
    if (!m_failed)
        return;
    lastMessage().then(this, [this](const storage::Result<qint64>& last) {
        if (last && *last > m_copied)
            setNotice(tr("What you wrote meanwhile is only in this window. Copy what you want to "
                         "keep, then close the window and start Ponder again."));
        else
            open(m_path);
    });
}

void StorageViewModel::goOnWithoutKeeping()
{
    if (m_canGoOn)
        openInMemory(m_problem, m_problemDetails, false);
}

void StorageViewModel::dismissNotice()
{
    setNotice({});
}

void StorageViewModel::setProblem(
    const QString& problem, const QString& details, bool failed, bool canGoOn)
{
    if (m_problem == problem && m_problemDetails == details && m_failed == failed
        && m_canGoOn == canGoOn)
        return;
    m_problem = problem;
    m_problemDetails = details;
    m_failed = failed;
    m_canGoOn = canGoOn;
    emit problemChanged();
}

void StorageViewModel::setNotice(const QString& notice)
{
    if (m_notice == notice)
        return;
    m_notice = notice;
    emit noticeChanged();
}

} // namespace ponder

#include "moc_storage_view_model.cpp"
