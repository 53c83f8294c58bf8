#pragma once

#include "storage/database/error.h"

#include <QObject>
#include <QPromise>
#include <QThread>

#include <functional>
#include <memory>
#include <type_traits>

namespace ponder::storage {

class Connection;
struct Schema;

/// How open() went. The database is usable in every case.
struct Opening {
    bool created = false; ///< there was no file before (or none that could be read)
    bool readOnly = false; ///< every write will fail with ErrorCode::ReadOnly; notice says why
    QString notice; ///< a sentence the person should read (recovery, newer version), or empty
};

/// One SQLite file, owned by one storage thread.
///
/// The object itself lives on the GUI thread; every call returns at once. Jobs run in the order
/// they were given. Each write is one transaction that is on the disk when its future finishes
/// (WAL with synchronous=FULL), so neither a killed process nor a power cut takes it back.
///
/// Two windows may open the same file: each sees what the other commits, and an answer that one
/// of them is streaming is left alone by the other. Repair and migrations need the file alone and
/// fail with ErrorCode::Busy while another window has it open.
///
/// A damaged file is renamed with a date, never deleted; what can be read of it goes into the new
/// one.
class Database : public QObject {
    Q_OBJECT

public:
    /// `schema` must outlive the database.
    explicit Database(const Schema& schema, QObject* parent = nullptr);
    /// Closes: waits for the jobs that were given and for text that was put off (milliseconds).
    ~Database() override;

    /// Opens or creates the file at `path` and the folders above it; ":memory:" keeps nothing.
    /// Errors: NoPermission, Busy, Io, DiskFull; each with a sentence.
    Future<Opening> open(const QString& path);

    /// Goes on in memory, with what can be read of the file at `path` (the one that is open or could
    /// not be opened): nothing is kept from then on. Text that is waiting to be written goes there.
    Future<Opening> openInMemory(const QString& path);

    /// Writes what was put off and closes. An error says what could not be written.
    Future<void> close();

    /// Runs `job(Connection&) -> Result<T>` on the storage thread, in no transaction: for reads,
    /// and for jobs that see to their own.
    template <typename Job> auto run(Job job) { return submit(std::move(job), false); }

    /// Runs `job(Connection&) -> Result<T>` on the storage thread in one transaction: committed
    /// when it returns a value, rolled back when it returns an error.
    template <typename Job> auto write(Job job) { return submit(std::move(job), true); }

    /// Runs `job` on the storage thread in its turn, whether a file is open or not.
    void post(std::function<void()> job);

    /// A write that may be put off and tried again until it succeeds. Runs on the storage thread.
    using PutOffWrite = std::function<Result<void>(Connection&)>;
    /// Registers `write`: called in no transaction kFlushDelayMs after requestFlush(), every second
    /// while it fails, and before closing. Register before open().
    void addPutOffWrite(PutOffWrite write);
    /// From the storage thread only: see addPutOffWrite().
    void requestFlush();
    /// From the storage thread only: a write was tried at once, failed, and is now put off.
    void announceFailure(const Error& error);

    static constexpr int kFlushDelayMs = 400;
    static constexpr int kRetryDelayMs = 1000;

signals:
    /// Text that was put off cannot be written now; it stays in memory and is tried again. While
    /// `nothingIsSaved` is false there is still a little room for it. `details`: as
    /// storage::detailsOf() has them; may be empty.
    void writeFailed(const QString& message, const QString& details, bool nothingIsSaved);
    /// Everything that writeFailed() announced is on the disk.
    void writeRecovered();
    /// Damage was met and repaired while working; the sentence says what was kept and where.
    void repaired(const QString& message);

private:
    class Worker;
    using Task = std::function<Result<void>(Connection&)>;
    /// Runs `task` on the storage thread, again after a repair where the file proved damaged, and
    /// hands `done` the outcome there.
    void enqueue(Task task, bool inTransaction, std::function<void(Result<void>)> done);

    template <typename Job>
    auto submit(Job job, bool inTransaction) -> QFuture<std::invoke_result_t<Job, Connection&>>;

    std::unique_ptr<QThread> m_thread;
    Worker* m_worker; ///< lives on the thread; deleted at its end
};

template <typename Job>
auto Database::submit(Job job, bool inTransaction)
    -> QFuture<std::invoke_result_t<Job, Connection&>>
{
    using R = std::invoke_result_t<Job, Connection&>;
    struct State {
        Job job;
        QPromise<R> promise;
        R result = fail(ErrorCode::Internal, {});
    };
    auto state = std::shared_ptr<State>(new State{std::move(job), {}});
    state->promise.start();
    auto future = state->promise.future();
    enqueue(
        [state](Connection& connection) -> Result<void> {
            state->result = state->job(connection);
            if (!state->result)
                return tl::unexpected(state->result.error());
            return {};
        },
        inTransaction,
        [state](const Result<void>& outcome) {
            if (!outcome)
                state->result = tl::unexpected(outcome.error());
            state->promise.addResult(std::move(state->result));
            state->promise.finish();
        });
    return future;
}

} // namespace ponder::storage
