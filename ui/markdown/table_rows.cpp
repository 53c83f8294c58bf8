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

void TableRows::update()
{
    QList<double> bottoms;
    const QTextDocument* document = m_document ? m_document->textDocument() : nullptr;
    const QTextTable* table = nullptr;
    if (document) {
        for (const QTextFrame* frame : document->rootFrame()->childFrames()) {
            if (!table)
                table = qobject_cast<const QTextTable*>(frame);
        }
    }
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
