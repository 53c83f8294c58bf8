#pragma once

#include <QCoreApplication>

namespace ponder::storage {

/// A sentence of this folder in the person's language.
[[nodiscard]] inline QString tr(const char* text)
{
    return QCoreApplication::translate("ponder::storage", text);
}

} // namespace ponder::storage
