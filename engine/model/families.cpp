#include <array>

#include "engine/model/deepseek2.h"
#include "engine/model/family.h"

namespace ponder {

std::span<const Family> builtinFamilies()
{
    static constexpr std::array kFamilies = {
        Family{"deepseek2", readDeepSeek2},
    };
    return kFamilies;
}

} // namespace ponder
