#pragma once

#include "storage/conversations/conversation.h"
#include "storage/database/error.h"

#include <QDate>

namespace ponder::storage {

class Connection;

// The bin: deleted conversations, until they are erased. For the storage thread.

/// Erases what is in the bin for good, with all that belongs to it: the conversation with that id (0:
/// all of them) if it has been there for at least `days` days of use. Answers how many were erased.
/// Inside a transaction.
[[nodiscard]] Result<int> eraseFromBin(
    Connection& connection, ConversationId conversation = 0, int days = 0);

/// Erases what has been in the bin for kDaysInBin days on which Ponder was used, of which `today` may
/// be one. A day of use is a date later than the last one that was counted: the clock of a machine
/// may be wrong by any number of days, and then only one is counted, or none.
[[nodiscard]] Result<void> emptyBinByAge(Connection& connection, QDate today);

} // namespace ponder::storage
