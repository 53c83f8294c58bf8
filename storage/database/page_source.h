#pragma once

#include <QByteArray>
#include <QFile>
#include <QHash>
#include <QString>

#include <functional>
#include <optional>

namespace ponder::storage {

/// The pages of a database file, read without SQLite, however damaged file and log are: a page that
/// the write-ahead log has newer comes from there. Reads only; for one thread.
/// Source: SQLite's "Database File Format" (fileformat2.html).
class PageSource {
public:
    /// `pageSize` is a power of two from 512 to 65536, in bytes.
    PageSource(const QString& path, int pageSize);

    /// What the first page says of the size of pages; nothing where it makes no sense.
    [[nodiscard]] static std::optional<int> pageSizeIn(const QString& path);

    /// Whether whole transactions lie in the log after a damaged place, where SQLite ends reading
    /// it. The last transaction of a power cut, which may be there in part, is no damage.
    [[nodiscard]] static bool logGoesOnPastDamage(const QString& path);

    [[nodiscard]] int pageSize() const { return m_pageSize; }
    /// Pages are numbered from 1. The last may be cut short in the file.
    [[nodiscard]] quint32 pageCount() const { return m_pages; }
    /// The page's bytes, filled up with NULs; all NUL where it cannot be read.
    [[nodiscard]] QByteArray page(quint32 number);
    /// Whether the list of free pages, where it is whole, has this one.
    [[nodiscard]] bool isFree(quint32 number) const { return m_free.contains(number); }
    [[nodiscard]] bool hasFreePages() const { return !m_free.isEmpty(); }
    /// For when the list proves wrong: no page is free from then on.
    void forgetFreePages() { m_free.clear(); }

private:
    struct Frame;
    /// Every frame of a log that is as long as a frame, with whether it is whole.
    static void readFrames(
        QFile& log, int pageSize, const std::function<void(const Frame& frame)>& take);
    void readLog();
    void readFreePages();

    QFile m_file;
    QFile m_log;
    int m_pageSize;
    quint32 m_pages = 0;
    QHash<quint32, qint64> m_newer; ///< page number to its place in the log
    QHash<quint32, bool> m_free;
};

} // namespace ponder::storage
