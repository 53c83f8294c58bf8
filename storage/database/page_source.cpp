#include "storage/database/page_source.h"

#include <QtEndian>

#include <algorithm>
#include <array>

namespace ponder::storage {

namespace {

constexpr int kLogHeader = 32;
constexpr int kFrameHeader = 24;
constexpr int kMaxUsualPageSize = 4096;
constexpr quint32 kLogMagic = 0x377f0682; // the last bit says that checksums are big-endian

quint32 big(const char* at)
{
    return qFromBigEndian<quint32>(at);
}

bool isPageSize(int size)
{
    return size >= 512 && size <= 65536 && (size & (size - 1)) == 0;
}

using Checksum = std::array<quint32, 2>;

Checksum continued(Checksum sum, const char* bytes, int size, bool bigEndian)
{
    const auto word = [&](int at) {
        return bigEndian ? big(bytes + at) : qFromLittleEndian<quint32>(bytes + at);
    };
    for (int at = 0; at + 8 <= size; at += 8) {
        sum[0] += word(at) + sum[1];
        sum[1] += word(at + 4) + sum[0];
    }
    return sum;
}

} // namespace

PageSource::PageSource(const QString& path, int pageSize)
    : m_file(path)
    , m_log(path + QLatin1String("-wal"))
    , m_pageSize(pageSize)
{
    if (m_file.open(QIODevice::ReadOnly))
        m_pages = quint32((m_file.size() + pageSize - 1) / pageSize);
    if (m_log.open(QIODevice::ReadOnly))
        readLog();
    readFreePages();
}

std::optional<int> PageSource::pageSizeIn(const QString& path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const QByteArray start = file.read(18);
    if (start.size() < 18)
        return {};
    int size = qFromBigEndian<quint16>(start.constData() + 16);
    if (size == 1)
        size = 65536;
    return isPageSize(size) ? std::optional(size) : std::nullopt;
}

QByteArray PageSource::page(quint32 number)
{
    const auto inLog = m_newer.constFind(number);
    QFile& file = inLog == m_newer.cend() ? m_file : m_log;
    const qint64 at = inLog == m_newer.cend() ? qint64(number - 1) * m_pageSize : *inLog;
    QByteArray bytes;
    if (number > 0 && file.isOpen() && file.seek(at))
        bytes = file.read(m_pageSize);
    bytes.append(m_pageSize - bytes.size(), '\0');
    return bytes;
}

struct PageSource::Frame {
    bool isWhole = false;
    quint32 page = 0;
    bool commits = false; ///< the last of a transaction
    qint64 at = 0; ///< where the page's bytes begin
};

/// Each frame is checked by itself, with what the frame before it says that its own sum is, so that
/// a damaged one costs no other.
void PageSource::readFrames(
    QFile& log, int pageSize, const std::function<void(const Frame& frame)>& take)
{
    const QByteArray header = log.read(kLogHeader);
    if (header.size() < kLogHeader)
        return;
    const char* start = header.constData();
    const bool bigEndian = (big(start) & 1) != 0;
    const bool headerIsWhole = (big(start) & ~1U) == kLogMagic && int(big(start + 8)) == pageSize;
    Checksum before = {big(start + 24), big(start + 28)};
    QByteArray salts = header.mid(16, 8);
    for (;;) {
        const qint64 at = log.pos() + kFrameHeader;
        const QByteArray frame = log.read(kFrameHeader + pageSize);
        if (frame.size() < kFrameHeader + pageSize)
            break;
        const char* bytes = frame.constData();
        const Checksum own = {big(bytes + 16), big(bytes + 20)};
        if (!headerIsWhole && at == kLogHeader + kFrameHeader)
            salts = frame.mid(8, 8);
        Checksum sum = continued(before, bytes, 8, bigEndian);
        sum = continued(sum, bytes + kFrameHeader, pageSize, bigEndian);
        before = own;
        // Others' salts: of an earlier round of the log, or damaged.
        const quint32 number = big(bytes);
        take({frame.mid(8, 8) == salts && sum == own && number != 0, number, big(bytes + 4) != 0,
            at});
    }
}

bool PageSource::logGoesOnPastDamage(const QString& path)
{
    QFile log(path + QLatin1String("-wal"));
    if (!log.open(QIODevice::ReadOnly))
        return false;
    const QByteArray header = log.peek(kLogHeader);
    if (header.size() < kLogHeader)
        return false;
    const char* start = header.constData();
    const int said = int(big(start + 8));
    const bool bigEndian = (big(start) & 1) != 0;
    const Checksum sum = continued({}, start, 24, bigEndian);
    // With its head damaged SQLite reads nothing of it.
    bool isDamaged = (big(start) & ~1U) != kLogMagic || !isPageSize(said)
        || sum != Checksum{big(start + 24), big(start + 28)};
    // A transaction begins when the one before it is on the disk. A second that ends after the
    // damage therefore says that it was damaged later, and not by a power cut in the midst of it.
    int ended = isDamaged ? 1 : 0;
    const int pageSize = isPageSize(said) ? said : pageSizeIn(path).value_or(kMaxUsualPageSize);
    readFrames(log, pageSize, [&](const Frame& frame) {
        isDamaged = isDamaged || !frame.isWhole;
        ended += isDamaged && frame.isWhole && frame.commits ? 1 : 0;
    });
    return ended >= 2;
}

/// Takes the frames that are whole, up to the last that ends a transaction.
void PageSource::readLog()
{
    QHash<quint32, qint64> uncommitted;
    readFrames(m_log, m_pageSize, [&](const Frame& frame) {
        if (!frame.isWhole)
            return;
        uncommitted.insert(frame.page, frame.at);
        if (!frame.commits)
            return;
        m_newer.insert(uncommitted);
        uncommitted.clear();
        for (auto it = m_newer.cbegin(); it != m_newer.cend(); ++it)
            m_pages = std::max(m_pages, it.key());
    });
}

void PageSource::readFreePages()
{
    const QByteArray first = page(1);
    const quint32 expected = big(first.constData() + 36);
    quint32 trunk = big(first.constData() + 32);
    if (expected == 0 || expected > m_pages)
        return;
    QHash<quint32, bool> found;
    const quint32 mostLeaves = quint32(m_pageSize / 4 - 2);
    const auto add = [&](quint32 number) {
        if (number < 2 || number > m_pages || found.contains(number))
            return false;
        found.insert(number, true);
        return true;
    };
    while (trunk != 0) {
        const QByteArray bytes = page(trunk);
        const quint32 leaves = big(bytes.constData() + 4);
        bool whole = add(trunk) && leaves <= mostLeaves;
        for (quint32 leaf = 0; whole && leaf < leaves; ++leaf)
            whole = add(big(bytes.constData() + 8 + 4 * leaf));
        if (!whole)
            return; // a list that is damaged may name pages that are in use
        trunk = big(bytes.constData());
    }
    if (quint32(found.size()) == expected)
        m_free = std::move(found);
}

} // namespace ponder::storage
