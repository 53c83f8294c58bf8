#include "storage/conversation_rows.h"

#include "storage/json.h"
#include "storage/sqlite.h"

#include <QCoreApplication>

#include <algorithm>

namespace ponder::storage {

namespace {

#define CONVERSATION_COLUMNS                                                                       \
    "id, title, created, updated, archived, deleted, settings_json, coalesce(active_leaf, 0)"

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
    return conversation;
}

const char* selectionOf(ConversationStore::Include include)
{
    switch (include) {
    case ConversationStore::Include::Archived:
        return "SELECT " CONVERSATION_COLUMNS " FROM conversations "
               "WHERE deleted IS NULL AND archived <> 0 ORDER BY updated DESC, id DESC";
    case ConversationStore::Include::Deleted:
        return "SELECT " CONVERSATION_COLUMNS " FROM conversations "
               "WHERE deleted IS NOT NULL ORDER BY deleted DESC, id DESC";
    case ConversationStore::Include::Present:
        break;
    }
    return "SELECT " CONVERSATION_COLUMNS " FROM conversations "
           "WHERE deleted IS NULL AND archived = 0 ORDER BY updated DESC, id DESC";
}

/// Lower case and without accents.
QString folded(const QString& text)
{
    QString bare = text.normalized(QString::NormalizationForm_KD);
    bare.removeIf([](QChar c) { return c.category() == QChar::Mark_NonSpacing; });
    return bare.toCaseFolded();
}

/// Every word quoted, so that no character of it is taken for FTS5's syntax; the last may go on.
QString matchExpression(const QString& words)
{
    QStringList quoted;
    for (QString word : words.simplified().split(QLatin1Char(' '), Qt::SkipEmptyParts)) {
        word.remove(QChar(0));
        quoted.append('"' + word.replace(QLatin1Char('"'), QLatin1String("\"\"")) + '"');
    }
    return quoted.isEmpty() ? QString() : quoted.join(QLatin1Char(' ')) + QLatin1Char('*');
}

} // namespace

Result<Conversation> readConversation(Connection& connection, ConversationId id)
{
    Query row(connection, "SELECT " CONVERSATION_COLUMNS " FROM conversations WHERE id = ?", id);
    if (row.next())
        return conversationAt(row);
    if (row.failed())
        return row.failure();
    return fail(ErrorCode::NotFound,
        QCoreApplication::translate("ponder::storage", "This conversation is not there any more."),
        QString::number(id));
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

Result<QList<SearchHit>> findInMessages(Connection& connection, const QString& words, int limit)
{
    const QString expression = matchExpression(words);
    QList<SearchHit> hits;
    if (expression.isEmpty() || limit <= 0)
        return hits;
    // A thought is long and finds much: a hit in the question or the answer weighs more.
    Query rows(connection,
        "SELECT m.conversation, m.id, c.title, "
        "snippet(message_index, 0, char(1), '', '…', 16), "
        "snippet(message_index, 1, char(1), '', '…', 16) "
        "FROM message_index JOIN messages m ON m.id = message_index.rowid "
        "JOIN conversations c ON c.id = m.conversation "
        "WHERE message_index MATCH ? AND c.deleted IS NULL "
        "ORDER BY bm25(message_index, 1.0, 4.0), m.id DESC LIMIT ?",
        expression, limit);
    while (rows.next()) {
        SearchHit hit{rows.number(0), rows.number(1), rows.text(2), {}, false};
        const QString inText = rows.text(4);
        hit.inReasoning = !inText.contains(QChar(1)); // the mark before a word that was found
        hit.snippet = hit.inReasoning ? rows.text(3) : inText;
        hit.snippet = hit.snippet.remove(QChar(1)).simplified();
        hits.append(hit);
    }
    if (rows.failed())
        return rows.failure();
    return hits;
}

} // namespace ponder::storage
