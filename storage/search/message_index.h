#pragma once

#include "storage/conversations/conversation.h"
#include "storage/database/sqlite.h"

namespace ponder::storage {

// The full-text index of questions, thoughts and answers, kept in step by those who write messages,
// each in the transaction of the change. No triggers do it: while the schema of a file is not
// trusted, SQLite before 3.41 runs none that touches a virtual table, and a file that somebody
// else made stays untrusted. For the storage thread.

/// Puts a message's text, as its row has it, into the index. It must not be there.
[[nodiscard]] Result<void> addToIndex(Connection& connection, MessageId message);

/// Takes it out. To be called before the text in the row changes or the row goes.
[[nodiscard]] Result<void> takeFromIndex(Connection& connection, MessageId message);

/// Deletes a conversation with all that belongs to it, for good. Inside a transaction.
[[nodiscard]] Result<void> eraseConversation(Connection& connection, ConversationId conversation);

/// The same for those whose ids a query answers; answers how many.
template <typename... Values>
[[nodiscard]] Result<int> eraseConversations(
    Connection& connection, const char* sql, const Values&... values)
{
    QList<ConversationId> ids;
    Query query(connection, sql, values...);
    while (query.next())
        ids.append(query.number(0));
    if (query.failed())
        return query.failure();
    for (const ConversationId id : std::as_const(ids)) {
        if (auto erased = eraseConversation(connection, id); !erased)
            return tl::unexpected(erased.error());
    }
    return int(ids.size());
}

/// Makes the index anew from all messages.
[[nodiscard]] Result<void> rebuildIndex(Connection& connection);

/// See ConversationStore::searchMessages().
[[nodiscard]] Result<QList<SearchHit>> findInMessages(
    Connection& connection, const QString& words, int limit);

} // namespace ponder::storage
