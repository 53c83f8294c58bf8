#pragma once

#include <cstddef>
#include <optional>

#include "engine/reasoning/math_token.h"

namespace ponder {

/// What stands between two sums that are said to be equal, or to be in an order.
struct RelationReading {
    Relation relation = Relation::Equal;
    bool words = false; ///< "is", "gives": weaker than a sign
    std::size_t end = 0; ///< token after it
};

[[nodiscard]] std::optional<RelationReading> relationAt(const MathText& text, std::size_t token);

} // namespace ponder
