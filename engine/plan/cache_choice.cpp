#include "engine/plan/cache_choice.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace ponder {

using kernels::cuda::CacheRow;
using kernels::cuda::CacheType;

namespace {

struct Name {
    CacheChoice choice;
    const char* text;
};
constexpr std::array<Name, 4> kNames = {{{CacheChoice::Auto, "auto"}, {CacheChoice::Exact, "f32"},
    {CacheChoice::Bf16, "bf16"}, {CacheChoice::Fp8, "fp8"}}};

} // namespace

std::optional<CacheChoice> parseCacheChoice(std::string_view text)
{
    const auto* found = std::ranges::find(kNames, text, &Name::text);
    return found == kNames.end() ? std::nullopt : std::optional(found->choice);
}

std::string cacheChoiceText(CacheChoice choice)
{
    return std::ranges::find(kNames, choice, &Name::choice)->text;
}

CacheType cacheType(CacheChoice choice)
{
    assert(choice != CacheChoice::Auto);
    if (choice == CacheChoice::Exact)
        return CacheType::F32;
    return choice == CacheChoice::Fp8 ? CacheType::Fp8 : CacheType::Bf16;
}

std::size_t fineCols(const AttentionLayer& attention)
{
    const auto* mla = std::get_if<MlaAttention>(&attention);
    return mla != nullptr ? mla->ropeHeadDim : 0;
}

std::uint64_t gpuCacheBytes(const AttentionLayer& attention, CacheChoice choice)
{
    const CacheRows rows = cacheRows(attention);
    const CacheType type = cacheType(choice);
    return std::uint64_t{rows.heads}
    * (CacheRow::bytes(type, rows.keyDim, fineCols(attention))
        + CacheRow::bytes(type, rows.valueDim));
}

} // namespace ponder
