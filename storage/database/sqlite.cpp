#include "storage/database/sqlite.h"

#include "storage/database/error_report.h"
#include "storage/database/translate.h"
#include "storage/database/word_tokenizer.h"

#include <QDir>
#include <QFile>
#include <QUrl>

#include <cerrno>
#include <sqlite3.h>

namespace ponder::storage {

namespace {

constexpr int kBusyTimeoutMs = 5000;

ErrorCode codeOf(int sqliteCode, int systemError)
{
    switch (sqliteCode & 0xff) {
    case SQLITE_FULL:
        return ErrorCode::DiskFull;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return ErrorCode::Damaged;
    case SQLITE_READONLY:
        return ErrorCode::ReadOnly;
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_CANTOPEN:
        return ErrorCode::NoPermission;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ErrorCode::Busy;
    case SQLITE_IOERR:
        // SQLite calls only ENOSPC "full"; a quota and a file size limit are the same to a person.
        if (systemError == ENOSPC || systemError == EDQUOT || systemError == EFBIG)
            return ErrorCode::DiskFull;
        return ErrorCode::Io;
    default:
        return ErrorCode::Internal;
    }
}

/// The system's own error of the last failure, 0 where there is none. In versions like 3.40 the
/// connection has lost it after a failed COMMIT, and only the file still knows.
int systemErrorOf(sqlite3* handle, int sqliteCode)
{
    if (const int error = sqlite3_system_errno(handle); error != 0)
        return error;
    int error = 0;
    if ((sqliteCode & 0xff) != SQLITE_IOERR)
        return 0;
    sqlite3_file* log = nullptr;
    if (sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) == SQLITE_OK && log
        && log->pMethods)
        log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &error);
    if (error == 0)
        sqlite3_file_control(handle, "main", SQLITE_FCNTL_LAST_ERRNO, &error);
    return error;
}

QString versionName(int number)
{
    return QStringLiteral("%1.%2.%3")
        .arg(number / 1'000'000)
        .arg(number / 1'000 % 1'000)
        .arg(number % 1'000);
}

/// `words` are SQLite's own, for what has no sentence here.
QString sentenceOf(ErrorCode code, int sqliteCode, const QString& words)
{
    switch (code) {
    case ErrorCode::DiskFull:
        return diskIsFull();
    case ErrorCode::Damaged:
        return tr("The file with your conversations is damaged.");
    case ErrorCode::ReadOnly:
        return tr("The file with your conversations can be read but not changed.");
    case ErrorCode::NoPermission:
        return tr("The file with your conversations cannot be opened: Ponder may not read or "
                  "write it. Check the permissions of its folder.");
    case ErrorCode::Busy:
        return tr("Another window of Ponder is using the conversations just now. Try again in a "
                  "moment.");
    case ErrorCode::Io:
        return tr("Reading or writing the conversations failed in the disk. Check that the disk "
                  "is connected and healthy.");
    default:
        break;
    }
    if ((sqliteCode & 0xff) == SQLITE_NOMEM)
        return tr("There is not enough memory to read or save the conversations. Close other "
                  "programs and try again.");
    if ((sqliteCode & 0xff) == SQLITE_TOOBIG)
        return tr("This text is too long to be stored: more than a thousand million letters. Send "
                  "it in parts.");
    return tr("The conversations could not be read or saved: the database (SQLite %1) says “%2”. "
              "What is stored already is not changed. Start Ponder again; if that does not help, "
              "report what Details shows.")
        .arg(QLatin1String(sqlite3_libversion()), words);
}

} // namespace

void Connection::CloseConnection::operator()(sqlite3* handle) const
{
    sqlite3_close_v2(handle);
}

void Connection::FinalizeStatement::operator()(sqlite3_stmt* statement) const
{
    sqlite3_finalize(statement);
}

Connection::Connection(Connection&&) noexcept = default;

Connection& Connection::operator=(Connection&& other) noexcept
{
    m_idle = std::move(other.m_idle); // statements go before their connection
    m_handle = std::move(other.m_handle);
    m_session = other.m_session;
    return *this;
}

Connection::~Connection()
{
    m_idle.clear();
}

Result<void> checkSqlite(int version, bool hasFullTextSearch)
{
    if (version < kOldestSqlite)
        return fail(ErrorCode::Internal,
            tr("Ponder needs SQLite %1 or newer to store conversations, and found SQLite %2. "
               "Install a newer one (in Debian: the package libsqlite3-0).")
                .arg(versionName(kOldestSqlite), versionName(version)),
            QLatin1String(sqlite3_sourceid()));
    if (!hasFullTextSearch)
        return fail(ErrorCode::Internal,
            tr("Ponder needs an SQLite with full-text search (FTS5) to store conversations, and "
               "the one found, SQLite %1, was built without it. Install your distribution's own.")
                .arg(versionName(version)),
            QLatin1String(sqlite3_sourceid()));
    return {};
}

