#pragma once

#include "storage/conversations/chunks.h"
#include "storage/conversations/conversation.h"

#include <map>
#include <optional>

namespace ponder::storage {

/// Text and ends of streaming answers on their way to the disk. Lives on the storage thread.
///
/// Text is gathered in memory and written as one chunk row a flush. What cannot be written stays
/// here and is written by the next flush.
class AnswerWriter {
public:
    void append(MessageId message, const QString& reasoning, const QString& answer);

    /// Puts this in place of all text of the message so far.
    void rewrite(MessageId message, const QString& reasoning, const QString& answer);

    /// Writes all that waits, in a transaction of its own.
    [[nodiscard]] Result<void> flush(Connection& connection);

    /// Ends an answer now; when that fails, with the next flush that succeeds.
    [[nodiscard]] Result<void> finish(
        Connection& connection, MessageId message, const AnswerEnd& end);

    struct Waiting {
        Text text;
        bool rewrites = false; ///< it stands in place of what is on the disk
        std::optional<AnswerEnd> end;
    };
    /// What of a message is only here yet.
    [[nodiscard]] Waiting waiting(MessageId message) const;

private:
    std::map<MessageId, Waiting> m_waiting;
};

} // namespace ponder::storage
