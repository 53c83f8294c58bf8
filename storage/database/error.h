#pragma once

#include <QFuture>
#include <QString>

#include <tl/expected.hpp>

namespace ponder::storage {

/// What went wrong, for code that must decide something by it. People read Error::message.
enum class ErrorCode {
    NotOpen, ///< open() was not called, failed, or the database was closed
    NotFound, ///< no such conversation, message or setting
    InvalidArgument, ///< a request that makes no sense, e.g. a parent from another conversation
    ReadOnly, ///< the file may be read but not written (see Opening::notice for the reason)
    NewerVersion, ///< the file was written by a newer Ponder
    NoPermission, ///< the folder or the file cannot be written or read
    DiskFull, ///< no room left on the device, or the file's own limit was reached
    Damaged, ///< the file is corrupt or is not a database
    Busy, ///< another window holds what is needed
    Io, ///< reading or writing failed in the device
    Internal,
};

struct Error {
    ErrorCode code = ErrorCode::Internal;
    QString message; ///< a sentence that says what is wrong and what to do
    QString context; ///< for the log: SQLite's code and words, the file; may be empty
};

/// What every fallible function of the storage returns. Exceptions do not leave the storage.
template <typename T> using Result = tl::expected<T, Error>;

/// The asynchronous form: finished from the storage thread. Continue on the GUI thread with
/// future.then(context, [](Result<T> result) { … }); never wait for one there.
template <typename T> using Future = QFuture<Result<T>>;

/// return fail(ErrorCode::NotFound, "…"); from any function that returns a Result.
[[nodiscard]] inline tl::unexpected<Error> fail(
    ErrorCode code, QString message, QString context = {})
{
    return tl::unexpected(Error{code, std::move(message), std::move(context)});
}

} // namespace ponder::storage
