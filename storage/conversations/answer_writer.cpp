#include "storage/conversations/answer_writer.h"

#include "storage/conversations/conversation_table.h"
#include "storage/conversations/names.h"
#include "storage/database/compression.h"
#include "storage/database/json.h"
#include "storage/database/sqlite.h"

namespace ponder::storage {

namespace {

Result<void> writeEnd(Connection& connection, MessageId message, const AnswerEnd& end)
{
    return joinChunks(connection, message)
        .and_then([&] {
            return connection.run(
                "UPDATE messages SET state = ?, error = ?, finish_reason = ?, finished = ?, "
                "reasoning_seconds = ?, reasoning_tokens = ?, steps_json = ?, prompt_tokens = ?, "
                "completion_tokens = ?, prompt_seconds = ?, generation_seconds = ? WHERE id = ?",
                nameOf(end.state), end.error, end.finishReason, QDateTime::currentDateTime(),
                end.reasoningSeconds, end.reasoningTokens, toJson(end.steps), end.promptTokens,
                end.completionTokens, end.promptSeconds, end.generationSeconds, message);
        })
        .and_then([&] {
            return connection.run("UPDATE conversations SET " NEWEST_ACTIVITY " WHERE id = "
                                  "(SELECT conversation FROM messages WHERE id = ?)",
                QDateTime::currentDateTime(), message);
        })
        .and_then([&]() -> Result<void> {
            if (end.tokenStatistics.isEmpty())
                return {};
            return connection.run(
                "INSERT OR REPLACE INTO token_statistics (message, zstd) VALUES (?, ?)", message,
                compress(end.tokenStatistics));
        });
}

/// Whether text may be added: the message is there and this or a killed window was streaming it.
Result<bool> isOpen(Connection& connection, MessageId message)
{
    return connection
        .number("SELECT count(*) FROM messages WHERE id = ? AND state = 'streaming' "
                "AND session = ?",
            message, connection.session())
        .map([](qint64 count) { return count > 0; });
}

} // namespace

void AnswerWriter::append(MessageId message, const QString& reasoning, const QString& answer)
{
    Text& text = m_waiting[message].text;
    text.reasoning += reasoning;
    text.answer += answer;
}

void AnswerWriter::rewrite(MessageId message, const QString& reasoning, const QString& answer)
{
    Waiting& waiting = m_waiting[message];
    waiting.text = {reasoning, answer};
    waiting.rewrites = true;
}

Result<void> AnswerWriter::flush(Connection& connection)
{
    if (m_waiting.empty())
        return {};
    auto written = connection.transaction([&]() -> Result<void> {
        for (const auto& [message, waiting] : m_waiting) {
            const auto open = isOpen(connection, message);
            if (!open)
                return tl::unexpected(open.error());
            if (!*open)
                continue; // finished or erased meanwhile: there is nothing to add to
            Result<void> added;
            if (waiting.rewrites)
                added = removeChunks(connection, message);
            if (added && !waiting.text.isEmpty())
                added = addChunk(connection, message, waiting.text);
            if (added && waiting.end)
                added = writeEnd(connection, message, *waiting.end);
            if (!added)
                return added;
        }
        return {};
    });
    if (written)
        m_waiting.clear();
    return written;
}

Result<void> AnswerWriter::finish(Connection& connection, MessageId message, const AnswerEnd& end)
{
    const auto open = isOpen(connection, message);
    if (open && !*open)
        return fail(ErrorCode::NotFound,
            QStringLiteral("This answer is not being written, so it cannot be finished."),
            QString::number(message));
    m_waiting[message].end = end;
    return flush(connection);
}

AnswerWriter::Waiting AnswerWriter::waiting(MessageId message) const
{
    const auto found = m_waiting.find(message);
    return found == m_waiting.end() ? Waiting{} : found->second;
}

} // namespace ponder::storage
