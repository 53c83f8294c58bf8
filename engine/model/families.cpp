#include <array>

#include "engine/model/family.h"

namespace ponder {

std::span<const Family> builtinFamilies()
{
    static constexpr std::array kFamilies = {
#define PONDER_FAMILY(architecture, function) Family{architecture, function},
#include "engine/model/families.def"
#undef PONDER_FAMILY
    };
    return kFamilies;
}

} // namespace ponder
