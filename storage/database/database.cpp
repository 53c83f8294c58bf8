#include "storage/database/database.h"

#include "storage/database/database_file.h"
#include "storage/database/disk_reserve.h"
#include "storage/database/error_report.h"
#include "storage/database/routine_backup.h"
#include "storage/database/schema.h"
#include "storage/database/translate.h"

#include <QTimer>

#include <optional>
#include <vector>

namespace ponder::storage {

namespace {

constexpr int kBackUpAfterMs = 60'000; // when the first minute's work is done

} // namespace

/// Everything that happens on the storage thread.
class Database::Worker : public QObject {
public:
    Worker(Database& database, const Schema& schema)
        : m_database(database)
        , m_schema(schema)
        , m_timer(this)
        , m_backup(schema)
    {
        m_timer.setSingleShot(true);
        connect(&m_timer, &QTimer::timeout, this, [this] { flush(); });
    }

    Result<Opening> open(const QString& path)
    {
        close();
        const bool onDisk = path != QLatin1String(":memory:");
        m_reserve = onDisk ? DiskReserve(path + QLatin1String(".reserve")) : DiskReserve();
        auto file = openFile(path, m_schema);
        if (!file && file.error().code == ErrorCode::DiskFull && m_reserve.release())
            file = openFile(path, m_schema);
        if (!file)
            return tl::unexpected(file.error());
        m_path = path;
        m_file = std::move(*file);
        m_warning.clear();
        if (!m_file->readOnly && !m_reserve.take()) {
            // Not even a little can be written: better said now than at the first question.
            const auto tried = m_reserve.hasSomeRoom()
                ? Result<void>()
                : m_file->connection.run(m_schema.tryToWrite);
            if (!tried && tried.error().code == ErrorCode::DiskFull) {
                [[maybe_unused]] const auto closed = close();
                return tl::unexpected(tried.error());
            }
            m_timer.start(kRetryDelayMs);
        }
        if (onDisk && !m_file->readOnly)
            QTimer::singleShot(kBackUpAfterMs, this, [this] { backUp(); });
        return Opening{m_file->created, m_file->readOnly, m_file->notice};
    }

    Result<Opening> openInMemory(const QString& path)
    {
        const qint64 session = m_file ? m_file->connection.session() : 0;
        // What cannot be written stays with those who wait to write it.
        [[maybe_unused]] const auto closed = close();
        auto memory = openCopyInMemory(path, session, m_schema);
        if (!memory)
            return tl::unexpected(memory.error());
        m_path = QLatin1String(":memory:");
        m_reserve = DiskReserve();
        m_file = std::move(*memory);
        m_stuck = false;
        m_warning.clear();
        flush();
        return Opening{m_file->created, false, {}};
    }

    Result<void> close()
    {
        m_backup.stop();
        if (!m_file)
            return {};
        m_timer.stop();
        auto flushed = writeAllPutOff();
        if (!m_file)
            return flushed;
        InstanceLock lock = std::move(m_file->lock);
        m_file.reset();
        lock.leave();
        return flushed;
    }

    Result<void> run(const Task& task, bool inTransaction)
    {
        auto outcome = attempt(task, inTransaction);
        if (!outcome && outcome.error().code == ErrorCode::Damaged && repair())
            outcome = attempt(task, inTransaction);
        if (!outcome && outcome.error().code == ErrorCode::DiskFull && m_reserve.release()) {
            m_livesOnReserve = true;
            warn(tr("The disk is full. Ponder goes on with a little room that it kept in reserve; "
                    "free some more soon."),
                detailsOf(outcome.error()));
            outcome = attempt(task, inTransaction);
        }
        if (!outcome && outcome.error().code == ErrorCode::DiskFull) {
            m_livesOnReserve = false; // it is used up
            warn(outcome.error().message, detailsOf(outcome.error()));
        }
        return outcome;
    }

    void addPutOffWrite(PutOffWrite write) { m_putOff.push_back(std::move(write)); }

    void requestFlush()
    {
        const int delay = m_stuck ? kRetryDelayMs : kFlushDelayMs;
        if (!m_timer.isActive() || m_timer.remainingTime() > delay)
            m_timer.start(delay);
    }

    void announceFailure(const Error& error)
    {
        m_stuck = true;
        m_livesOnReserve = false; // it is used up
        warn(error.message, detailsOf(error));
    }

private:
    Result<void> attempt(const Task& task, bool inTransaction)
    {
        if (!m_file)
            return fail(ErrorCode::NotOpen,
                tr("The conversations are not open, so nothing can be read or saved."));
        Connection& connection = m_file->connection;
        auto outcome = inTransaction && !m_file->readOnly
            ? connection.transaction([&] { return task(connection); })
            : task(connection);
        if (!outcome && m_file->readOnly && outcome.error().code == ErrorCode::ReadOnly)
            outcome.error().message = m_file->notice;
        return outcome;
    }

