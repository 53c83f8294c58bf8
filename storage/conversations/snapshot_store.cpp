#include "storage/conversations/snapshot_store.h"

#include "storage/conversations/message_table.h"
#include "storage/database/database.h"
#include "storage/database/sqlite.h"

namespace ponder::storage {

namespace {

#define SNAPSHOT_COLUMNS "s.id, s.message, s.model_hash, s.tokens, s.cache_type, s.path, s.created"

Result<QList<CacheSnapshot>> snapshotsOf(Query& rows)
{
    QList<CacheSnapshot> snapshots;
    while (rows.next())
        snapshots.append({rows.number(0), rows.number(1), rows.text(2), int(rows.number(3)),
            rows.text(4), rows.text(5), rows.time(6)});
    if (rows.failed())
        return rows.failure();
    return snapshots;
}

} // namespace

SnapshotStore::SnapshotStore(Database& database, QObject* parent)
    : QObject(parent)
    , m_database(database)
{
}

Future<QList<CacheSnapshot>> SnapshotStore::all()
{
    return m_database.run([](Connection& connection) {
        Query rows(connection, "SELECT " SNAPSHOT_COLUMNS " FROM snapshots s ORDER BY s.id");
        return snapshotsOf(rows);
    });
}

Future<QList<CacheSnapshot>> SnapshotStore::ofBranch(MessageId leaf, const QString& modelHash)
{
    return m_database.run([leaf, modelHash](Connection& connection) {
        Query rows(connection,
            WAY_UP "SELECT " SNAPSHOT_COLUMNS " FROM way JOIN snapshots s ON s.message = way.id "
                   "WHERE s.model_hash = ? ORDER BY s.tokens DESC, s.id DESC",
            leaf, modelHash);
        return snapshotsOf(rows);
    });
}

Future<CacheSnapshot> SnapshotStore::add(const CacheSnapshot& snapshot)
{
    return m_database.write([snapshot](Connection& connection) -> Result<CacheSnapshot> {
        CacheSnapshot stored = snapshot;
        stored.created = QDateTime::currentDateTime();
        return requireMessage(connection, snapshot.message)
            .and_then([&] {
                return connection.run("INSERT INTO snapshots "
                                      "(message, model_hash, tokens, cache_type, path, created) "
                                      "VALUES (?, ?, ?, ?, ?, ?)",
                    snapshot.message, snapshot.modelHash, snapshot.tokens, snapshot.cacheType,
                    snapshot.path, stored.created);
            })
            .map([&] {
                stored.id = connection.lastInsertId();
                return stored;
            });
    });
}

Future<void> SnapshotStore::remove(SnapshotId id)
{
    return m_database.write([id](Connection& connection) {
        return connection.run("DELETE FROM snapshots WHERE id = ?", id);
    });
}

} // namespace ponder::storage

#include "moc_snapshot_store.cpp"
