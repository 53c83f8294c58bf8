#pragma once

#include "storage/conversations/conversation.h"

namespace ponder::storage {

/// The words that the database uses; the schema's CHECKs list the same.
[[nodiscard]] QString nameOf(Role role);
[[nodiscard]] QString nameOf(MessageState state);
/// User and Interrupted for a word that is not known, as in a newer file.
[[nodiscard]] Role roleOf(const QString& name);
[[nodiscard]] MessageState stateOf(const QString& name);

} // namespace ponder::storage
