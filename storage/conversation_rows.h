#pragma once

#include "storage/conversation_store.h"

namespace ponder::storage {

class Connection;

// What ConversationStore asks of the conversations table. For the storage thread.

/// NotFound with a sentence.
[[nodiscard]] Result<Conversation> readConversation(Connection& connection, ConversationId id);

[[nodiscard]] Result<QList<Conversation>> listConversations(
    Connection& connection, ConversationStore::Include include);

/// Those whose titles contain every word, whatever the case and the accents.
[[nodiscard]] QList<Conversation> withTitlesLike(
    const QList<Conversation>& conversations, const QString& words);

/// See ConversationStore::searchMessages().
[[nodiscard]] Result<QList<SearchHit>> findInMessages(
    Connection& connection, const QString& words, int limit);

} // namespace ponder::storage