Result<Connection> Connection::open(const QString& path, Mode mode)
{
    // The library is whatever the machine has, not the one that this was built with.
    if (auto usable
        = checkSqlite(sqlite3_libversion_number(), sqlite3_compileoption_used("ENABLE_FTS5") != 0);
        !usable)
        return tl::unexpected(usable.error());
    QByteArray name = path.toUtf8();
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    if (mode == Mode::ReadWrite) {
        flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    } else {
        flags |= SQLITE_OPEN_READONLY;
    }
    if (mode == Mode::Immutable) {
        flags |= SQLITE_OPEN_URI;
        name = "file:" + QUrl::toPercentEncoding(path, "/") + "?immutable=1";
    }
    const bool isNew = mode == Mode::ReadWrite && !QFile::exists(path);
    Connection connection;
    sqlite3* handle = nullptr;
    const int code = sqlite3_open_v2(name.constData(), &handle, flags, nullptr);
    connection.m_handle.reset(handle);
    if (code != SQLITE_OK)
        return tl::unexpected(connection.lastError("open"));
    if (isNew) // conversations are private; SQLite gives its side files the same permissions
        QFile::setPermissions(path, QFile::ReadOwner | QFile::WriteOwner);
    sqlite3_busy_timeout(handle, kBusyTimeoutMs);
    // A schema from a file that somebody else made must not be able to run functions with side
    // effects. Before 3.41 SQLite then refuses full-text search in triggers: there are none.
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    if (addWordTokenizer(handle) != SQLITE_OK) {
        const auto usable
            = checkSqlite(sqlite3_libversion_number(), sqlite3_errcode(handle) != SQLITE_ERROR);
        return tl::unexpected(usable ? connection.lastError("add the tokenizer") : usable.error());
    }
    // What is deleted is gone from the file, too, as Debian's SQLite does by itself.
    if (auto set = connection.run("PRAGMA foreign_keys = ON").and_then([&] {
            return connection.run("PRAGMA secure_delete = ON");
        });
        !set)
        return tl::unexpected(set.error());
    return connection;
}

