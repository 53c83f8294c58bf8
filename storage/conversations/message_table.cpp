#include "storage/conversations/message_table.h"

#include "storage/conversations/answer_writer.h"
#include "storage/conversations/conversation_table.h"
#include "storage/conversations/message_parts.h"
#include "storage/conversations/names.h"
#include "storage/database/json.h"
#include "storage/database/sqlite.h"
#include "storage/database/translate.h"
#include "storage/search/message_index.h"

namespace ponder::storage {

namespace {

#define MESSAGE_COLUMNS                                                                            \
    "m.id, m.conversation, coalesce(m.parent, 0), m.role, m.state, m.text, m.reasoning, "          \
    "m.error, m.finish_reason, m.created, m.finished, m.reasoning_seconds, m.reasoning_tokens, "   \
    "m.steps_json, m.prompt_tokens, m.completion_tokens, m.prompt_seconds, "                       \
    "m.generation_seconds, m.model_name, m.model_fingerprint, m.seed, m.sampling_json, "           \
    "m.session, "                                                                                  \
    "(SELECT count(*) FROM messages s WHERE s.conversation = m.conversation "                      \
    "AND s.parent IS m.parent AND s.id < m.id), "                                                  \
    "(SELECT count(*) FROM messages s WHERE s.conversation = m.conversation "                      \
    "AND s.parent IS m.parent), "                                                                  \
    "EXISTS (SELECT 1 FROM token_statistics t WHERE t.message = m.id)"

/// What another window streams does not move here: it is the text so far, and stays that.
MessageState stateSeenBy(const Connection& connection, MessageState state, qint64 writtenBy)
{
    return state == MessageState::Streaming && writtenBy != connection.session()
        ? MessageState::Interrupted
        : state;
}

Message messageAt(const Query& row, const Connection& connection)
{
    Message message;
    int column = 0;
    message.id = row.number(column++);
    message.conversation = row.number(column++);
    message.parent = row.number(column++);
    message.role = roleOf(row.text(column++));
    message.state = stateOf(row.text(column++));
    message.text = row.text(column++);
    message.reasoning = row.text(column++);
    message.error = row.text(column++);
    message.finishReason = row.text(column++);
    message.created = row.time(column++);
    message.finished = row.time(column++);
    message.reasoningSeconds = row.real(column++);
    message.reasoningTokens = int(row.number(column++));
    message.steps = fromJson(row.text(column++)).toArray();
    message.promptTokens = int(row.number(column++));
    message.completionTokens = int(row.number(column++));
    message.promptSeconds = row.real(column++);
    message.generationSeconds = row.real(column++);
    message.modelName = row.text(column++);
    message.modelFingerprint = row.text(column++);
    message.seed = quint64(row.number(column++));
    message.sampling = fromJson(row.text(column++)).toObject();
    const qint64 writtenBy = row.number(column++);
    message.siblingIndex = int(row.number(column++));
    message.siblingCount = int(row.number(column++));
    message.hasTokenStatistics = row.number(column++) != 0;
    message.state = stateSeenBy(connection, message.state, writtenBy);
    return message;
}

/// What an end says that waits to be written.
void applyEnd(Message& message, const AnswerEnd& end)
{
    message.state = end.state;
    message.error = end.error;
    message.finishReason = end.finishReason;
    message.reasoningSeconds = end.reasoningSeconds;
    message.reasoningTokens = end.reasoningTokens;
    message.steps = end.steps;
    message.promptTokens = end.promptTokens;
    message.completionTokens = end.completionTokens;
    message.promptSeconds = end.promptSeconds;
    message.generationSeconds = end.generationSeconds;
}

/// The messages of a query that begins with MESSAGE_COLUMNS, whole.
Result<QList<Message>> allOf(Connection& connection, const AnswerWriter& writer, Query& rows)
{
    QList<Message> messages;
    while (rows.next())
        messages.append(messageAt(rows, connection));
    if (rows.failed())
        return rows.failure();
    for (Message& message : messages) {
        if (message.finished.isValid() || message.role != Role::Assistant)
            continue;
        const auto stored = readChunks(connection, message.id);
        if (!stored)
            return tl::unexpected(stored.error());
        const AnswerWriter::Waiting waiting = writer.waiting(message.id);
        const Text written = waiting.rewrites ? Text{} : *stored;
        message.reasoning += written.reasoning + waiting.text.reasoning;
        message.text += written.answer + waiting.text.answer;
        if (waiting.end)
            applyEnd(message, *waiting.end);
    }
    if (auto read = readParts(connection, messages); !read)
        return tl::unexpected(read.error());
    return messages;
}

tl::unexpected<Error> notFound(MessageId id)
{
    return fail(
        ErrorCode::NotFound, tr("This message is not there any more."), QString::number(id));
}

} // namespace

Result<void> requireMessage(Connection& connection, MessageId id)
{
    const auto there = connection.number("SELECT count(*) FROM messages WHERE id = ?", id);
    if (!there)
        return tl::unexpected(there.error());
    if (*there == 0)
        return notFound(id);
    return {};
}

Result<Message> readMessage(Connection& connection, const AnswerWriter& writer, MessageId id)
{
    Query row(connection, "SELECT " MESSAGE_COLUMNS " FROM messages m WHERE m.id = ?", id);
    const auto found = allOf(connection, writer, row);
    if (!found)
        return tl::unexpected(found.error());
    if (found->isEmpty())
        return notFound(id);
    return found->first();
}

Result<QList<Message>> readBranch(
    Connection& connection, const AnswerWriter& writer, MessageId leaf)
{
    Query rows(connection,
        WAY_UP "SELECT " MESSAGE_COLUMNS " FROM way JOIN messages m ON m.id = way.id ORDER BY m.id",
        leaf);
    auto found = allOf(connection, writer, rows);
    if (found && found->isEmpty())
        return notFound(leaf);
    return found;
}

Result<QList<TreeNode>> readTree(Connection& connection, ConversationId conversation)
{
    // Twice as much is read, since spaces may go.
    Query rows(connection,
        "SELECT id, coalesce(parent, 0), role, state, session, substr(text, 1, ?) FROM messages "
        "WHERE conversation = ? ORDER BY id",
        2 * TreeNode::kBeginning, conversation);
    QList<TreeNode> tree;
    while (rows.next())
        tree.append({rows.number(0), rows.number(1), roleOf(rows.text(2)),
            stateSeenBy(connection, stateOf(rows.text(3)), rows.number(4)),
            rows.text(5).simplified().left(TreeNode::kBeginning)});
    if (rows.failed())
        return rows.failure();
    return tree;
}

Result<MessageId> newestLeaf(Connection& connection, MessageId id)
{
    for (;;) {
        const auto child
            = connection.number("SELECT coalesce(max(id), 0) FROM messages WHERE parent = ?", id);
        if (!child)
            return child;
        if (*child <= id)
            return id;
        id = *child;
    }
}

Result<MessageId> insertMessage(Connection& connection, const Message& message)
{
    const auto now = QDateTime::currentDateTime();
    if (message.parent != 0) {
        const auto fits
            = connection.number("SELECT count(*) FROM messages WHERE id = ? AND conversation = ?",
                message.parent, message.conversation);
        if (!fits)
            return fits;
        if (*fits == 0)
            return notFound(message.parent);
    }
    const bool streaming = message.state == MessageState::Streaming;
    auto inserted = connection.run(
        "INSERT INTO messages (conversation, parent, role, state, created, finished, text, "
        "model_name, model_fingerprint, seed, sampling_json, session) "
        "VALUES (?, nullif(?, 0), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        message.conversation, message.parent, nameOf(message.role), nameOf(message.state), now,
        streaming ? QDateTime() : now, textOf(message.parts), message.modelName,
        message.modelFingerprint, message.seed, toJson(message.sampling), connection.session());
    if (!inserted)
        return tl::unexpected(inserted.error());
    const MessageId id = connection.lastInsertId();
    auto whole = insertParts(connection, id, message.parts).and_then([&] {
        return addToIndex(connection, id);
    });
    if (!whole)
        return tl::unexpected(whole.error());
    if (auto shown = connection.run("UPDATE conversations SET active_leaf = ?, " NEWEST_ACTIVITY
                                    " WHERE id = ?",
            id, now, message.conversation);
        !shown)
        return tl::unexpected(shown.error());
    return id;
}

} // namespace ponder::storage
