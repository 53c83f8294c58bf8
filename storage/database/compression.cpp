#include "storage/database/compression.h"

#include <zstd.h>

namespace ponder::storage {

namespace {

constexpr unsigned long long kMaxBytes = 256ULL << 20; // a frame that claims more is not ours

} // namespace

QByteArray compress(const QByteArray& bytes)
{
    if (bytes.isEmpty())
        return {};
    QByteArray frame(qsizetype(ZSTD_compressBound(size_t(bytes.size()))), Qt::Uninitialized);
    const size_t size = ZSTD_compress(frame.data(), size_t(frame.size()), bytes.constData(),
        size_t(bytes.size()), ZSTD_CLEVEL_DEFAULT);
    frame.resize(ZSTD_isError(size) ? 0 : qsizetype(size));
    return frame;
}

Result<QByteArray> decompress(const QByteArray& frame)
{
    if (frame.isEmpty())
        return QByteArray();
    const auto size = ZSTD_getFrameContentSize(frame.constData(), size_t(frame.size()));
    const bool known = size != ZSTD_CONTENTSIZE_UNKNOWN && size != ZSTD_CONTENTSIZE_ERROR;
    if (known && size <= kMaxBytes) {
        QByteArray bytes(qsizetype(size), Qt::Uninitialized);
        const size_t written
            = ZSTD_decompress(bytes.data(), size_t(size), frame.constData(), size_t(frame.size()));
        if (!ZSTD_isError(written) && written == size)
            return bytes;
    }
    return fail(ErrorCode::InvalidArgument, QStringLiteral("What was stored cannot be read."),
        QStringLiteral("zstd"));
}

} // namespace ponder::storage
