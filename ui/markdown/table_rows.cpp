#include "ui/markdown/table_rows.h"

#include <QAbstractTextDocumentLayout>
#include <QTextCursor>
#include <QTextDocument>
#include <QTextTable>

namespace ponder {

void TableRows::setDocument(QQuickTextDocument* document)
{
    if (document == m_document)
        return;
    if (m_document)
        m_document->textDocument()->documentLayout()->disconnect(this);
    m_document = document;
    if (m_document) {
        connect(m_document->textDocument()->documentLayout(),
            &QAbstractTextDocumentLayout::documentSizeChanged, this, &TableRows::update);
    }
    update();
    emit documentChanged();
}

const QTextTable* TableRows::table() const
{
    if (!m_document)
        return nullptr;
    for (const QTextFrame* frame : m_document->textDocument()->rootFrame()->childFrames()) {
        if (const auto* table = qobject_cast<const QTextTable*>(frame))
            return table;
    }
    return nullptr;
}

QString TableRows::rowsBetween(int begin, int end) const
{
    const QTextTable* table = this->table();
    QStringList lines;
    int cells = 0;
    for (int row = 0; table && row < table->rows(); ++row) {
        QStringList texts;
        for (int column = 0; column < table->columns(); ++column) {
            const QTextTableCell cell = table->cellAt(row, column);
            const int from = std::max(cell.firstPosition(), begin);
            const int to = std::min(cell.lastPosition(), end);
            if (from > to || cell.firstPosition() > end)
                continue;
            QTextCursor cursor = cell.firstCursorPosition();
            cursor.setPosition(from);
            cursor.setPosition(to, QTextCursor::KeepAnchor);
            const QString text = cursor.selectedText().replace(QChar(QChar::LineSeparator), u' ');
            texts.insert(m_mirrored ? 0 : texts.size(), text);
            ++cells;
        }
        if (!texts.isEmpty())
            lines.append(texts.join(u'\t'));
    }
    return cells > 1 ? lines.join(u'\n') : QString();
}

void TableRows::update()
{
    QList<double> bottoms;
    const QTextDocument* document = m_document ? m_document->textDocument() : nullptr;
    const QTextTable* table = this->table();
    for (int row = 0; table && row < table->rows(); ++row) {
        double bottom = 0;
        for (int column = 0; column < table->columns(); ++column) {
            const QTextTableCell cell = table->cellAt(row, column);
            const QRectF block
                = document->documentLayout()->blockBoundingRect(cell.lastCursorPosition().block());
            const double padding = cell.format().toTableCellFormat().bottomPadding();
            bottom = std::max(bottom, block.bottom() + padding);
        }
        bottoms.append(bottom);
    }
    if (bottoms == m_bottoms)
        return;
    m_bottoms = bottoms;
    emit bottomsChanged();
}

} // namespace ponder

#include "moc_table_rows.cpp"
