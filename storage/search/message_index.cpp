#include "storage/search/message_index.h"

#include "storage/database/sqlite.h"

namespace ponder::storage {

namespace {

#define TAKE_OUT                                                                                   \
    "INSERT INTO message_index (message_index, rowid, reasoning, text) "                           \
    "SELECT 'delete', id, reasoning, text FROM messages "

} // namespace

Result<void> addToIndex(Connection& connection, qint64 message)
{
    return connection.run("INSERT INTO message_index (rowid, reasoning, text) "
                          "SELECT id, reasoning, text FROM messages WHERE id = ?",
        message);
}

Result<void> takeFromIndex(Connection& connection, qint64 message)
{
    return connection.run(TAKE_OUT "WHERE id = ?", message);
}

Result<void> takeConversationFromIndex(Connection& connection, qint64 conversation)
{
    return connection.run(TAKE_OUT "WHERE conversation = ?", conversation);
}

Result<void> rebuildIndex(Connection& connection)
{
    return connection.run("INSERT INTO message_index (message_index) VALUES ('rebuild')");
}

} // namespace ponder::storage
