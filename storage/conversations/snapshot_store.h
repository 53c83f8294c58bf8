#pragma once

#include "storage/conversations/conversation.h"
#include "storage/database/error.h"

#include <QObject>

namespace ponder::storage {

class Database;

using SnapshotId = qint64; ///< > 0; 0 means none

/// A file that holds a model's cache as it was after a message.
struct CacheSnapshot {
    SnapshotId id = 0;
    MessageId message = 0;
    QString modelHash; ///< of the model's file: the cache is of no use to another
    int tokens = 0; ///< of the conversation up to this message that the cache holds
    QString cacheType; ///< of its numbers: "bf16", "fp8", "f32"
    QString path; ///< of the file. It is the caller's: the store neither writes nor deletes it
    QDateTime created;
};

/// Where a conversation can go on without its prompt being computed again. Lives on the GUI thread,
/// as ConversationStore does and with its errors. The window does not call it yet: its next feature
/// saves and loads caches.
class SnapshotStore : public QObject {
    Q_OBJECT

public:
    /// `database` must outlive the store.
    explicit SnapshotStore(Database& database, QObject* parent = nullptr);

    /// Those of all messages, oldest first: a file in their folder that none of them names belongs to
    /// an erased conversation.
    Future<QList<CacheSnapshot>> all();
    /// Those of one model in the branch that ends with `leaf`, the longest first.
    Future<QList<CacheSnapshot>> ofBranch(MessageId leaf, const QString& modelHash);
    /// Stores a new one; answers with it, its id and time filled in.
    Future<CacheSnapshot> add(const CacheSnapshot& snapshot);
    /// Does nothing where it is not there.
    Future<void> remove(SnapshotId id);

private:
    Database& m_database;
};

} // namespace ponder::storage
