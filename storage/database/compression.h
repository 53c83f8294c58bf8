#pragma once

#include "storage/database/error.h"

#include <QByteArray>

namespace ponder::storage {

/// As one zstd frame; empty for no bytes.
[[nodiscard]] QByteArray compress(const QByteArray& bytes);

/// InvalidArgument when `frame` is not what compress() makes. The caller says what could not be read.
[[nodiscard]] Result<QByteArray> decompress(const QByteArray& frame);

} // namespace ponder::storage
