#include "engine/backend/gpu/prompt_form.h"

#include <algorithm>

#include "engine/backend/gpu/carver.h"
#include "engine/plan/placed_weights.h"

namespace ponder {

PromptCost promptCost(const PromptShape& s)
{
    constexpr double kPlain = 3, kWithoutTensorCores = 16, kFloat = 4, kRounded = 2;
    const auto number = [](std::size_t n) { return static_cast<double>(n); };
    const double tokens = number(s.tokens);
    const double seen = number(s.position) + tokens; // positions in all
    const double pairs = tokens * number(s.position) + tokens * (tokens + 1) / 2;
    const double nope = number(s.nopeDim);
    const double value = number(s.valueDim);
    const double rank = number(s.rank);
    const double rope = number(s.ropeDim);
    // Absorbed queries and the latents that come out are written and read once.
    const double latentNumbers = 2 * rank + rope;
    const double absorb = rank * (nope * (s.keysApart ? 1 : kWithoutTensorCores) + value)
        + PromptCost::kByte * 2 * kFloat * latentNumbers;
    // Products are written and read, then keys and values written; that these are read is in the pairs.
    const double headNumbers = nope + rope + value;
    const double expand = rank * (nope * (s.keysApart ? kPlain : 1) + value)
        + PromptCost::kByte * (2 * kFloat * (nope + value) + kRounded * headNumbers);
    return {.latents = number(s.heads) * (tokens * absorb + pairs * latentNumbers),
        .expanded = number(s.heads) * (seen * expand + pairs * headNumbers)};
}

Expansion divideExpansion(const PromptShape& s, std::size_t numberBytes, std::size_t mostPositions,
    std::byte* memory, std::size_t bytes)
{
    constexpr std::size_t kMaxSplits = 8; // of the positions, among blocks
    constexpr std::size_t kPieces = 6;
    const std::size_t weights = s.keysApart ? s.heads * s.nopeDim * s.rank * numberBytes : 0;
    const std::size_t least = kernels::cuda::leastFloats(s.tokens, s.heads, s.valueDim);
    const std::size_t partials
        = least * std::clamp<std::size_t>(bytes / 4 / (least * sizeof(float)), 1, kMaxSplits);
    const std::size_t fixed = weights + partials * sizeof(float) + kPieces * kDeviceAlignment;
    const std::size_t latent = (s.rank + 3) / 4 * 4;
    const std::size_t product = s.heads * (s.nopeDim + s.valueDim) + 6; // rows end at whole fours
    const std::size_t each = (latent + product) * sizeof(float)
        + s.heads * (s.nopeDim + s.ropeDim + s.valueDim) * numberBytes;
    Expansion e;
    if (fixed + each > bytes)
        return e;
    e.positions = std::min({(bytes - fixed) / each, mostPositions, s.position + s.tokens});
    Carver carver(memory);
    if (weights > 0)
        e.keyWeights = carver.take<std::byte>(weights);
    e.partials = {carver.take<float>(partials), partials, 1};
    e.latents = carver.take<float>(e.positions * latent);
    e.products = carver.take<float>(e.positions * product);
    e.keys = carver.take<std::byte>(e.positions * s.heads * (s.nopeDim + s.ropeDim) * numberBytes);
    e.values = carver.take<std::byte>(e.positions * s.heads * s.valueDim * numberBytes);
    return e;
}

} // namespace ponder
