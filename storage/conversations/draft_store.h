#pragma once

#include "storage/conversations/conversation.h"
#include "storage/database/error.h"

#include <QHash>
#include <QObject>

namespace ponder::storage {

class Connection;
class Database;
class InstanceLock;

/// What is typed and not sent yet. A draft belongs to the window that it is typed in, so that two
/// windows at once never overwrite each other's; one whose window is gone is taken over by the next
/// that opens. Lives on the GUI thread.
class DraftStore : public QObject {
    Q_OBJECT

public:
    /// `database` must outlive the store.
    explicit DraftStore(Database& database, QObject* parent = nullptr);

    /// This window's drafts by conversation (0: one that is not begun), those taken over among them.
    Future<QHash<ConversationId, QString>> load();
    /// Stores a draft in the place of the one before; a blank one is removed.
    Future<void> save(ConversationId conversation, const QString& text);

private:
    Database& m_database;
};

/// Gives the newest draft of each conversation to the window of `lock` when its own is gone. For the
/// storage thread, when a file is opened.
[[nodiscard]] Result<void> takeOverDrafts(Connection& connection, const InstanceLock& lock);

} // namespace ponder::storage
