#pragma once

#include "storage/database/schema.h"

#include <QDateTime>
#include <QString>

#include <atomic>
#include <memory>
#include <thread>

namespace ponder::storage {

/// A copy of the conversations now and then, so that there is one before anything goes wrong, not
/// only before migrations. Made on a thread and a connection of its own, while one works.
class RoutineBackup {
public:
    explicit RoutineBackup(const Schema& schema)
        : m_schema(schema)
    {
    }
    ~RoutineBackup() { stop(); }
    RoutineBackup(const RoutineBackup&) = delete;
    RoutineBackup& operator=(const RoutineBackup&) = delete;

    /// Makes one of the database at `path` if makeIfDue() finds it due; returns at once.
    void start(const QString& path);
    /// Gives up what is under way and waits for the thread (milliseconds).
    void stop();

    /// Makes a backup when the newest is a week old, not counting any dated in the future, and there are
    /// conversations and room on the disk; keeps the newest kKept of its own. Answers whether one
    /// was made. Blocks.
    [[nodiscard]] static Result<bool> makeIfDue(const Schema& schema, const QString& path,
        const QDateTime& now, const std::atomic<bool>* givenUp = nullptr);

    static constexpr int kKept = 2;
    static constexpr int kDaysBetween = 7;

private:
    const Schema& m_schema;
    std::thread m_thread;
    std::atomic<bool> m_givenUp = false;
};

} // namespace ponder::storage
