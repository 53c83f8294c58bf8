#include "storage/conversations/conversation_table.h"

#include "storage/database/json.h"
#include "storage/database/sqlite.h"
#include "storage/database/translate.h"

#include <algorithm>

namespace ponder::storage {

namespace {

#define CONVERSATION_COLUMNS                                                                       \
    "id, title, created, updated, archived, deleted, settings_json, coalesce(active_leaf, 0), "    \
    "activity"

Conversation conversationAt(const Query& row)
{
    Conversation conversation;
    conversation.id = row.number(0);
    conversation.title = row.text(1);
    conversation.created = row.time(2);
    conversation.updated = row.time(3);
    conversation.archived = row.number(4) != 0;
    conversation.deleted = row.time(5);
    conversation.settings = fromJson(row.text(6)).toObject();
    conversation.activeLeaf = row.number(7);
    conversation.activity = row.number(8);
    return conversation;
}

const char* selectionOf(ConversationStore::Include include)
{
    switch (include) {
    case ConversationStore::Include::Archived:
        return "SELECT " CONVERSATION_COLUMNS " FROM conversations "
               "WHERE deleted IS NULL AND archived <> 0 ORDER BY activity DESC, id DESC";
    case ConversationStore::Include::Deleted:
        return "SELECT " CONVERSATION_COLUMNS " FROM conversations "
               "WHERE deleted IS NOT NULL ORDER BY deleted DESC, id DESC";
    case ConversationStore::Include::Present:
        break;
    }
    return "SELECT " CONVERSATION_COLUMNS " FROM conversations "
           "WHERE deleted IS NULL AND archived = 0 ORDER BY activity DESC, id DESC";
}

/// Lower case and without accents.
QString folded(const QString& text)
{
    QString bare = text.normalized(QString::NormalizationForm_KD);
    bare.removeIf([](QChar c) { return c.category() == QChar::Mark_NonSpacing; });
    return bare.toCaseFolded();
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

QList<Conversation> withTitlesLike(const QList<Conversation>& conversations, const QString& words)
{
    const QStringList wanted = folded(words).split(QLatin1Char(' '), Qt::SkipEmptyParts);
    QList<Conversation> found;
    for (const Conversation& conversation : conversations) {
        const QString title = folded(conversation.title);
        if (std::ranges::all_of(wanted, [&](const QString& word) { return title.contains(word); }))
            found.append(conversation);
    }
    return found;
}

} // namespace ponder::storage
