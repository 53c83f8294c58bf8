#pragma once

#include <QList>
#include <QObject>
#include <QPointer>
#include <QQuickTextDocument>
#include <QtQmlIntegration>

class QTextTable;

namespace ponder {

/// Where the rows of a document's first table end, for the lines that Qt Quick's rich text does not
/// draw between them. Belongs to the GUI thread.
class TableRows : public QObject {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(QQuickTextDocument* document READ document WRITE setDocument NOTIFY documentChanged)
    Q_PROPERTY(bool mirrored MEMBER m_mirrored)
    Q_PROPERTY(QList<double> bottoms READ bottoms NOTIFY bottomsChanged)

public:
    using QObject::QObject;

    [[nodiscard]] QQuickTextDocument* document() const { return m_document; }
    void setDocument(QQuickTextDocument* document);
    /// Pixels from the top of the document, one a row.
    [[nodiscard]] QList<double> bottoms() const { return m_bottoms; }
    /// What the table holds between two places of the document: a line a row, with tabs between the cells.
    /// Empty where it is within one cell.
    Q_INVOKABLE [[nodiscard]] QString rowsBetween(int begin, int end) const;

signals:
    void documentChanged();
    void bottomsChanged();

private:
    void update();
    [[nodiscard]] const QTextTable* table() const;

    QPointer<QQuickTextDocument> m_document;
    bool m_mirrored = false; ///< the first column is the last of the document
    QList<double> m_bottoms;
};

} // namespace ponder
