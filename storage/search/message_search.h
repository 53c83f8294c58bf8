#pragma once

#include "storage/database/error.h"

#include <QList>
#include <QMetaType>

namespace ponder::storage {

class Connection;

/// The place in a conversation where the words of a search fit best.
struct SearchHit {
    qint64 conversation = 0;
    qint64 message = 0;
    QString title; ///< of the conversation
    QString snippet; ///< plain text around the first word that was found, with … where it was cut
    bool inReasoning = false; ///< the snippet comes from the thought
};

/// The best match of each conversation that is not in the bin, the best of all first: of questions,
/// thoughts and answers that contain every word, the last one as a beginning. For the storage thread.
[[nodiscard]] Result<QList<SearchHit>> findInMessages(
    Connection& connection, const QString& words, int limit);

} // namespace ponder::storage
