#include "storage/database/salvage.h"

#include "storage/database/leaf_rows.h"
#include "storage/database/schema.h"
#include "storage/database/sqlite.h"

#include <QFileInfo>
#include <QtEndian>

#include <algorithm>
#include <vector>

namespace ponder::storage {

namespace {

constexpr int kUsualPageSize = 4096; // as SQLite makes them, bytes
constexpr qint64 kHighestId = qint64(1) << 48; // a greater one is damage, and ids would run out
constexpr int kMinimumToGrow = 8; // tables of fewer columns look too much alike to differ in length
const QByteArray kZstdMagic("\x28\xb5\x2f\xfd", 4);

using Kind = StoredValue::Kind;

/// Writing failed for good, as opposed to a row that makes no sense.
bool endsSalvage(const Error& error)
{
    return error.code == ErrorCode::DiskFull || error.code == ErrorCode::Io
        || error.code == ErrorCode::NoPermission;
}

struct Column {
    QByteArray name;
    Kind kind = Kind::Null;
    bool mayBeNull = false;
    bool hasDefault = false;
    bool isKey = false; ///< the row's own number, which the row itself leaves NULL
    bool isOwner = false; ///< the number of a row of another table, that this one belongs to
};

/// A table of the fresh database: what a row must look like to be one of it, and the way in.
class Table {
public:
    Table(Connection& target, const char* name)
        : m_name(name)
    {
        Query query(target,
            "SELECT name, type, \"notnull\", dflt_value IS NOT NULL, pk, "
            "\"notnull\" AND name IN (SELECT \"from\" FROM pragma_foreign_key_list(?1)) "
            "FROM pragma_table_info(?1)",
            QString::fromLatin1(name));
        while (query.next()) {
            const QString type = query.text(1);
            m_columns.push_back({query.text(0).toLatin1(),
                type == QLatin1String("TEXT")       ? Kind::Text
                    : type == QLatin1String("BLOB") ? Kind::Blob
                    : type == QLatin1String("REAL") ? Kind::Real
                                                    : Kind::Integer,
                query.number(2) == 0, query.number(3) != 0, query.number(4) != 0,
                query.number(5) != 0});
        }
    }

    [[nodiscard]] bool hasAsManyColumns(const StoredRow& row) const
    {
        return size_t(row.values.size()) == m_columns.size();
    }

    /// A row says neither its table nor its columns' names, but tables are STRICT: the number and
    /// the types of its values tell.
    [[nodiscard]] bool fits(const StoredRow& row) const
    {
        if (row.rowId <= 0 || row.rowId > kHighestId || m_columns.empty())
            return false;
        const auto there = size_t(row.values.size());
        const size_t both = std::min(there, m_columns.size());
        if (there != m_columns.size() && both < (row.isCut ? 4 : kMinimumToGrow))
            return false;
        for (size_t k = 0; k < both; ++k) {
            if (!fits(m_columns[k], row.values[qsizetype(k)]))
                return false;
        }
        return std::all_of(
            m_columns.begin() + ptrdiff_t(both), m_columns.end(), [&](const Column& column) {
                return column.mayBeNull || column.hasDefault
                    || (row.isCut && column.kind == Kind::Text);
            });
    }

    [[nodiscard]] Result<void> insert(Connection& target, const StoredRow& row) const
    {
        const size_t both = std::min(size_t(row.values.size()), m_columns.size());
        QByteArray names;
        QByteArray marks;
        for (size_t k = 0; k < m_columns.size(); ++k) {
            const bool isLost = k >= both;
            if (isLost && (m_columns[k].mayBeNull || m_columns[k].hasDefault))
                continue;
            names += (names.isEmpty() ? "" : ", ") + m_columns[k].name;
            marks += QByteArray(marks.isEmpty() ? "" : ", ") + (isLost ? "''" : "?");
        }
        const QByteArray sql
            = "INSERT OR IGNORE INTO " + m_name + " (" + names + ") VALUES (" + marks + ")";
        Query insertion(target, sql.constData());
        for (size_t k = 0; k < both; ++k)
            bind(insertion, int(k) + 1, m_columns[k], row);
        auto inserted = insertion.finish();
        if (!inserted && endsSalvage(inserted.error()))
            return inserted;
        return {};
    }

private:
    [[nodiscard]] bool fits(const Column& column, const StoredValue& value) const
    {
        if (column.isKey)
            return value.kind == Kind::Null;
        if (value.kind == Kind::Null)
            return column.mayBeNull;
        if (column.kind == Kind::Real)
            return value.kind == Kind::Real || value.kind == Kind::Integer;
        if (value.kind != column.kind)
            return false;
        // The search's own tables are a number and a blob, too.
        if (value.kind == Kind::Blob)
            return value.bytes.startsWith(kZstdMagic)
                || (value.bytes.isEmpty() && m_columns.size() > 2);
        return !column.isOwner || (value.integer > 0 && value.integer <= kHighestId);
    }

