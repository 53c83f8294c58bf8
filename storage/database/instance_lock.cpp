#include "storage/database/instance_lock.h"

#include "storage/database/error_report.h"
#include "storage/database/translate.h"

#include <QDeadlineTimer>
#include <QFile>
#include <QRandomGenerator>
#include <QThread>

#include <cerrno>
#include <fcntl.h>
#include <limits>
#include <unistd.h>
#include <utility>

namespace ponder::storage {

namespace {

constexpr qint64 kDoor = 0;
constexpr qint64 kFirstSession = 1;
constexpr qint64 kLastSession = std::numeric_limits<qint64>::max() / 2;

struct flock range(short type, qint64 start, qint64 length)
{
    struct flock lock = {};
    lock.l_type = type;
    lock.l_whence = SEEK_SET;
    lock.l_start = start;
    lock.l_len = length;
    return lock;
}

int setLock(int file, short type, qint64 start)
{
    struct flock lock = range(type, start, 1);
    return fcntl(file, F_OFD_SETLK, &lock);
}

/// Whether another window holds a byte of the range.
bool isHeld(int file, qint64 start, qint64 length)
{
    struct flock lock = range(F_WRLCK, start, length);
    return fcntl(file, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

} // namespace

Result<InstanceLock> InstanceLock::enter(const QString& path, int waitMs)
{
    InstanceLock lock;
    lock.m_file = ::open(QFile::encodeName(path).constData(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock.m_file < 0)
        return failToWrite(errno,
            tr("Ponder cannot write in the folder of its conversations. Check the folder's "
               "permissions."),
            path);

    if (auto entered = lock.enterAgain(waitMs); !entered)
        return tl::unexpected(entered.error());
    char mark = 0;
    lock.m_lastEndedBadly = lock.m_alone && ::pread(lock.m_file, &mark, 1, 0) == 1;
    lock.m_session = QRandomGenerator::system()->bounded(kFirstSession, kLastSession);
    setLock(lock.m_file, F_WRLCK, lock.m_session);
    return lock;
}

Result<void> InstanceLock::enterAgain(int waitMs)
{
    if (m_file < 0)
        return {};
    QDeadlineTimer deadline(waitMs);
    while (setLock(m_file, F_WRLCK, kDoor) != 0) {
        if (errno != EAGAIN && errno != EACCES)
            break; // no locks on this file system
        if (deadline.hasExpired())
            return fail(ErrorCode::Busy,
                tr("Another window of Ponder is still opening or repairing the conversations. "
                   "Try again in a moment."));
        QThread::msleep(10);
    }
    m_alone = !othersInside();
    return {};
}

InstanceLock::InstanceLock(InstanceLock&& other) noexcept
    : m_file(std::exchange(other.m_file, -1))
    , m_session(other.m_session)
    , m_alone(other.m_alone)
    , m_lastEndedBadly(other.m_lastEndedBadly)
{
}

InstanceLock& InstanceLock::operator=(InstanceLock&& other) noexcept
{
    std::swap(m_file, other.m_file);
    m_session = other.m_session;
    m_alone = other.m_alone;
    m_lastEndedBadly = other.m_lastEndedBadly;
    return *this;
}

InstanceLock::~InstanceLock()
{
    if (m_file >= 0)
        ::close(m_file);
}

void InstanceLock::settle()
{
    if (m_file < 0)
        return;
    // The mark that leave() takes away. On a full disk it is missing: then only a check is skipped.
    [[maybe_unused]] const auto written = ::pwrite(m_file, "open\n", 5, 0);
    setLock(m_file, F_UNLCK, kDoor);
}

void InstanceLock::leave()
{
    if (m_file < 0)
        return;
    if (setLock(m_file, F_WRLCK, kDoor) == 0 && !othersInside()) {
        [[maybe_unused]] const int cut = ::ftruncate(m_file, 0);
    }
    ::close(std::exchange(m_file, -1));
}

bool InstanceLock::othersInside() const
{
    return isHeld(m_file, kFirstSession, kLastSession - kFirstSession);
}

bool InstanceLock::isAlive(qint64 session) const
{
    return session == m_session
        || (m_file >= 0 && session >= kFirstSession && isHeld(m_file, session, 1));
}

} // namespace ponder::storage
