#include "storage/conversations/bin.h"

#include "storage/database/sqlite.h"
#include "storage/search/message_index.h"

namespace ponder::storage {

Result<int> eraseFromBin(Connection& connection, ConversationId conversation, int days)
{
    QList<ConversationId> ids;
    Query query(connection,
        "SELECT id FROM conversations WHERE deleted IS NOT NULL AND days_in_bin >= ?1 "
        "AND (?2 = 0 OR id = ?2)",
        days, conversation);
    while (query.next())
        ids.append(query.number(0));
    if (query.failed())
        return query.failure();
    for (const ConversationId id : std::as_const(ids)) {
        auto erased = takeConversationFromIndex(connection, id).and_then([&] {
            return connection.run("DELETE FROM conversations WHERE id = ?", id);
        });
        if (!erased)
            return tl::unexpected(erased.error());
    }
    return int(ids.size());
}

Result<void> emptyBinByAge(Connection& connection, QDate today)
{
    return connection.transaction([&]() -> Result<void> {
        const auto counted = connection.number("SELECT last_counted FROM days_of_use WHERE id = 1");
        if (!counted)
            return tl::unexpected(counted.error());
        if (*counted == today.toJulianDay())
            return {};
        auto done
            = connection.run("INSERT OR REPLACE INTO days_of_use (id, last_counted) VALUES (1, ?)",
                today.toJulianDay());
        if (!done || *counted == 0 || today.toJulianDay() < *counted)
            return done; // a clock that went back counts no day, and is followed from here on
        return connection
            .run("UPDATE conversations SET days_in_bin = days_in_bin + 1 "
                 "WHERE deleted IS NOT NULL")
            .and_then([&] { return eraseFromBin(connection, 0, kDaysInBin); })
            .map([](int) {});
    });
}

} // namespace ponder::storage
