#pragma once

#include "storage/conversations/conversation.h"
#include "storage/database/error.h"

namespace ponder::storage {

class AnswerWriter;
class Connection;

// What ConversationStore asks of the messages table. For the storage thread. Messages being
// streamed come with the text that is stored so far and with what `writer` still holds.

/// NotFound with a sentence.
[[nodiscard]] Result<Message> readMessage(
    Connection& connection, const AnswerWriter& writer, MessageId id);

/// From the first message down to `leaf`.
[[nodiscard]] Result<QList<Message>> readBranch(
    Connection& connection, const AnswerWriter& writer, MessageId leaf);

[[nodiscard]] Result<QList<Message>> readSiblings(
    Connection& connection, const AnswerWriter& writer, MessageId id);

/// The newest message below `id`, by way of the newest child each time; `id` when it has none.
[[nodiscard]] Result<MessageId> newestLeaf(Connection& connection, MessageId id);

/// Adds a row below `message.parent` and makes it the conversation's active leaf. Inside a
/// transaction. Uses conversation, parent, role, state, text, model, seed and sampling.
[[nodiscard]] Result<MessageId> insertMessage(Connection& connection, const Message& message);

} // namespace ponder::storage
