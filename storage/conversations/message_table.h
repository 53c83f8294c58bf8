#pragma once

#include "storage/conversations/conversation.h"
#include "storage/database/error.h"

namespace ponder::storage {

class AnswerWriter;
class Connection;

// What ConversationStore asks of the messages table. For the storage thread. Messages being
// streamed come with the text that is stored so far and with what `writer` still holds.

/// NotFound with a sentence where there is no such message.
[[nodiscard]] Result<void> requireMessage(Connection& connection, MessageId id);

/// NotFound with a sentence.
[[nodiscard]] Result<Message> readMessage(
    Connection& connection, const AnswerWriter& writer, MessageId id);

/// The beginning of a statement: `way`, the ids and parents from a message, its one value, up to the
/// first. A parent is always older than its children, so that ids give the order, and the comparison
/// ends the walk whatever a damaged file may hold.
#define WAY_UP                                                                                     \
    "WITH RECURSIVE way (id, parent) AS ("                                                         \
    " SELECT id, parent FROM messages WHERE id = ?"                                                \
    " UNION ALL SELECT p.id, p.parent FROM way JOIN messages p ON p.id = way.parent"               \
    " WHERE p.id < way.id) "

/// From the first message down to `leaf`.
[[nodiscard]] Result<QList<Message>> readBranch(
    Connection& connection, const AnswerWriter& writer, MessageId leaf);

/// See ConversationStore::tree().
[[nodiscard]] Result<QList<TreeNode>> readTree(Connection& connection, ConversationId conversation);

/// The newest message below `id`, by way of the newest child each time; `id` when it has none.
[[nodiscard]] Result<MessageId> newestLeaf(Connection& connection, MessageId id);

/// Adds a row below `message.parent` and makes it the conversation's active leaf. Inside a
/// transaction. Uses conversation, parent, role, state, parts, model, seed and sampling.
[[nodiscard]] Result<MessageId> insertMessage(Connection& connection, const Message& message);

} // namespace ponder::storage
