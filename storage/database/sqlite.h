#pragma once

#include "storage/database/error.h"

#include <QByteArray>
#include <QDateTime>
#include <QString>

#include <atomic>
#include <memory>
#include <string>
#include <unordered_map>

struct sqlite3;
struct sqlite3_stmt;
struct sqlite3_value;

namespace ponder::storage {

/// The oldest SQLite that the tests run against. The statements need 3.38 (json_each, which earlier
/// versions may lack; STRICT tables came with 3.37).
constexpr int kOldestSqlite = 3'040'000;

/// Whether the SQLite that is loaded will do: `version` as sqlite3_libversion_number() has it.
[[nodiscard]] Result<void> checkSqlite(int version, bool hasFullTextSearch);

/// A thin owner of one SQLite connection. Used by one thread at a time.
class Connection {
public:
    enum class Mode {
        ReadWrite, ///< creates the file where there is none
        ReadOnly,
        Immutable, ///< read only, with no lock and no look at a write-ahead log: nobody may write
    };

    [[nodiscard]] static Result<Connection> open(const QString& path, Mode mode);

    Connection(Connection&&) noexcept;
    Connection& operator=(Connection&&) noexcept;
    ~Connection();

    /// Runs every statement of `sql` (separated as SQLite reads them, triggers included).
    [[nodiscard]] Result<void> runScript(const char* sql);

    /// Runs one statement that answers with no rows.
    template <typename... Values>
    [[nodiscard]] Result<void> run(const char* sql, const Values&... values);

    /// The first column of the first row as a number; 0 when there is no row.
    template <typename... Values>
    [[nodiscard]] Result<qint64> number(const char* sql, const Values&... values);

    /// Runs `job() -> Result<T>` between BEGIN IMMEDIATE and COMMIT; rolls back when it fails.
    template <typename Job> [[nodiscard]] auto transaction(Job job) -> decltype(job());

    [[nodiscard]] qint64 lastInsertId() const;
    [[nodiscard]] qint64 changedRows() const; ///< by the last statement
    [[nodiscard]] QString path() const; ///< empty for a database in memory

    /// Has statements fail soon after `givenUp` becomes true; it must outlive the connection.
    void setGivenUp(const std::atomic<bool>& givenUp);

    /// Whether closing leaves the log where it is, instead of writing it into the file and deleting
    /// it: SQLite reads a damaged one in part only.
    void keepLogWhenClosed(bool keep);

    /// What SQLite says of its last failure, as a sentence and a code.
    [[nodiscard]] Error lastError(const char* during) const;

    /// The number by which other windows see that this one is alive: see InstanceLock.
    [[nodiscard]] qint64 session() const { return m_session; }
    void setSession(qint64 session) { m_session = session; }

private:
    friend class Query;
    struct CloseConnection {
        void operator()(sqlite3* handle) const;
    };
    struct FinalizeStatement {
        void operator()(sqlite3_stmt* statement) const;
    };
    using StatementPtr = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

    Connection() = default;
    [[nodiscard]] StatementPtr prepare(const char* sql);
    void giveBack(const char* sql, StatementPtr statement);
    [[nodiscard]] Result<void> commit();
    void rollback();

    std::unique_ptr<sqlite3, CloseConnection> m_handle;
    std::unordered_map<std::string, StatementPtr> m_idle; ///< prepared and not in use, by text
    qint64 m_session = 0;
};

/// One statement with its values, and its rows:
///     Query query(connection, "SELECT title FROM conversations WHERE id = ?", id);
///     while (query.next())
///         use(query.text(0));
///     if (query.failed())
///         return query.failure();
/// Must not outlive the connection.
class Query {
public:
    template <typename... Values>
    Query(Connection& connection, const char* sql, const Values&... values)
        : Query(connection, sql, Unbound{})
    {
        int position = 0;
        (bind(++position, values), ...);
    }
    ~Query();
    Query(const Query&) = delete;
    Query& operator=(const Query&) = delete;

    /// Goes to the next row; false at the end and after an error.
    [[nodiscard]] bool next();
    [[nodiscard]] bool failed() const { return m_failed; }
    /// To be returned when failed().
    [[nodiscard]] tl::unexpected<Error> failure() const;
    /// Runs to the end, rows ignored.
    [[nodiscard]] Result<void> finish();

    [[nodiscard]] int columns() const;
    [[nodiscard]] QString text(int column) const;
    [[nodiscard]] QByteArray bytes(int column) const;
    [[nodiscard]] qint64 number(int column) const;
    [[nodiscard]] double real(int column) const;
    [[nodiscard]] QDateTime time(int column) const; ///< from milliseconds; invalid for NULL
    [[nodiscard]] sqlite3_value* value(int column) const; ///< valid until next()

    void bind(int position, std::nullptr_t);
    void bind(int position, qint64 value);
    void bind(int position, int value) { bind(position, qint64(value)); }
    void bind(int position, bool value) { bind(position, qint64(value)); }
    /// As the signed number with the same bits.
    void bind(int position, quint64 value) { bind(position, qint64(value)); }
    void bind(int position, double value);
    void bind(int position, const QString& value); ///< never NULL
    void bind(int position, const QByteArray& value); ///< a blob, never NULL
    void bind(int position, const QDateTime& value); ///< milliseconds; NULL when invalid
    void bind(int position, const sqlite3_value* value);
    /// Begins anew with the values bound since.
    void reset();

private:
    struct Unbound { };
    Query(Connection& connection, const char* sql, Unbound);
    void check(int code);

    Connection& m_connection;
    const char* m_sql;
    Connection::StatementPtr m_statement;
    bool m_failed = false;
    Error m_error;
};

/// Deletes a closed database with the files that SQLite puts beside it.
void removeDatabase(const QString& path);

template <typename... Values> Result<void> Connection::run(const char* sql, const Values&... values)
{
    return Query(*this, sql, values...).finish();
}

template <typename... Values>
Result<qint64> Connection::number(const char* sql, const Values&... values)
{
    Query query(*this, sql, values...);
    const qint64 found = query.next() ? query.number(0) : 0;
    if (query.failed())
        return query.failure();
    return found;
}

template <typename Job> auto Connection::transaction(Job job) -> decltype(job())
{
    if (auto begun = run("BEGIN IMMEDIATE"); !begun)
        return tl::unexpected(begun.error());
    auto result = job();
    if (!result) {
        rollback();
        return result;
    }
    if (auto committed = commit(); !committed)
        return tl::unexpected(committed.error());
    return result;
}

} // namespace ponder::storage
