#include "storage/database/disk_reserve.h"

#include <QFile>
#include <QFileInfo>

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace ponder::storage {

bool DiskReserve::take()
{
    if (m_path.isEmpty() || QFileInfo(m_path).size() == kBytes)
        return true;
    const QByteArray name = QFile::encodeName(m_path);
    const int file = ::open(name.constData(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0)
        return false;
    // Blocks, not a hole: a sparse file would hold no room.
    const bool taken = ::posix_fallocate(file, 0, kBytes) == 0;
    ::close(file);
    if (!taken)
        ::unlink(name.constData());
    return taken;
}

bool DiskReserve::hasSomeRoom() const
{
    constexpr quint64 kSome = 512 << 10; // bytes
    struct statvfs room = {};
    const QByteArray folder = QFile::encodeName(QFileInfo(m_path).absolutePath());
    return !m_path.isEmpty() && ::statvfs(folder.constData(), &room) == 0
        && quint64(room.f_bavail) * room.f_frsize >= kSome;
}

bool DiskReserve::release()
{
    return !m_path.isEmpty() && ::unlink(QFile::encodeName(m_path).constData()) == 0;
}

} // namespace ponder::storage
