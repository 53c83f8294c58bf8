#pragma once

#include "engine/reasoning/expression.h"

namespace ponder {

// One operation on what was read. Where it cannot be computed, the left side is no longer known.
void addReading(Reading& left, const Reading& right, bool subtract);
void multiplyReading(Reading& left, const Reading& right);
void divideReading(Reading& left, const Reading& right);
void raiseReading(Reading& left, const Reading& exponent);
void moduloReading(Reading& left, const Reading& right);
void negateReading(Reading& reading);

/// A function of one known value, or nothing that is known.
void applyReading(Reading& reading, const std::optional<Number>& result);

/// What both sides have in common: units, alternatives, kinds of numbers.
void mergeNotes(Reading& left, const Reading& right);

} // namespace ponder
