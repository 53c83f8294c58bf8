#include "storage/conversations/tree_mending.h"

#include "storage/database/sqlite.h"
#include "storage/database/translate.h"

namespace ponder::storage {

namespace {

/// Their messages get a conversation that is not there, which mendConversations() makes.
constexpr const char* kMessagesForFiles = R"sql(
INSERT INTO messages (id, conversation, parent, role, state, created, finished)
    SELECT message, (SELECT max(coalesce((SELECT max(conversation) FROM messages), 0),
            coalesce((SELECT max(id) FROM conversations), 0)) + 1),
        0, 'user', 'complete', min(created), min(created)
    FROM attachments WHERE message NOT IN (SELECT id FROM messages) GROUP BY message;
)sql";

constexpr const char* kParents = R"sql(
UPDATE messages SET parent = (SELECT max(b.id) FROM messages b
        WHERE b.conversation = messages.conversation AND b.id < messages.id)
    WHERE parent IS NOT NULL AND NOT EXISTS (SELECT 1 FROM messages p
        WHERE p.id = messages.parent AND p.conversation = messages.conversation
            AND p.id < messages.id);
UPDATE conversations SET active_leaf = (SELECT max(m.id) FROM messages m
        WHERE m.conversation = conversations.id)
    WHERE NOT EXISTS (SELECT 1 FROM messages m
        WHERE m.id = conversations.active_leaf AND m.conversation = conversations.id);
)sql";

constexpr const char* kWhatBelongsToMessages = R"sql(
DELETE FROM parts WHERE message NOT IN (SELECT id FROM messages)
    OR (attachment IS NULL) <> (kind = 'text')
    OR (attachment IS NOT NULL AND NOT EXISTS (SELECT 1 FROM attachments a
        WHERE a.id = parts.attachment AND a.message = parts.message));
INSERT INTO parts (message, place, kind, attachment)
    SELECT a.message, coalesce((SELECT max(place) FROM parts p WHERE p.message = a.message), 0)
            + a.id, 'file', a.id
    FROM attachments a WHERE NOT EXISTS (SELECT 1 FROM parts p WHERE p.attachment = a.id);
DELETE FROM chunks WHERE message NOT IN (SELECT id FROM messages);
DELETE FROM token_statistics WHERE message NOT IN (SELECT id FROM messages);
DELETE FROM notes WHERE message NOT IN (SELECT id FROM messages);
DELETE FROM snapshots WHERE message NOT IN (SELECT id FROM messages);
DELETE FROM drafts WHERE conversation NOT IN (SELECT id FROM conversations);
)sql";

Result<void> mendConversations(Connection& connection)
{
    return connection.run(
        "INSERT INTO conversations (id, title, created, updated) "
        "SELECT m.conversation, coalesce((SELECT replace(?, '%1', "
        "substr(replace(trim(q.text), char(10), ' '), 1, 60)) FROM messages q "
        "WHERE q.conversation = m.conversation AND q.role = 'user' AND trim(q.text) <> '' "
        "ORDER BY q.id LIMIT 1), ?), min(m.created), max(m.created) FROM messages m "
        "WHERE m.conversation NOT IN (SELECT id FROM conversations) GROUP BY m.conversation",
        tr("Recovered: %1"), tr("Recovered conversation"));
}

} // namespace

Result<void> mendTrees(Connection& connection)
{
    return connection.runScript(kMessagesForFiles)
        .and_then([&] { return mendConversations(connection); })
        .and_then([&] { return connection.runScript(kParents); })
        .and_then([&] { return connection.runScript(kWhatBelongsToMessages); });
}

} // namespace ponder::storage