    /// Repairs the open file in its place; the session and what is put off go on.
    bool repair()
    {
        if (m_file->readOnly || m_path == QLatin1String(":memory:"))
            return false;
        m_backup.stop();
        InstanceLock lock = std::move(m_file->lock);
        m_file->connection.keepLogWhenClosed(true); // the repair reads it
        m_file.reset();
        auto repaired = reopenDamagedFile(m_path, std::move(lock), m_schema);
        if (!repaired) {
            warn(repaired.error().message, detailsOf(repaired.error()));
            return false;
        }
        m_file = std::move(*repaired);
        emit m_database.repaired(m_file->notice);
        return true;
    }

    void backUp()
    {
        if (m_file && !m_file->readOnly && m_path != QLatin1String(":memory:"))
            m_backup.start(m_path);
    }

    /// Says what is wrong, once, and has flush() look whether it still is.
    void warn(const QString& message, const QString& details)
    {
        if (m_warning != message)
            emit m_database.writeFailed(message, details, !m_livesOnReserve);
        m_warning = message;
        if (!m_timer.isActive())
            m_timer.start(kRetryDelayMs);
    }

    Result<void> writeAllPutOff()
    {
        Result<void> first;
        for (const PutOffWrite& write : m_putOff) {
            if (auto written = run(write, false); !written && first)
                first = written;
        }
        return first;
    }

    void flush()
    {
        if (const auto written = writeAllPutOff(); !written) {
            announceFailure(written.error());
            return;
        }
        // Less than the reserve takes is room as well, but not while one lives on the reserve.
        const bool reserved = m_reserve.take();
        const bool hasRoom = reserved || (!m_livesOnReserve && m_reserve.hasSomeRoom());
        m_stuck = false;
        if (!reserved)
            m_timer.start(kRetryDelayMs); // until there is room for it again
        if (hasRoom && !m_warning.isEmpty()) {
            m_livesOnReserve = false;
            m_warning.clear();
            emit m_database.writeRecovered();
        }
    }

    Database& m_database;
    const Schema& m_schema;
    QTimer m_timer;
    QString m_path;
    std::optional<OpenedFile> m_file;
    std::vector<PutOffWrite> m_putOff;
    DiskReserve m_reserve;
    RoutineBackup m_backup;
    bool m_livesOnReserve = false; ///< the last warning was of that
    bool m_stuck = false; ///< the last write that was put off failed
    QString m_warning; ///< what writeFailed() said last, until writeRecovered()
};

Database::Database(const Schema& schema, QObject* parent)
    : QObject(parent)
    , m_thread(std::make_unique<QThread>())
    , m_worker(new Worker(*this, schema))
{
    m_thread->setObjectName(QStringLiteral("storage"));
    m_worker->moveToThread(m_thread.get());
    connect(m_thread.get(), &QThread::finished, m_worker, &QObject::deleteLater);
    m_thread->start();
}

Database::~Database()
{
    post([worker = m_worker, thread = m_thread.get()] {
        worker->close();
        thread->quit();
    });
    m_thread->wait();
}

Future<Opening> Database::open(const QString& path)
{
    auto promise = std::make_shared<QPromise<Result<Opening>>>();
    promise->start();
    post([worker = m_worker, promise, path] {
        promise->addResult(worker->open(path));
        promise->finish();
    });
    return promise->future();
}

Future<Opening> Database::openInMemory(const QString& path)
{
    auto promise = std::make_shared<QPromise<Result<Opening>>>();
    promise->start();
    post([worker = m_worker, promise, path] {
        promise->addResult(worker->openInMemory(path));
        promise->finish();
    });
    return promise->future();
}

Future<void> Database::close()
{
    auto promise = std::make_shared<QPromise<Result<void>>>();
    promise->start();
    post([worker = m_worker, promise] {
        promise->addResult(worker->close());
        promise->finish();
    });
    return promise->future();
}

void Database::post(std::function<void()> job)
{
    QMetaObject::invokeMethod(m_worker, std::move(job), Qt::QueuedConnection);
}

void Database::addPutOffWrite(PutOffWrite write)
{
    post([worker = m_worker, write = std::move(write)]() mutable {
        worker->addPutOffWrite(std::move(write));
    });
}

void Database::requestFlush()
{
    m_worker->requestFlush();
}

void Database::announceFailure(const Error& error)
{
    m_worker->announceFailure(error);
}

void Database::enqueue(Task task, bool inTransaction, std::function<void(Result<void>)> done)
{
    post([worker = m_worker, task = std::move(task), inTransaction, done = std::move(done)] {
        done(worker->run(task, inTransaction));
    });
}

} // namespace ponder::storage

#include "moc_database.cpp"
