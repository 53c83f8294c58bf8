#pragma once

#include <QList>
#include <QString>

namespace ponder {

/// A table as it is put together, cell by cell.
class TableText {
public:
    enum Side { Unsaid, Left, Center, Right };

    void beginRow() { m_rows.append(QList<Cell>()); }
    void beginCell(bool header, Side side);
    void endCell(const QString& html, const QString& plain);

    /// <table> with an "align" on each cell. Where the Markdown says no side, columns of figures stand on
    /// the right.
    [[nodiscard]] QString html() const;
    /// A line a row, with tabs between its cells.
    [[nodiscard]] QString plain() const;

private:
    struct Cell {
        bool header = false;
        Side side = Unsaid;
        QString html;
        QString plain;
    };

    [[nodiscard]] bool isNumeric(qsizetype column) const;

    QList<QList<Cell>> m_rows;
};

/// "1,234.5", "−3", "12 %", "$5", "~3.2e5" and their like, also "–" for none.
[[nodiscard]] bool isFigure(QStringView text);

} // namespace ponder
