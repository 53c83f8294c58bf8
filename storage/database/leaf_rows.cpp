#include "storage/database/leaf_rows.h"

#include <QtEndian>

#include <algorithm>
#include <cstring>

namespace ponder::storage {

namespace {

constexpr char kTableLeaf = 0x0d;
constexpr char kTableInterior = 0x05;
constexpr int kFileHeader = 100; // at the start of the first page
constexpr int kMaxColumns = 64;
constexpr qint64 kOverflowBudget = 64 << 20; // beside some times the size of the file

/// A number of 1 to 9 bytes at `at`, which it moves on; false past the end.
bool readVarint(QByteArrayView bytes, qsizetype& at, qint64& value)
{
    quint64 bits = 0;
    for (int k = 0; k < 9; ++k) {
        if (at >= bytes.size())
            return false;
        const auto byte = quint8(bytes[at++]);
        if (k == 8) {
            bits = bits << 8 | byte;
            break;
        }
        bits = bits << 7 | (byte & 0x7f);
        if (byte < 0x80)
            break;
    }
    value = qint64(bits);
    return true;
}

/// Bytes that a value of a serial type takes; -1 for a type that there is not.
qint64 sizeOf(qint64 type)
{
    constexpr qint64 kFixed[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0};
    if (type < 0 || type == 10 || type == 11)
        return -1;
    return type < 10 ? kFixed[type] : (type - 12) / 2;
}

qint64 integerIn(QByteArrayView bytes)
{
    quint64 bits = quint8(bytes[0]) >= 0x80 ? ~0ULL : 0;
    for (const char byte : bytes)
        bits = bits << 8 | quint8(byte);
    return qint64(bits);
}

StoredValue valueOf(qint64 type, QByteArrayView bytes)
{
    StoredValue value;
    if (type >= 12) {
        value.kind = type % 2 == 0 ? StoredValue::Kind::Blob : StoredValue::Kind::Text;
        value.bytes = bytes.toByteArray();
    } else if (type == 7) {
        value.kind = StoredValue::Kind::Real;
        const auto bits = qFromBigEndian<quint64>(bytes.data());
        std::memcpy(&value.real, &bits, sizeof bits);
    } else if (type != 0) {
        value.kind = StoredValue::Kind::Integer;
        value.integer = type >= 8 ? type - 8 : integerIn(bytes);
    }
    return value;
}

/// Takes the character that a cut has split off the end.
void endAtCharacter(QByteArray& text)
{
    qsizetype end = text.size();
    while (end > 0 && text.size() - end < 3 && (quint8(text[end - 1]) & 0xc0) == 0x80)
        --end;
    if (end > 0 && quint8(text[end - 1]) >= 0xc0)
        text.truncate(end - 1);
}

} // namespace

QList<StoredValue> readRecord(QByteArrayView record, bool& isCut)
{
    qsizetype at = 0;
    qint64 headerSize = 0;
    if (!readVarint(record, at, headerSize) || headerSize < at || headerSize > record.size())
        return {};
    const QByteArrayView header = record.first(headerSize);
    QList<StoredValue> values;
    qsizetype body = headerSize;
    while (at < header.size()) {
        qint64 type = 0;
        if (values.size() == kMaxColumns || !readVarint(header, at, type))
            return {};
        const qint64 size = sizeOf(type);
        if (size < 0)
            return {};
        const qint64 there = std::min<qint64>(size, record.size() - body);
        if (there < size && (!isCut || type < 12))
            return isCut ? values : QList<StoredValue>();
        values.append(valueOf(type, record.sliced(body, there)));
        body += there;
        if (there < size) {
            if (values.last().kind == StoredValue::Kind::Text)
                endAtCharacter(values.last().bytes);
            return values;
        }
    }
    if (body == record.size())
        isCut = false;
    return values;
}

QList<quint32> childrenOf(const QByteArray& page, bool isFirst)
{
    const int start = isFirst ? kFileHeader : 0;
    if (page[start] != kTableInterior)
        return {};
    QList<quint32> children = {qFromBigEndian<quint32>(page.constData() + start + 8)};
    const int cells = std::min<int>(
        qFromBigEndian<quint16>(page.constData() + start + 3), int(page.size() - start - 12) / 2);
    for (int cell = 0; cell < cells; ++cell) {
        const int at = qFromBigEndian<quint16>(page.constData() + start + 12 + 2 * cell);
        if (at + 4 <= page.size())
            children.append(qFromBigEndian<quint32>(page.constData() + at));
    }
    return children;
}

LeafReader::LeafReader(PageSource& pages)
    : m_pages(pages)
    , m_overflowLeft(kOverflowBudget + 4 * qint64(pages.pageCount()) * pages.pageSize())
{
}

void LeafReader::read(quint32 pageNumber, const std::function<void(StoredRow)>& take)
{
    const QByteArray page = m_pages.page(pageNumber);
    const int start = pageNumber == 1 ? kFileHeader : 0;
    if (page[start] != kTableLeaf)
        return;
    const int pageSize = m_pages.pageSize();
    const int cells = std::min<int>(
        qFromBigEndian<quint16>(page.constData() + start + 3), (pageSize - start - 8) / 2);
    const int firstCell = start + 8 + 2 * cells;
    QList<StoredRow> rows;
    for (int cell = 0; cell < cells; ++cell) {
        const int offset = qFromBigEndian<quint16>(page.constData() + start + 8 + 2 * cell);
        if (offset < firstCell || offset >= pageSize)
            continue;
        qsizetype at = offset;
        qint64 size = 0;
        StoredRow row;
        if (!readVarint(page, at, size) || !readVarint(page, at, row.rowId) || size < 2
            || size > qint64(m_pages.pageCount()) * pageSize)
            continue;
        const QByteArray record = payload(page, int(at), size, row.isCut);
        row.values = readRecord(record, row.isCut);
        if (row.values.isEmpty())
            continue;
        if (!rows.isEmpty() && rows.last().rowId >= row.rowId)
            rows.last().isOutOfOrder = row.isOutOfOrder = true;
        rows.append(std::move(row));
    }
    for (StoredRow& row : rows)
        take(std::move(row));
}

QByteArray LeafReader::payload(const QByteArray& page, int at, qint64 size, bool& isCut)
{
    const int usable = m_pages.pageSize(); // Ponder keeps no bytes of a page back
    qint64 local = size;
    if (const qint64 most = usable - 35; size > most) {
        const qint64 least = (usable - 12) * 32 / 255 - 23;
        local = least + (size - least) % (usable - 4);
        if (local > most)
            local = least;
    }
    if (at + local + (local < size ? 4 : 0) > usable)
        return {};
    QByteArray record = page.mid(at, local);
    if (local == size)
        return record;
    auto next = qFromBigEndian<quint32>(page.constData() + at + local);
    while (record.size() < size) {
        if (next < 2 || next > m_pages.pageCount() || m_overflowLeft < usable)
            break;
        m_overflowLeft -= usable;
        const QByteArray more = m_pages.page(next);
        const qint64 wanted = std::min<qint64>(size - record.size(), usable - 4);
        const auto after = qFromBigEndian<quint32>(more.constData());
        // A page that does not go on where it must, or goes on where it must not, is not of this row.
        const bool isLast = record.size() + wanted == size;
        if (isLast ? after != 0 : (after < 2 || after > m_pages.pageCount()))
            break;
        if (isLast && more.count('\0') == more.size())
            break; // emptied
        record.append(QByteArrayView(more).sliced(4, wanted));
        next = after;
    }
    isCut = record.size() < size;
    return record;
}

} // namespace ponder::storage