    static void bind(Query& insertion, int position, const Column& column, const StoredRow& row)
    {
        const StoredValue& value = row.values[position - 1];
        if (column.isKey)
            insertion.bind(position, row.rowId);
        else if (value.kind == Kind::Null)
            insertion.bind(position, nullptr);
        else if (value.kind == Kind::Integer)
            insertion.bind(position, value.integer);
        else if (value.kind == Kind::Real)
            insertion.bind(position, value.real);
        else if (value.kind == Kind::Text)
            insertion.bind(position, QString::fromUtf8(value.bytes)); // whatever became of it
        else
            insertion.bind(position, value.bytes);
    }

    QByteArray m_name;
    std::vector<Column> m_columns;
};

std::vector<Table> tablesOf(const Schema& schema, Connection& target)
{
    std::vector<Table> tables;
    for (const char* name : schema.tables)
        tables.emplace_back(target, name);
    return tables;
}

const Table* tableOf(const std::vector<Table>& tables, const StoredRow& row)
{
    // A row that is cut, or of another version's table, may fit two; its length then tells.
    auto found = std::ranges::find_if(
        tables, [&](const Table& table) { return table.hasAsManyColumns(row) && table.fits(row); });
    if (found == tables.end())
        found = std::ranges::find_if(tables, [&](const Table& table) { return table.fits(row); });
    return found == tables.end() ? nullptr : &*found;
}

/// Hands on what `take` wants of every page that may hold rows.
void readAll(PageSource& pages, LeafReader& reader, const std::function<void(StoredRow)>& take)
{
    for (quint32 number = 1; number <= pages.pageCount(); ++number) {
        if (!pages.isFree(number))
            reader.read(number, take);
    }
}

qint64 countRows(const QString& source, int pageSize, const std::vector<Table>& tables)
{
    PageSource pages(source, pageSize);
    LeafReader reader(pages);
    qint64 count = 0;
    readAll(pages, reader, [&](const StoredRow& row) { count += tableOf(tables, row) ? 1 : 0; });
    return count;
}

/// The size that makes sense of more rows, where the first page says an unusual one.
int pageSizeOf(const QString& source, const std::vector<Table>& tables)
{
    const int said = PageSource::pageSizeIn(source).value_or(kUsualPageSize);
    if (said == kUsualPageSize
        || countRows(source, said, tables) <= countRows(source, kUsualPageSize, tables))
        return kUsualPageSize;
    return said;
}

/// Whether the file is whole enough to say that it is another program's.
bool isForeign(PageSource& pages, const Schema& schema)
{
    const QByteArray first = pages.page(1);
    if (!first.startsWith("SQLite format 3")
        || qFromBigEndian<qint32>(first.constData() + 68) == kApplicationId)
        return false;
    for (quint32 number = 1; number <= pages.pageCount(); ++number) {
        if (pages.page(number).contains(schema.signature))
            return false;
    }
    return true;
}

/// Drops the list of free pages where it names one that is in use: a flipped byte is enough.
void checkFreePages(PageSource& pages)
{
    if (!pages.hasFreePages())
        return;
    bool isTrue = true;
    LeafReader reader(pages);
    const auto lookAtRoot = [&](const StoredRow& row) {
        const bool isOfSchema = row.values.size() == 5 && row.values[0].bytes == "table"
            && row.values[3].kind == Kind::Integer;
        isTrue = isTrue && !(isOfSchema && pages.isFree(quint32(row.values[3].integer)));
    };
    for (quint32 number = 1; isTrue && number <= pages.pageCount(); ++number) {
        if (pages.isFree(number))
            continue;
        reader.read(number, lookAtRoot);
        for (const quint32 child : childrenOf(pages.page(number), number == 1))
            isTrue = isTrue && !pages.isFree(child);
    }
    if (!isTrue)
        pages.forgetFreePages();
}

/// Copies the rows: sound ones first, so that a row that is cut gives way to an older, whole copy, and
/// one with a wrong number to the one that has it.
Result<void> copyRows(PageSource& pages, const std::vector<Table>& tables, Connection& target)
{
    LeafReader reader(pages);
    Result<void> outcome;
    bool someAreNot = false;
    for (const bool sound : {true, false}) {
        if (!sound && !someAreNot)
            break;
        readAll(pages, reader, [&](const StoredRow& row) {
            const bool isSound = !row.isCut && !row.isOutOfOrder;
            someAreNot = someAreNot || !isSound;
            if (!outcome || isSound != sound)
                return;
            if (const Table* table = tableOf(tables, row))
                outcome = table->insert(target, row);
        });
    }
    return outcome;
}

} // namespace

Result<void> salvage(const QString& source, const Schema& schema, Connection& target)
{
    // A log may be all that is left.
    if (!QFileInfo(QFileInfo::exists(source) ? source : source + QLatin1String("-wal")).isFile())
        return {};
    const std::vector<Table> tables = tablesOf(schema, target);
    PageSource pages(source, pageSizeOf(source, tables));
    if (isForeign(pages, schema))
        return {};
    checkFreePages(pages);
    return target.transaction([&]() -> Result<void> {
        return copyRows(pages, tables, target).and_then([&] { return schema.mend(target); });
    });
}

} // namespace ponder::storage
