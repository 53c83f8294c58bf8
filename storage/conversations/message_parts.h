#pragma once

#include "storage/conversations/conversation.h"
#include "storage/database/error.h"

namespace ponder::storage {

class Connection;

// What messages are made of: the tables parts and attachments. For the storage thread.

/// The text of all text parts, with an empty line between two: what messages.text holds.
[[nodiscard]] QString textOf(const QList<MessagePart>& parts);

/// Stores the parts of a message whose row, with textOf(parts), is there. Inside a transaction.
[[nodiscard]] Result<void> insertParts(
    Connection& connection, MessageId message, const QList<MessagePart>& parts);

/// Fills in the parts of messages whose text is whole. Text that no row tells of, as after a repair,
/// is a part too.
[[nodiscard]] Result<void> readParts(Connection& connection, QList<Message>& messages);

/// The bytes of an attached file. NotFound with a sentence.
[[nodiscard]] Result<QByteArray> readAttachment(Connection& connection, AttachmentId id);

} // namespace ponder::storage
