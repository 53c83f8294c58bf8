#pragma once

#include <QAbstractListModel>
#include <QByteArray>
#include <QList>
#include <QStringEncoder>
#include <QtQmlIntegration>

#include "ui/markdown/markdown_block.h"
#include "ui/markdown/reference.h"
#include "ui/markdown/segment_scanner.h"

namespace ponder {

/// The blocks of one message. Text is appended as it streams and only the last one or two segments
/// (SegmentScanner) are parsed again, so that a token costs the same in a long message as in a short
/// one. However the text was cut on its way, the rows in the end are those of a one-shot parse.
///
/// Nothing in the text can reach out: HTML is shown as text, images as their description and
/// address, links as anchors that the view asks about. Belongs to the GUI thread.
class MarkdownModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(QString source READ source WRITE setSource NOTIFY sourceChanged)
    Q_PROPERTY(int count READ count NOTIFY countChanged)
    Q_PROPERTY(int limit READ limit WRITE setLimit NOTIFY limitChanged)
    Q_PROPERTY(int hiddenCount READ hiddenCount NOTIFY hiddenCountChanged)

public:
    enum Role {
        TypeRole = Qt::UserRole + 1,
        LevelRole,
        ListDepthRole,
        QuoteDepthRole,
        QuoteListsRole,
        JoinedQuotesRole,
        MarkerRole,
        TaskRole,
        ContinuedRole,
        HtmlRole,
        TextRole,
        LanguageRole,
        RightToLeftRole,
        AfterBoxRole, ///< bool: code, a table or mathematics stands before it
    };
    Q_ENUM(Role)

    /// For QML: the values of MarkdownBlock::Type.
    enum Type { Paragraph, Heading, Table, Code, Math, Rule };
    Q_ENUM(Type)

    /// For QML: the values of MarkdownBlock::Task.
    enum Task { NoTask, OpenTask, DoneTask };
    Q_ENUM(Task)

    explicit MarkdownModel(QObject* parent = nullptr);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QHash<int, QByteArray> roleNames() const override;

    /// A view gets its first rows at once and fetches the others, so that opening a long message
    /// does not hold up the window.
    [[nodiscard]] bool canFetchMore(const QModelIndex& parent) const override;
    void fetchMore(const QModelIndex& parent) override;

    /// Rows fetched so far; while text streams into a model that is fetched, all of them.
    [[nodiscard]] int count() const { return int(m_shown); }
    [[nodiscard]] const QList<MarkdownBlock>& blocks() const { return m_blocks; }
    /// The most rows that are ever fetched: what is past it stays hidden until it is raised.
    [[nodiscard]] int limit() const { return int(m_limit); }
    void setLimit(int limit);
    [[nodiscard]] int hiddenCount() const;
    [[nodiscard]] QString source() const { return m_source; }
    /// Replaces the text, unless it is the same. For text that grows there is append().
    void setSource(const QString& source);

public slots:
    void append(const QString& text);
    void clear();

signals:
    void sourceChanged();
    void countChanged();
    void limitChanged();
    void hiddenCountChanged();

private:
    struct Segment {
        SourceSegment source;
        int rows = 0;
        QSet<QByteArray> labels; ///< that its text names in brackets
        QByteArray defines; ///< the label that it defines, if it does
    };

    void parse();
    /// The segments before `end` are parsed again where they name one of the labels.
    void parseAgain(const QSet<QByteArray>& labels, qsizetype end);
    [[nodiscard]] References definitions(qsizetype kept, const QList<Segment>& segments) const;
    void replaceRows(qsizetype first, const QList<MarkdownBlock>& rows);
    void replaceRow(qsizetype row, const MarkdownBlock& block);
    /// How many rows there are after the next turn.
    [[nodiscard]] qsizetype nextBatch() const;
    void show(qsizetype rows);

    QString m_source;
    QByteArray m_utf8; ///< what md4c reads
    QStringEncoder m_encoder; ///< keeps half a surrogate pair between two pieces
    qsizetype m_lastLine = 0; ///< offset of the line that is not yet complete
    qsizetype m_lineBefore = 0; ///< and of the one before it
    References m_references;
    QList<qsizetype> m_defining; ///< the segments that define something, by their number
    QList<Segment> m_segments;
    QList<MarkdownBlock> m_blocks;
    qsizetype m_shown = 0;
    qsizetype m_limit = 2000;
};

} // namespace ponder
