#include "ui/library/storage_view_model.h"

#include "storage/database.h"

namespace ponder {

using storage::Database;

StorageViewModel::StorageViewModel(Database& database, QObject* parent)
    : QObject(parent)
    , m_database(database)
{
    connect(&database, &Database::writeFailed, this,
        [this](const QString& message) { setProblem(message, false); });
    connect(&database, &Database::writeRecovered, this, [this] { setProblem({}, false); });
    connect(&database, &Database::repaired, this, &StorageViewModel::setNotice);
}

void StorageViewModel::open(const QString& path)
{
    m_path = path;
    m_database.open(path).then(this, [this](const storage::Result<storage::Opening>& opening) {
        if (!opening) {
            setProblem(opening.error().message, true);
            emit failedToOpen(opening.error().message);
            return;
        }
        setProblem({}, false);
        setNotice(opening->notice);
        emit opened(opening->readOnly ? opening->notice : QString());
    });
}

void StorageViewModel::retry()
{
    if (m_failed)
        open(m_path);
}

void StorageViewModel::dismissNotice()
{
    setNotice({});
}

void StorageViewModel::setProblem(const QString& problem, bool failed)
{
    if (m_problem == problem && m_failed == failed)
        return;
    m_problem = problem;
    m_failed = failed;
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
