#include "storage/conversations/chunks.h"

#include "storage/database/instance_lock.h"
#include "storage/database/sqlite.h"
#include "storage/search/message_index.h"

namespace ponder::storage {

Result<Text> readChunks(Connection& connection, MessageId message)
{
    Query query(
        connection, "SELECT reasoning, text FROM chunks WHERE message = ? ORDER BY id", message);
    Text text;
    while (query.next()) {
        text.reasoning += query.text(0);
        text.answer += query.text(1);
    }
    if (query.failed())
        return query.failure();
    return text;
}

Result<void> addChunk(Connection& connection, MessageId message, const Text& text)
{
    return connection.run("INSERT INTO chunks (message, reasoning, text) VALUES (?, ?, ?)", message,
        text.reasoning, text.answer);
}

Result<void> removeChunks(Connection& connection, MessageId message)
{
    return connection.run("DELETE FROM chunks WHERE message = ?", message);
}

Result<void> joinChunks(Connection& connection, MessageId message)
{
    const auto text = readChunks(connection, message);
    if (!text)
        return tl::unexpected(text.error());
    return takeFromIndex(connection, message)
        .and_then([&] {
            return connection.run("UPDATE messages SET reasoning = ?, text = ? WHERE id = ?",
                text->reasoning, text->answer, message);
        })
        .and_then([&] { return addToIndex(connection, message); })
        .and_then([&] { return removeChunks(connection, message); });
}

Result<void> interruptOrphans(Connection& connection, const InstanceLock& lock)
{
    return connection.transaction([&]() -> Result<void> {
        QList<MessageId> orphans;
        Query query(connection, "SELECT id, session FROM messages WHERE state = 'streaming'");
        while (query.next()) {
            if (!lock.isAlive(query.number(1)))
                orphans.append(query.number(0));
        }
        if (query.failed())
            return query.failure();
        for (const MessageId id : std::as_const(orphans)) {
            if (auto joined = joinChunks(connection, id); !joined)
                return joined;
            auto marked = connection.run("UPDATE messages SET state = 'interrupted', "
                                         "finish_reason = 'interrupted' WHERE id = ?",
                id);
            if (!marked)
                return marked;
        }
        return {};
    });
}

} // namespace ponder::storage
