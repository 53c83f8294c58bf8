#include "engine/plan/gpu_cache.h"

#include <algorithm>
#include <array>

namespace ponder {

using kernels::CacheRow;
using kernels::CacheType;

namespace {

struct Name {
    CacheType type;
    const char* text;
};
constexpr std::array<Name, 3> kNames
    = {{{CacheType::F32, "f32"}, {CacheType::Bf16, "bf16"}, {CacheType::Fp8, "fp8"}}};

} // namespace

std::optional<CacheType> parseCacheType(std::string_view text)
{
    const auto* found = std::ranges::find(kNames, text, &Name::text);
    return found == kNames.end() ? std::nullopt : std::optional(found->type);
}

std::string cacheTypeText(CacheType type)
{
    return std::ranges::find(kNames, type, &Name::type)->text;
}

std::size_t fineCols(const AttentionLayer& attention)
{
    const auto* mla = std::get_if<MlaAttention>(&attention);
    return mla != nullptr ? mla->ropeHeadDim : 0;
}

std::uint64_t gpuCacheBytes(const AttentionLayer& attention, CacheType type)
{
    const CacheRows rows = cacheRows(attention);
    return std::uint64_t{rows.heads}
    * (CacheRow::bytes(type, rows.keyDim, fineCols(attention))
        + CacheRow::bytes(type, rows.valueDim));
}

} // namespace ponder
