#pragma once

#include "engine/base/result.h"

#include <QString>

namespace ponder {

/// A failure as a person reads it, and what helps somebody who looks for its cause.
struct ErrorText {
    QString message; ///< a sentence that says what is wrong and what to do
    QString details; ///< the code's name and the context, a line each; not translated; may be empty

    bool operator==(const ErrorText&) const = default;
};

[[nodiscard]] ErrorText textOf(const Error& error);

/// Both in one text, as a failed answer keeps them, and back. What holds a message alone has no
/// details.
[[nodiscard]] QString toStored(const ErrorText& text);
[[nodiscard]] ErrorText fromStored(const QString& stored);

} // namespace ponder
