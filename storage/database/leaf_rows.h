#pragma once

#include "storage/database/page_source.h"

#include <QByteArrayView>
#include <QList>

#include <functional>

namespace ponder::storage {

/// One value of a row as the file has it.
struct StoredValue {
    enum class Kind { Null, Integer, Real, Text, Blob };
    Kind kind = Kind::Null;
    qint64 integer = 0;
    double real = 0;
    QByteArray bytes; ///< of Text and Blob
};

/// One row of some table: which one is not said in its page.
struct StoredRow {
    qint64 rowId = 0;
    QList<StoredValue> values;
    bool isCut = false; ///< its end lay on pages that are lost: the last value may be cut short
    bool isOutOfOrder = false; ///< beside the rows of its page: one of their numbers is wrong
};

/// Reads the rows that a page of a table's tree holds, whatever became of the rest of the tree,
/// with what of them lies on overflow pages. For a page that is something else, and for cells that
/// make no sense, there are none.
class LeafReader {
public:
    explicit LeafReader(PageSource& pages);

    void read(quint32 pageNumber, const std::function<void(StoredRow)>& take);

private:
    /// The row's record; `isCut` where pages of it are lost.
    QByteArray payload(const QByteArray& page, int at, qint64 size, bool& isCut);

    PageSource& m_pages;
    qint64 m_overflowLeft; ///< bytes that may still be read, so that a tangle has an end
};

/// The pages that a page of a table's tree leads to; none for a page that is something else.
[[nodiscard]] QList<quint32> childrenOf(const QByteArray& page, bool isFirst);

/// The values of a record. Empty where its header makes no sense; the last ones are missing and
/// `isCut` is set where the bytes end before them.
[[nodiscard]] QList<StoredValue> readRecord(QByteArrayView record, bool& isCut);

} // namespace ponder::storage
