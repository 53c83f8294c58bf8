#pragma once

#include <QString>

namespace ponder {

/// A name that a file, a model or a person gave, for one line of the window: without line breaks, control
/// characters and marks that turn the direction of what stands beside it, and no longer than a line can be.
[[nodiscard]] QString plainName(const QString& name);

/// A message of the engine with its whole numbers grouped as the language does: "608,899 tokens". Numbers that are
/// a part of a name, a path, a version or a fraction stay as they are.
[[nodiscard]] QString withGroupedFigures(const QString& message);

} // namespace ponder
