#pragma once

#include <QAbstractListModel>
#include <QList>
#include <QObject>
#include <QString>
#include <QtQmlIntegration>

namespace ponder {

/// The lines of a text of any length, for a view that makes only those in sight. A line that no text field would
/// lay out in time is cut into pieces. Belongs to the GUI thread.
class LineListModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Owned by LongText")

public:
    static constexpr qsizetype kLongestPiece = 2000; ///< UTF-16 units

    explicit LineListModel(QObject* parent = nullptr);
    void setText(const QString& text);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QHash<int, QByteArray> roleNames() const override;

private:
    struct Piece {
        qsizetype begin;
        qsizetype size;
    };

    QString m_text;
    QList<Piece> m_pieces;
};

/// A question that may be a megabyte: what a bubble shows of it, and all of it line by line.
/// Belongs to the GUI thread.
class LongText : public QObject {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(QString text READ text WRITE setText NOTIFY textChanged)
    /// The beginning, ready for a text field; all of it where it is short.
    Q_PROPERTY(QString preview READ preview NOTIFY textChanged)
    Q_PROPERTY(bool cut READ isCut NOTIFY textChanged)
    /// A text field lays all of it out without a stop that one would notice.
    Q_PROPERTY(bool fitsField READ fitsField NOTIFY textChanged)
    /// "20,000 lines", or "1,048,576 characters" where it has few lines.
    Q_PROPERTY(QString extent READ extent NOTIFY textChanged)
    Q_PROPERTY(ponder::LineListModel* lines READ lines CONSTANT)

public:
    explicit LongText(QObject* parent = nullptr);

    [[nodiscard]] QString text() const { return m_text; }
    void setText(const QString& text);
    [[nodiscard]] QString preview() const;
    [[nodiscard]] bool isCut() const { return m_shown < m_text.size(); }
    [[nodiscard]] bool fitsField() const { return fitsField(m_text); }
    [[nodiscard]] QString extent() const { return extentOf(m_text); }
    /// Reads the text when it is first asked for.
    [[nodiscard]] LineListModel* lines();

    [[nodiscard]] static bool fitsField(QStringView text);
    [[nodiscard]] static QString extentOf(QStringView text);

signals:
    void textChanged();

private:
    QString m_text;
    qsizetype m_shown = 0; ///< UTF-16 units of it that the preview has
    LineListModel m_lines;
    bool m_linesAreRead = false;
};

} // namespace ponder
