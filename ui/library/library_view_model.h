#pragma once

#include "storage/conversations/conversation.h"
#include "ui/library/conversation_list_model.h"

#include <QObject>
#include <QTimer>

namespace ponder {

namespace storage {
class ConversationStore;
struct Error;
}

/// The list of conversations beside the chat: search, rename, delete with undo.
/// Belongs to the GUI thread; nothing here waits for the database.
class LibraryViewModel : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Handed over by the application")

    Q_PROPERTY(ponder::ConversationFilterModel* conversations READ conversations CONSTANT)
    /// Words that a title or a message must contain, each of them, in any case. Messages are searched
    /// soon after it was set.
    Q_PROPERTY(QString filter READ filter WRITE setFilter NOTIFY filterChanged)
    /// How many there are, whatever the filter.
    Q_PROPERTY(int total READ total NOTIFY totalChanged)
    /// The list has been read; before that it is empty without being so.
    Q_PROPERTY(bool loaded READ isLoaded NOTIFY loadedChanged)
    /// The title of the conversation that undoRemove() would bring back; empty: none.
    Q_PROPERTY(QString removedTitle READ removedTitle NOTIFY removedTitleChanged)
    /// The conversations in the bin, the last deleted first.
    Q_PROPERTY(ponder::ConversationFilterModel* bin READ bin CONSTANT)
    Q_PROPERTY(int daysInBin READ daysInBin CONSTANT)
    Q_PROPERTY(QString problem READ problem NOTIFY problemChanged)
    /// For finding the cause: code and context.
    Q_PROPERTY(QString problemDetails READ problemDetails NOTIFY problemChanged)

public:
    /// `store` must outlive the view model.
    explicit LibraryViewModel(storage::ConversationStore& store, QObject* parent = nullptr);

    [[nodiscard]] ConversationFilterModel* conversations() { return &m_filtered; }
    [[nodiscard]] QString filter() const { return m_filter; }
    void setFilter(const QString& filter);
    [[nodiscard]] int total() const { return m_all.count(); }
    [[nodiscard]] bool isLoaded() const { return m_loaded; }
    [[nodiscard]] QString removedTitle() const { return m_removedTitle; }
    [[nodiscard]] ConversationFilterModel* bin() { return &m_binShown; }
    [[nodiscard]] static int daysInBin();
    [[nodiscard]] QString problem() const { return m_problem; }
    [[nodiscard]] QString problemDetails() const { return m_problemDetails; }

    /// Reads the list; call once the database is open.
    void load();

public slots:
    /// A blank title leaves the old one.
    void rename(qint64 conversationId, const QString& title);
    /// Takes it out of the list; undoRemove() brings it back.
    void remove(qint64 conversationId);
    void undoRemove();
    /// Takes one out of the bin, whenever it was deleted.
    void restore(qint64 conversationId);
    /// Removes one that is in the bin for good: nothing brings it back.
    void erase(qint64 conversationId);
    void emptyBin();
    /// The chance to undo has passed.
    void forgetRemoved();
    void dismissProblem();
    /// The conversation `steps` lines below (or above) another in the list as it is shown; 0: none.
    [[nodiscard]] qint64 neighbour(qint64 conversationId, int steps) const;

signals:
    void filterChanged();
    void totalChanged();
    void loadedChanged();
    void removedTitleChanged();
    void problemChanged();
    /// Undone: the conversation is back.
    void restored(qint64 conversationId);

private:
    void put(const storage::Conversation& conversation);
    void searchMessages();
    void loadBin();
    void fail(const storage::Error& error);
    void setRemoved(qint64 conversationId, const QString& title);

    storage::ConversationStore& m_store;
    ConversationListModel m_all;
    ConversationFilterModel m_filtered{&m_all};
    ConversationListModel m_bin;
    ConversationFilterModel m_binShown{&m_bin};
    QTimer m_newDay;
    QTimer m_search; ///< until the typing pauses
    QString m_filter;
    bool m_loaded = false;
    qint64 m_removedId = 0;
    QString m_removedTitle;
    QString m_problem;
    QString m_problemDetails;
};

} // namespace ponder
