#pragma once

#include "storage/database/error.h"

namespace ponder::storage {

/// What helps somebody who looks for the cause: the code's name and the context, a line each.
/// Not translated, since it is copied into reports.
[[nodiscard]] QString detailsOf(const Error& error);

/// For code that is not SQLite: a file or folder could not be made or written, and errno says why.
/// `sentence` is for the lack of permission, which it mostly is; a full disk has its own.
[[nodiscard]] tl::unexpected<Error> failToWrite(
    int systemError, const QString& sentence, const QString& path);

/// What is said where no more can be written.
[[nodiscard]] QString diskIsFull();

} // namespace ponder::storage
