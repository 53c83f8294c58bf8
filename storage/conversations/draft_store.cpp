#include "storage/conversations/draft_store.h"

#include "storage/database/database.h"
#include "storage/database/instance_lock.h"
#include "storage/database/sqlite.h"

#include <QSet>

namespace ponder::storage {

DraftStore::DraftStore(Database& database, QObject* parent)
    : QObject(parent)
    , m_database(database)
{
}

Future<QHash<ConversationId, QString>> DraftStore::load()
{
    using Drafts = QHash<ConversationId, QString>;
    return m_database.run([](Connection& connection) -> Result<Drafts> {
        Query rows(connection,
            "SELECT coalesce(conversation, 0), text FROM drafts WHERE session = ? ORDER BY id",
            connection.session());
        Drafts drafts;
        while (rows.next())
            drafts.insert(rows.number(0), rows.text(1));
        if (rows.failed())
            return rows.failure();
        return drafts;
    });
}

Future<void> DraftStore::save(ConversationId conversation, const QString& text)
{
    return m_database.write([conversation, text](Connection& connection) -> Result<void> {
        auto removed = connection.run(
            "DELETE FROM drafts WHERE conversation IS nullif(?, 0) AND session = ?", conversation,
            connection.session());
        if (!removed || text.trimmed().isEmpty())
            return removed;
        // Nothing where the conversation is gone: another window may have erased it.
        return connection.run("INSERT INTO drafts (conversation, session, updated, text) "
                              "SELECT nullif(?1, 0), ?2, ?3, ?4 "
                              "WHERE ?1 = 0 OR EXISTS (SELECT 1 FROM conversations WHERE id = ?1)",
            conversation, connection.session(), QDateTime::currentDateTime(), text);
    });
}

Result<void> takeOverDrafts(Connection& connection, const InstanceLock& lock)
{
    return connection.transaction([&]() -> Result<void> {
        // By row, not by time: a clock may be wrong.
        Query rows(connection,
            "SELECT id, coalesce(conversation, 0), session FROM drafts ORDER BY id DESC");
        QSet<ConversationId> settled;
        QList<qint64> orphans;
        while (rows.next()) {
            if (settled.contains(rows.number(1)) || lock.isAlive(rows.number(2)))
                continue;
            settled.insert(rows.number(1));
            orphans.append(rows.number(0));
        }
        if (rows.failed())
            return rows.failure();
        for (const qint64 id : std::as_const(orphans)) {
            auto taken
                = connection.run("UPDATE drafts SET session = ? WHERE id = ?", lock.session(), id);
            if (!taken)
                return taken;
        }
        return {};
    });
}

} // namespace ponder::storage

#include "moc_draft_store.cpp"
