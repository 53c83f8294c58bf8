#include "storage/salvage.h"

#include "storage/sqlite.h"

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>
#include <QStringList>
#include <QtEndian>

#include <algorithm>

namespace ponder::storage {

namespace {

constexpr qint64 kPageSize = 4096; // as migrations make them
constexpr qint64 kMostProbes = 2'000'000; // lookups of single rows behind a damaged page

QStringList columnsOf(Connection& connection, const char* table)
{
    Query query(connection, "SELECT name FROM pragma_table_info(?)", QString::fromLatin1(table));
    QStringList names;
    while (query.next())
        names.append(query.text(0));
    return names;
}

/// Writing failed for good, as opposed to a row that makes no sense.
bool endsSalvage(const Error& error)
{
    return error.code == ErrorCode::DiskFull || error.code == ErrorCode::Io
        || error.code == ErrorCode::NoPermission;
}

/// Copies one table, by the columns that both sides know.
class TableCopy {
public:
    TableCopy(Connection& source, Connection& target, const char* table)
        : m_source(source)
        , m_target(target)
        , m_table(table)
    {
        const QStringList known = columnsOf(target, table);
        QStringList columns = columnsOf(source, table);
        columns.removeIf([&](const QString& name) { return !known.contains(name); });
        m_columns = columns.join(QLatin1String(", ")).toLatin1();
        m_marks
            = QStringList(columns.size(), QStringLiteral("?")).join(QLatin1Char(',')).toLatin1();
    }

    [[nodiscard]] Result<void> run()
    {
        if (m_columns.isEmpty())
            return {};
        const QByteArray inOrder
            = "SELECT " + m_columns + ", rowid FROM " + m_table + " ORDER BY rowid";
        Query rows(m_source, inOrder.constData());
        qint64 last = 0;
        while (rows.next()) {
            last = rows.number(rows.columns() - 1);
            if (auto inserted = insert(rows); !inserted)
                return inserted;
        }
        return rows.failed() ? probeAfter(last) : Result<void>{};
    }

private:
    /// Asks for the rows after `last` one by one, so that a bad page costs only its own.
    Result<void> probeAfter(qint64 last)
    {
        const QByteArray highest = "SELECT max(rowid) FROM " + m_table;
        const QByteArray handedOut = "SELECT seq FROM sqlite_sequence WHERE name = ?";
        qint64 end = std::max(m_source.number(highest.constData()).value_or(0),
            m_source.number(handedOut.constData(), QString::fromLatin1(m_table)).value_or(0));
        end = end > last ? std::min(end, last + kMostProbes) : last + kMostProbes / 20;

        const QByteArray one = "SELECT " + m_columns + " FROM " + m_table + " WHERE rowid = ?";
        Query row(m_source, one.constData());
        for (qint64 id = last + 1; id <= end; ++id) {
            row.reset();
            row.bind(1, id);
            if (!row.next())
                continue;
            if (auto inserted = insert(row); !inserted)
                return inserted;
        }
        return {};
    }

    Result<void> insert(const Query& row)
    {
        const QByteArray sql
            = "INSERT OR IGNORE INTO " + m_table + " (" + m_columns + ") VALUES (" + m_marks + ")";
        Query insertion(m_target, sql.constData());
        const int count = int(m_marks.count('?'));
        for (int column = 0; column < count; ++column)
            insertion.bind(column + 1, row.value(column));
        auto inserted = insertion.finish();
        if (!inserted && endsSalvage(inserted.error()))
            return inserted;
        return {};
    }

    Connection& m_source;
    Connection& m_target;
    QByteArray m_table;
    QByteArray m_columns;
    QByteArray m_marks;
};

/// Gives the file the first page of `fresh`: header and list of tables. Tables of the first
/// version lie at the same pages in every file, since every file begins with the same script.
void replaceFirstPage(const QString& path, const QString& fresh)
{
    QFile file(path);
    QFile model(fresh);
    if (!file.open(QIODevice::ReadWrite) || !model.open(QIODevice::ReadOnly))
        return;
    QByteArray page = model.read(kPageSize);
    if (page.size() != kPageSize || file.size() <= kPageSize)
        return;
    const auto put
        = [&page](int offset, quint32 value) { qToBigEndian(value, page.data() + offset); };
    put(28, quint32(file.size() / kPageSize)); // pages in the file
    put(32, 0); // no list of free pages
    put(36, 0);
    put(92, qFromBigEndian<quint32>(page.constData() + 24)); // the count above is valid
    file.write(page);
}

/// A connection to the copy in which the tables can at least be named.
Result<Connection> openCopy(const QString& copy, const QString& fresh)
{
    for (const bool mended : {false, true}) {
        if (mended)
            replaceFirstPage(copy, fresh);
        auto connection = Connection::open(copy, Connection::Mode::ReadWrite);
        if (!connection)
            continue;
        const auto tables = connection->number("SELECT count(*) FROM sqlite_schema");
        if (tables)
            return connection;
    }
    return fail(ErrorCode::Damaged, {});
}

Result<void> mendTrees(Connection& target)
{
    const QString title = QCoreApplication::translate("ponder::storage", "Recovered conversation");
    return target
        .run("INSERT INTO conversations (id, title, created, updated) "
             "SELECT conversation, ?, min(created), max(created) FROM messages "
             "WHERE conversation NOT IN (SELECT id FROM conversations) GROUP BY conversation",
            title)
        .and_then([&] {
            return target.runScript(R"sql(
UPDATE messages SET parent = (SELECT max(b.id) FROM messages b
        WHERE b.conversation = messages.conversation AND b.id < messages.id)
    WHERE parent IS NOT NULL AND NOT EXISTS (SELECT 1 FROM messages p
        WHERE p.id = messages.parent AND p.conversation = messages.conversation
            AND p.id < messages.id);
UPDATE conversations SET active_leaf = (SELECT max(m.id) FROM messages m
        WHERE m.conversation = conversations.id)
    WHERE NOT EXISTS (SELECT 1 FROM messages m
        WHERE m.id = conversations.active_leaf AND m.conversation = conversations.id);
DELETE FROM chunks WHERE message NOT IN (SELECT id FROM messages);
DELETE FROM token_statistics WHERE message NOT IN (SELECT id FROM messages);
)sql");
        });
}

} // namespace

Result<void> salvage(const QString& source, Connection& target)
{
    if (!QFileInfo(source).isFile())
        return {};
    const QString fresh = target.path();
    const QString copy = fresh + QLatin1String("-salvage");
    removeDatabase(copy);
    if (!QFile::copy(source, copy)
        || (QFile::exists(source + "-wal") && !QFile::copy(source + "-wal", copy + "-wal"))) {
        removeDatabase(copy);
        return fail(ErrorCode::DiskFull,
            QCoreApplication::translate("ponder::storage",
                "The file with your conversations is damaged, and there is no room to repair it. "
                "Free as much room on the disk as the file takes and start Ponder again."),
            copy);
    }
    QFile::setPermissions(copy, QFile::ReadOwner | QFile::WriteOwner);

    Result<void> outcome;
    if (auto opened = openCopy(copy, fresh)) {
        outcome = target.transaction([&]() -> Result<void> {
            for (const char* table :
                {"conversations", "messages", "chunks", "token_statistics", "settings"}) {
                if (auto copied = TableCopy(*opened, target, table).run(); !copied)
                    return copied;
            }
            return mendTrees(target);
        });
    }
    removeDatabase(copy);
    return outcome;
}

} // namespace ponder::storage
