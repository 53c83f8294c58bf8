#pragma once

#include "storage/conversations/conversation_store.h"

namespace ponder::storage {

class Connection;

// What ConversationStore asks of the conversations table. For the storage thread.

/// NotFound with a sentence.
[[nodiscard]] Result<Conversation> readConversation(Connection& connection, ConversationId id);

[[nodiscard]] Result<QList<Conversation>> listConversations(
    Connection& connection, ConversationStore::Include include);

/// A new one, without messages. Inside a transaction.
[[nodiscard]] Result<Conversation> insertConversation(
    Connection& connection, const QString& title, const QJsonObject& settings);

/// What follows "UPDATE conversations SET": the newest activity of all. Its one value is the time.
#define NEWEST_ACTIVITY                                                                            \
    "updated = ?, activity = (SELECT coalesce(max(activity), 0) + 1 FROM conversations)"

} // namespace ponder::storage
