#include "storage/search/message_index.h"

#include "storage/database/sqlite.h"
#include "storage/database/word_tokenizer.h"

#include <QStringList>

#include <algorithm>

namespace ponder::storage {

namespace {

constexpr int kWordsAround = 16; ///< of a hit, in what is shown of it
constexpr int kCharactersAround = 40; ///< where a character is a word

#define TAKE_OUT                                                                                   \
    "INSERT INTO message_index (message_index, rowid, reasoning, text) "                           \
    "SELECT 'delete', id, reasoning, text FROM messages "

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

Result<void> addToIndex(Connection& connection, MessageId message)
{
    return connection.run("INSERT INTO message_index (rowid, reasoning, text) "
                          "SELECT id, reasoning, text FROM messages WHERE id = ?",
        message);
}

Result<void> takeFromIndex(Connection& connection, MessageId message)
{
    return connection.run(TAKE_OUT "WHERE id = ?", message);
}

Result<void> eraseConversation(Connection& connection, ConversationId conversation)
{
    return connection.run(TAKE_OUT "WHERE conversation = ?", conversation).and_then([&] {
        return connection.run("DELETE FROM conversations WHERE id = ?", conversation);
    });
}

Result<void> rebuildIndex(Connection& connection)
{
    return connection.run("INSERT INTO message_index (message_index) VALUES ('rebuild')");
}

Result<QList<SearchHit>> findInMessages(Connection& connection, const QString& words, int limit)
{
    const QString expression = matchExpression(words);
    QList<SearchHit> hits;
    if (expression.isEmpty() || limit <= 0)
        return hits;
    const QList<uint> characters = words.toUcs4();
    const int around = std::ranges::any_of(characters, isWrittenWithoutSpaces) ? kCharactersAround
                                                                               : kWordsAround;
    // A thought is long and finds much: a hit in the question or the answer weighs more.
    Query rows(connection,
        "SELECT m.conversation, m.id, c.title, "
        "snippet(message_index, 0, char(1), '', '…', ?), "
        "snippet(message_index, 1, char(1), '', '…', ?) "
        "FROM message_index JOIN messages m ON m.id = message_index.rowid "
        "JOIN conversations c ON c.id = m.conversation "
        "WHERE message_index MATCH ? AND c.deleted IS NULL "
        "ORDER BY bm25(message_index, 1.0, 4.0), m.id DESC LIMIT ?",
        around, around, expression, limit);
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