Result<void> Connection::runScript(const char* sql)
{
    if (sqlite3_exec(m_handle.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
        return tl::unexpected(lastError(sql));
    return {};
}

qint64 Connection::lastInsertId() const
{
    return sqlite3_last_insert_rowid(m_handle.get());
}

qint64 Connection::changedRows() const
{
    return sqlite3_changes64(m_handle.get());
}

void Connection::setGivenUp(const std::atomic<bool>& givenUp)
{
    constexpr int kInstructions = 1000; // of SQLite's machine between two looks
    const auto look
        = [](void* flag) { return static_cast<const std::atomic<bool>*>(flag)->load() ? 1 : 0; };
    sqlite3_progress_handler(
        m_handle.get(), kInstructions, look, const_cast<std::atomic<bool>*>(&givenUp));
}

void Connection::keepLogWhenClosed(bool keep)
{
    sqlite3_db_config(m_handle.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keep ? 1 : 0, nullptr);
}

QString Connection::path() const
{
    return QString::fromUtf8(sqlite3_db_filename(m_handle.get(), "main"));
}

Error Connection::lastError(const char* during) const
{
    sqlite3* handle = m_handle.get();
    const int sqliteCode = handle ? sqlite3_extended_errcode(handle) : SQLITE_NOMEM;
    const int systemError = handle ? systemErrorOf(handle, sqliteCode) : 0;
    const ErrorCode code = codeOf(sqliteCode, systemError);
    const QString words
        = QString::fromUtf8(handle ? sqlite3_errmsg(handle) : sqlite3_errstr(SQLITE_NOMEM));
    const QString file = handle ? path() : QString();
    return {code, sentenceOf(code, sqliteCode, words),
        QStringLiteral("SQLite %1, error %2 (%3, system %4): %5\nin: %6\nfile: %7")
            .arg(QLatin1String(sqlite3_libversion()))
            .arg(sqliteCode)
            .arg(QLatin1String(sqlite3_errstr(sqliteCode)))
            .arg(systemError)
            .arg(words, QString::fromUtf8(during).simplified().left(400),
                file.isEmpty() ? QStringLiteral("in memory") : QDir::toNativeSeparators(file))};
}

Connection::StatementPtr Connection::prepare(const char* sql)
{
    if (auto node = m_idle.extract(sql))
        return std::move(node.mapped());
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v3(m_handle.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    return StatementPtr(statement);
}

void Connection::giveBack(const char* sql, StatementPtr statement)
{
    sqlite3_reset(statement.get());
    sqlite3_clear_bindings(statement.get());
    m_idle.insert_or_assign(sql, std::move(statement));
}

Result<void> Connection::commit()
{
    auto committed = run("COMMIT");
    if (!committed)
        rollback();
    return committed;
}

void Connection::rollback()
{
    // Some failures (full disk, I/O) have rolled back already.
    if (!sqlite3_get_autocommit(m_handle.get()))
        sqlite3_exec(m_handle.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

Query::Query(Connection& connection, const char* sql, Unbound)
    : m_connection(connection)
    , m_sql(sql)
    , m_statement(connection.prepare(sql))
{
    if (!m_statement) {
        m_failed = true;
        m_error = connection.lastError(sql);
    }
}

Query::~Query()
{
    if (m_statement)
        m_connection.giveBack(m_sql, std::move(m_statement));
}

void Query::check(int code)
{
    if (code != SQLITE_OK && !m_failed) {
        m_failed = true;
        m_error = m_connection.lastError(m_sql);
    }
}

bool Query::next()
{
    if (m_failed)
        return false;
    const int code = sqlite3_step(m_statement.get());
    if (code == SQLITE_ROW)
        return true;
    if (code != SQLITE_DONE)
        check(code);
    return false;
}

tl::unexpected<Error> Query::failure() const
{
    return tl::unexpected(m_error);
}

Result<void> Query::finish()
{
    while (next()) { }
    if (m_failed)
        return failure();
    return {};
}

void Query::reset()
{
    if (m_statement)
        sqlite3_reset(m_statement.get());
    m_failed = !m_statement;
}

int Query::columns() const
{
    return sqlite3_column_count(m_statement.get());
}

QString Query::text(int column) const
{
    const auto* data
        = reinterpret_cast<const char*>(sqlite3_column_text(m_statement.get(), column));
    return QString::fromUtf8(data, sqlite3_column_bytes(m_statement.get(), column));
}

QByteArray Query::bytes(int column) const
{
    const auto* data = static_cast<const char*>(sqlite3_column_blob(m_statement.get(), column));
    return QByteArray(data, sqlite3_column_bytes(m_statement.get(), column));
}

qint64 Query::number(int column) const
{
    return sqlite3_column_int64(m_statement.get(), column);
}

double Query::real(int column) const
{
    return sqlite3_column_double(m_statement.get(), column);
}

QDateTime Query::time(int column) const
{
    if (sqlite3_column_type(m_statement.get(), column) == SQLITE_NULL)
        return {};
    return QDateTime::fromMSecsSinceEpoch(number(column));
}

sqlite3_value* Query::value(int column) const
{
    return sqlite3_column_value(m_statement.get(), column);
}

void Query::bind(int position, std::nullptr_t)
{
    if (m_statement)
        check(sqlite3_bind_null(m_statement.get(), position));
}

void Query::bind(int position, qint64 value)
{
    if (m_statement)
        check(sqlite3_bind_int64(m_statement.get(), position, value));
}

void Query::bind(int position, double value)
{
    if (m_statement)
        check(sqlite3_bind_double(m_statement.get(), position, value));
}

void Query::bind(int position, const QString& value)
{
    const QByteArray utf8 = value.toUtf8();
    if (m_statement)
        check(sqlite3_bind_text64(m_statement.get(), position, utf8.constData(),
            sqlite3_uint64(utf8.size()), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Query::bind(int position, const QByteArray& value)
{
    // constData() of an empty array is a valid pointer, so that this is never NULL.
    if (m_statement)
        check(sqlite3_bind_blob64(m_statement.get(), position, value.constData(),
            sqlite3_uint64(value.size()), SQLITE_TRANSIENT));
}

void Query::bind(int position, const QDateTime& value)
{
    if (value.isValid())
        bind(position, qint64(value.toMSecsSinceEpoch()));
    else
        bind(position, nullptr);
}

void Query::bind(int position, const sqlite3_value* value)
{
    if (m_statement)
        check(sqlite3_bind_value(m_statement.get(), position, value));
}

void removeDatabase(const QString& path)
{
    for (const char* suffix : {"", "-wal", "-shm", "-journal"})
        QFile::remove(path + QLatin1String(suffix));
}

} // namespace ponder::storage
