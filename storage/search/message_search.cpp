#include "storage/search/message_search.h"

#include "storage/database/sqlite.h"
#include "storage/database/word_tokenizer.h"

#include <QSet>
#include <QStringList>

#include <algorithm>

namespace ponder::storage {

namespace {

constexpr int kWordsAround = 16; ///< of a hit, in what is shown of it
constexpr int kCharactersAround = 40; ///< where a character is a word

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

/// Without snippets: to make one the message is read, and there may be many.
Result<QList<SearchHit>> bestOfEach(Connection& connection, const QString& expression, int limit)
{
    QList<SearchHit> hits;
    QSet<qint64> found;
    // A thought is long and finds much: a hit in the question or the answer weighs more.
    Query rows(connection,
        "SELECT m.conversation, m.id, c.title "
        "FROM message_index JOIN messages m ON m.id = message_index.rowid "
        "JOIN conversations c ON c.id = m.conversation "
        "WHERE message_index MATCH ? AND c.deleted IS NULL "
        "ORDER BY bm25(message_index, 1.0, 4.0), m.id DESC",
        expression);
    while (hits.size() < limit && rows.next()) {
        if (found.contains(rows.number(0)))
            continue;
        found.insert(rows.number(0));
        hits.append({rows.number(0), rows.number(1), rows.text(2), {}, false});
    }
    if (rows.failed())
        return rows.failure();
    return hits;
}

Result<void> addSnippet(
    Connection& connection, const QString& expression, int around, SearchHit& hit)
{
    Query row(connection,
        "SELECT snippet(message_index, 0, char(1), '', '…', ?), "
        "snippet(message_index, 1, char(1), '', '…', ?) "
        "FROM message_index WHERE message_index MATCH ? AND rowid = ?",
        around, around, expression, hit.message);
    if (!row.next())
        return row.failed() ? Result<void>(row.failure()) : Result<void>();
    const QString inText = row.text(1);
    hit.inReasoning = !inText.contains(QChar(1)); // the mark before a word that was found
    hit.snippet = hit.inReasoning ? row.text(0) : inText;
    hit.snippet = hit.snippet.remove(QChar(1)).simplified();
    return {};
}

} // namespace

Result<QList<SearchHit>> findInMessages(Connection& connection, const QString& words, int limit)
{
    const QString expression = matchExpression(words);
    if (expression.isEmpty())
        return QList<SearchHit>();
    const QList<uint> characters = words.toUcs4();
    const int around = std::ranges::any_of(characters, isWrittenWithoutSpaces) ? kCharactersAround
                                                                               : kWordsAround;
    auto hits = bestOfEach(connection, expression, limit);
    if (!hits)
        return hits;
    for (SearchHit& hit : *hits) {
        if (auto added = addSnippet(connection, expression, around, hit); !added)
            return tl::unexpected(added.error());
    }
    return hits;
}

} // namespace ponder::storage
