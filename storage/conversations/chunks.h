#pragma once

#include "storage/conversations/conversation.h"
#include "storage/database/error.h"

namespace ponder::storage {

class Connection;
class InstanceLock;

/// The text of a message in the making.
struct Text {
    QString reasoning;
    QString answer;
    [[nodiscard]] bool isEmpty() const { return reasoning.isEmpty() && answer.isEmpty(); }
};

/// The text of `message` as its chunk rows hold it so far.
[[nodiscard]] Result<Text> readChunks(Connection& connection, MessageId message);

[[nodiscard]] Result<void> addChunk(Connection& connection, MessageId message, const Text& text);

[[nodiscard]] Result<void> removeChunks(Connection& connection, MessageId message);

/// Joins the chunks of `message` into its row and removes them. Inside a transaction.
[[nodiscard]] Result<void> joinChunks(Connection& connection, MessageId message);

/// Answers left streaming by windows that run no more become interrupted, with their text.
[[nodiscard]] Result<void> interruptOrphans(Connection& connection, const InstanceLock& lock);

} // namespace ponder::storage
