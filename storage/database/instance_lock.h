#pragma once

#include "storage/database/error.h"

#include <QString>

namespace ponder::storage {

/// Knows which windows have a database open, by locks on a small file beside it. The kernel drops
/// a process's locks when it ends, however it ends, so a killed window is never thought alive.
///
/// One byte range is the door: who opens, repairs or migrates holds it meanwhile. Beyond it every
/// window holds one byte, at an offset drawn at random: its session number.
class InstanceLock {
public:
    /// Waits at the door (at most `waitMs`, then Busy), passes it and holds it until settle().
    /// Where the file system knows no locks the window takes itself to be alone.
    [[nodiscard]] static Result<InstanceLock> enter(const QString& path, int waitMs = 5000);

    InstanceLock() = default; ///< alone, with no file: for databases in memory or read-only folders
    InstanceLock(InstanceLock&& other) noexcept;
    InstanceLock& operator=(InstanceLock&& other) noexcept;
    /// Leaves as after a crash; see leave().
    ~InstanceLock();

    /// Waits at the door again after settle(), keeping the session: for a repair.
    [[nodiscard]] Result<void> enterAgain(int waitMs = 5000);
    /// Opens the door for others: the database is whole and current.
    void settle();
    /// Ends the session in good order, so that the next one need not check the file.
    void leave();

    [[nodiscard]] qint64 session() const { return m_session; }
    /// No other window has the database open. Meaningful while the door is held.
    [[nodiscard]] bool alone() const { return m_alone; }
    /// The last session ended without leave(): a crash, a kill, a power cut.
    [[nodiscard]] bool lastEndedBadly() const { return m_lastEndedBadly; }
    /// Whether the window with that number still runs.
    [[nodiscard]] bool isAlive(qint64 session) const;

private:
    [[nodiscard]] bool othersInside() const;

    int m_file = -1;
    qint64 m_session = 0;
    bool m_alone = true;
    bool m_lastEndedBadly = false;
};

} // namespace ponder::storage
