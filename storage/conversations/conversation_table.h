#pragma once

#include "storage/conversations/conversation_store.h"

namespace ponder::storage {

class Connection;

// What ConversationStore asks of the conversations table. For the storage thread.

/// NotFound with a sentence.
[[nodiscard]] Result<Conversation> readConversation(Connection& connection, ConversationId id);

[[nodiscard]] Result<QList<Conversation>> listConversations(
    Connection& connection, ConversationStore::Include include);

/// What follows "UPDATE conversations SET": the newest activity of all. Its one value is the time.
#define NEWEST_ACTIVITY                                                                            \
    "updated = ?, activity = (SELECT coalesce(max(activity), 0) + 1 FROM conversations)"

/// Those whose titles contain every word, whatever the case and the accents.
[[nodiscard]] QList<Conversation> withTitlesLike(
    const QList<Conversation>& conversations, const QString& words);

} // namespace ponder::storage
