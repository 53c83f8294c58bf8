#pragma once

#include <QString>

namespace ponder::storage {

/// Room on the disk that is kept back, as a file of that size: when the disk fills up while
/// somebody is asking, it is given to the question and the answer at hand.
class DiskReserve {
public:
    DiskReserve() = default; ///< none
    explicit DiskReserve(const QString& path)
        : m_path(path)
    {
    }

    /// Takes the room unless it is held already; false when the disk has not got it. The file
    /// stays when the program ends, so that the next one can open on a full disk.
    bool take();
    /// Gives the room back to the disk; false when there was none to give.
    bool release();

    /// Whether the disk has room for some answers, if not for the whole reserve.
    [[nodiscard]] bool hasSomeRoom() const;

    /// Room for some answers of 30,000 tokens with their statistics.
    static constexpr qint64 kBytes = 4 << 20;

private:
    QString m_path;
};

} // namespace ponder::storage
