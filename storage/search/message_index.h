#pragma once

#include "storage/database/error.h"

namespace ponder::storage {

class Connection;

// The full-text index of questions, thoughts and answers, kept in step by those who write messages,
// each in the transaction of the change. No triggers do it: while the schema of a file is not
// trusted, SQLite before 3.41 runs none that touches a virtual table, and a file that somebody
// else made stays untrusted. For the storage thread.

/// Puts a message's text, as its row has it, into the index. It must not be there.
[[nodiscard]] Result<void> addToIndex(Connection& connection, qint64 message);

/// Takes it out. To be called before the text in the row changes or the row goes.
[[nodiscard]] Result<void> takeFromIndex(Connection& connection, qint64 message);

/// The same with all messages of a conversation.
[[nodiscard]] Result<void> takeConversationFromIndex(Connection& connection, qint64 conversation);

/// Makes the index anew from all messages.
[[nodiscard]] Result<void> rebuildIndex(Connection& connection);

} // namespace ponder::storage
