#pragma once

#include <QAbstractListModel>
#include <QDateTime>
#include <QHash>
#include <QSortFilterProxyModel>
#include <QString>
#include <QtQmlIntegration>

namespace ponder {

/// One line of the conversation list.
struct ConversationRow {
    qint64 id = 0;
    QString title; ///< empty while the conversation has no question yet
    QDateTime updatedAt;
    qint64 activity = 0; ///< gives the order, since no clock can change it; then updatedAt does
};

/// All conversations, in no promised order: ConversationFilterModel sorts and filters them.
/// Belongs to the GUI thread.
class ConversationListModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Owned by LibraryViewModel")
    Q_PROPERTY(int count READ count NOTIFY countChanged)

public:
    enum Role {
        ConversationIdRole = Qt::UserRole + 1,
        TitleRole,
        UpdatedAtRole,
        SectionRole, ///< "Today", "Yesterday", …: the heading this line stands under
        SnippetRole, ///< what a search found in its messages: see ConversationFilterModel
    };
    Q_ENUM(Role)

    explicit ConversationListModel(QObject* parent = nullptr);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QHash<int, QByteArray> roleNames() const override;

    [[nodiscard]] int count() const { return int(m_rows.size()); }
    [[nodiscard]] const ConversationRow& at(int row) const { return m_rows.at(row); }
    /// The row of a conversation, or -1.
    [[nodiscard]] int indexOf(qint64 conversationId) const;

    void setRows(QList<ConversationRow> rows);
    /// Adds the conversation, or changes the row that has its id.
    void put(const ConversationRow& value);
    /// Takes a conversation out; does nothing when it is not there.
    void remove(qint64 conversationId);
    /// The day has changed: the headings may have, too.
    void refreshSections();

    /// The heading for a conversation last used at `when`, seen on the day `today`.
    [[nodiscard]] static QString sectionFor(const QDateTime& when, QDate today);

signals:
    void countChanged();

private:
    QList<ConversationRow> m_rows;
};

/// The lines whose title contains every word of the filter, and those in whose messages a search has
/// found it, most recently used first.
class ConversationFilterModel : public QSortFilterProxyModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Owned by LibraryViewModel")
    Q_PROPERTY(int count READ count NOTIFY countChanged)

public:
    explicit ConversationFilterModel(ConversationListModel* source, QObject* parent = nullptr);

    [[nodiscard]] int count() const { return rowCount(); }
    void setFilter(const QString& text);
    /// The conversations in whose messages the filter was found, each with a line around it.
    void setFound(QHash<qint64, QString> snippets);
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    /// Its line here; -1 when it is not shown.
    [[nodiscard]] Q_INVOKABLE int rowOf(qint64 conversationId) const;

signals:
    void countChanged();

protected:
    [[nodiscard]] bool filterAcceptsRow(int row, const QModelIndex& parent) const override;
    [[nodiscard]] bool lessThan(const QModelIndex& left, const QModelIndex& right) const override;

private:
    const ConversationListModel* m_source;
    QStringList m_words;
    QHash<qint64, QString> m_found;
};

} // namespace ponder
