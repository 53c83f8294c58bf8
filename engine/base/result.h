#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace ponder {

/// What went wrong, for code that must decide something by it. People read Error::message.
enum class ErrorCode {
    FileNotFound,
    FileUnreadable,
    FileTruncated,
    FileCorrupt,
    UnsupportedFormat,
    UnsupportedArchitecture,
    UnsupportedQuantisation,
    UnsupportedTokenizer,
    OutOfMemory,
    ContextFull,
    DeviceLost, ///< the GPU stopped answering; what it held is gone
    TemplateFailed,
    InvalidArgument,
    Cancelled,
    Internal,
};

struct Error {
    ErrorCode code = ErrorCode::Internal;
    std::string message; ///< a sentence that says what is wrong and what to do
    std::string context; ///< for the log: file, offset, key; may be empty
};

/// What every fallible function of the engine returns. Exceptions do not leave the engine.
template <typename T> using Result = tl::expected<T, Error>;

/// return fail(ErrorCode::FileCorrupt, "…"); from any function that returns a Result.
[[nodiscard]] inline tl::unexpected<Error> fail(
    ErrorCode code, std::string message, std::string context = {})
{
    return tl::unexpected(Error{code, std::move(message), std::move(context)});
}

} // namespace ponder
