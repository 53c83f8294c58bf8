#include "storage/conversations/conversation_table.h"

#include "storage/database/json.h"
#include "storage/database/sqlite.h"
#include "storage/database/translate.h"

namespace ponder::storage {

namespace {

#define CONVERSATION_COLUMNS                                                                       \
    "id, title, created, updated, deleted, settings_json, coalesce(active_leaf, 0), activity"

Conversation conversationAt(const Query& row)
{
    Conversation conversation;
    conversation.id = row.number(0);
    conversation.title = row.text(1);
    conversation.created = row.time(2);
    conversation.updated = row.time(3);
    conversation.deleted = row.time(4);
    conversation.settings = fromJson(row.text(5)).toObject();
    conversation.activeLeaf = row.number(6);
    conversation.activity = row.number(7);
    return conversation;
}

const char* selectionOf(ConversationStore::Include include)
{
    switch (include) {
    case ConversationStore::Include::Deleted:
        return "SELECT " CONVERSATION_COLUMNS " FROM conversations "
               "WHERE deleted IS NOT NULL ORDER BY deleted DESC, id DESC";
    case ConversationStore::Include::Present:
        break;
    }
    return "SELECT " CONVERSATION_COLUMNS " FROM conversations "
           "WHERE deleted IS NULL ORDER BY activity DESC, id DESC";
}

} // namespace

Result<Conversation> readConversation(Connection& connection, ConversationId id)
{
    Query row(connection, "SELECT " CONVERSATION_COLUMNS " FROM conversations WHERE id = ?", id);
    if (row.next())
        return conversationAt(row);
    if (row.failed())
        return row.failure();
    return fail(
        ErrorCode::NotFound, tr("This conversation is not there any more."), QString::number(id));
}

Result<QList<Conversation>> listConversations(
    Connection& connection, ConversationStore::Include include)
{
    Query rows(connection, selectionOf(include));
    QList<Conversation> list;
    while (rows.next())
        list.append(conversationAt(rows));
    if (rows.failed())
        return rows.failure();
    return list;
}

Result<Conversation> insertConversation(
    Connection& connection, const QString& title, const QJsonObject& settings)
{
    const auto now = QDateTime::currentDateTime();
    if (auto inserted = connection.run("INSERT INTO conversations "
                                       "(title, created, updated, settings_json, activity) "
                                       "SELECT ?, ?, ?, ?, coalesce(max(activity), 0) + 1 "
                                       "FROM conversations",
            title, now, now, toJson(settings));
        !inserted)
        return tl::unexpected(inserted.error());
    return readConversation(connection, connection.lastInsertId());
}

} // namespace ponder::storage
