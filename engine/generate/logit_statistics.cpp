#include "engine/generate/logit_statistics.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>

// Written with the compilers' vector type, four floats wide: what every x86-64 has, and sums in one order, so every
// machine gets the same.

namespace ponder {

namespace {

constexpr std::size_t kLanes = 4;
constexpr std::size_t kStep = kLanes * 4;
constexpr std::size_t kBlock = 1024; ///< values summed in float before they go into a double
constexpr float kFar = -1000.0f; ///< exp of it is 0, and it times 0 is a number

using Floats = float __attribute__((vector_size(16)));
using Ints = std::int32_t __attribute__((vector_size(16)));

Floats all(float value)
{
    return Floats{value, value, value, value};
}

Floats load(const float* values)
{
    Floats loaded;
    std::memcpy(&loaded, values, sizeof loaded);
    return loaded;
}

/// The last values of a range, fewer than four, filled up.
Floats loadTail(std::span<const float> values, float filling)
{
    Floats loaded = all(filling);
    std::memcpy(&loaded, values.data(), values.size_bytes());
    return loaded;
}

Floats select(Ints mask, Floats yes, Floats no)
{
    return std::bit_cast<Floats>(
        (mask & std::bit_cast<Ints>(yes)) | (~mask & std::bit_cast<Ints>(no)));
}

Floats larger(Floats a, Floats b)
{
    return a > b ? a : b;
}

/// exp(x) for x <= 0, -inf included, within 2e-7 relative; 0 where the result is below 2^-126.
Floats expNegative(Floats x)
{
    const Floats y = x * 1.44269504f;
    const Floats shifted
        = y + 12582912.0f; // 1.5 * 2^23: its low bits are y, rounded to the nearest
    const Floats f
        = (y - (shifted - 12582912.0f)) * 0.693147181f; // the rest, in natural units: |f| <= 0.35
    Floats p = f * (1.0f / 720.0f) + 1.0f / 120.0f;
    p = p * f + 1.0f / 24.0f;
    p = p * f + 1.0f / 6.0f;
    p = p * f + 0.5f;
    p = p * f + 1.0f;
    p = p * f + 1.0f;
    // Times two to the whole part, by adding to the exponent; what would be too small, or is no number, is put out.
    const Ints scaled = std::bit_cast<Ints>(p) + (std::bit_cast<Ints>(shifted) << 23);
    return std::bit_cast<Floats>(scaled & (y >= all(-126.0f)));
}

double sumOf(Floats values)
{
    return (static_cast<double>(values[0]) + static_cast<double>(values[1]))
        + (static_cast<double>(values[2]) + static_cast<double>(values[3]));
}

/// Inserts a value into the first kAlternatives candidates, where it is large enough.
void offer(kernels::LogitSummary& summary, float value, std::size_t id)
{
    constexpr int kLast = kernels::kAlternatives - 1;
    int place = kernels::kAlternatives;
    while (place > 0 && value > summary.logits[place - 1])
        --place;
    if (place > kLast)
        return;
    for (int i = kLast; i > place; --i) {
        summary.logits[i] = summary.logits[i - 1];
        summary.ids[i] = summary.ids[i - 1];
    }
    summary.logits[place] = value;
    summary.ids[place] = static_cast<std::int32_t>(id);
    summary.count = std::min(summary.count + 1, kernels::kAlternatives);
}

} // namespace

kernels::LogitSummary measureLogits(std::span<const float> logits)
{
    kernels::LogitSummary summary;
    summary.vocabulary = static_cast<std::int32_t>(logits.size());
    constexpr float kInfinity = std::numeric_limits<float>::infinity();

    // The largest value, the likeliest tokens, and whether all are numbers.
    std::fill_n(summary.logits, kernels::kAlternatives, -kInfinity);
    Ints wrong{};
    std::size_t i = 0;
    for (; i + kStep * 4 <= logits.size(); i += kStep * 4) {
        Floats largest = load(&logits[i]);
        for (std::size_t j = 0; j < kStep * 4; j += kLanes) {
            const Floats v = load(&logits[i + j]);
            wrong |= ~(v < all(kInfinity)); // NaN and +inf
            largest = larger(v, largest);
        }
        if (std::max(std::max(largest[0], largest[1]), std::max(largest[2], largest[3]))
            > summary.logits[kernels::kAlternatives - 1])
            for (std::size_t j = 0; j < kStep * 4; ++j)
                offer(summary, logits[i + j], i + j);
    }
    bool numbers = (wrong[0] | wrong[1] | wrong[2] | wrong[3]) == 0;
    for (; i < logits.size(); ++i) {
        numbers = numbers && logits[i] < kInfinity;
        offer(summary, logits[i], i);
    }
    summary.max = summary.logits[0];
    if (!numbers || summary.count == 0)
        return summary;

    // The sums of e and of e * d, with d = logit - max and e = exp(d).
    double sum = 0;
    double weighted = 0;
    for (std::size_t block = 0; block < logits.size(); block += kBlock) {
        const std::size_t end = std::min(block + kBlock, logits.size());
        std::array<Floats, 4> sums{};
        std::array<Floats, 4> products{};
        const auto add = [&](std::size_t lane, Floats values4) {
            const Floats d = larger(values4 - summary.max, all(kFar)); // -inf * 0 would be NaN
            const Floats e = expNegative(d);
            sums[lane] += e;
            products[lane] += e * d;
        };
        for (i = block; i + kStep <= end; i += kStep)
            for (std::size_t lane = 0; lane < 4; ++lane)
                add(lane, load(&logits[i + lane * kLanes]));
        for (; i + kLanes <= end; i += kLanes)
            add(0, load(&logits[i]));
        if (i < end)
            add(0, loadTail(logits.subspan(i, end - i), summary.max + kFar));
        for (std::size_t lane = 0; lane < 4; ++lane) {
            sum += sumOf(sums[lane]);
            weighted += sumOf(products[lane]);
        }
    }
    summary.valid = 1;
    summary.logSum = static_cast<float>(static_cast<double>(summary.max) + std::log(sum));
    summary.entropy = static_cast<float>(std::max(0.0, std::log(sum) - weighted / sum));
    return summary;
}

double exponentiate(std::span<float> values, float max, float scale)
{
    double sum = 0;
    for (std::size_t block = 0; block < values.size(); block += kBlock) {
        const std::size_t end = std::min(block + kBlock, values.size());
        Floats blockSum{};
        std::size_t i = block;
        for (; i + kLanes <= end; i += kLanes) {
            const Floats e = expNegative((load(&values[i]) - max) * scale);
            std::memcpy(&values[i], &e, sizeof e);
            blockSum += e;
        }
        if (i < end) {
            const Floats e = expNegative((loadTail(values.subspan(i, end - i), max) - max) * scale);
            std::memcpy(&values[i], &e, (end - i) * sizeof(float));
            for (; i < end; ++i)
                sum += static_cast<double>(values[i]);
        }
        sum += sumOf(blockSum);
    }
    return sum;
}

namespace {

/// The sum of up to kBlock values that reach floor.
double blockMass(std::span<const float> values, float floor)
{
    std::array<Floats, 4> sums{};
    const auto add
        = [&](std::size_t lane, Floats v) { sums[lane] += select(v >= all(floor), v, all(0.0f)); };
    std::size_t i = 0;
    for (; i + kStep <= values.size(); i += kStep)
        for (std::size_t lane = 0; lane < 4; ++lane)
            add(lane, load(&values[i + lane * kLanes]));
    for (; i + kLanes <= values.size(); i += kLanes)
        add(0, load(&values[i]));
    if (i < values.size())
        add(0, loadTail(values.subspan(i), 0.0f));
    return sumOf((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

} // namespace

double massAtLeast(std::span<const float> values, float floor)
{
    double mass = 0;
    for (std::size_t block = 0; block < values.size(); block += kBlock)
        mass += blockMass(values.subspan(block, std::min(kBlock, values.size() - block)), floor);
    return mass;
}

std::int32_t findMass(std::span<const float> values, float floor, double mass)
{
    std::span<const float> block;
    std::size_t first
        = 0; // of the block, which is the one where the sum goes past mass, or the last that has any
    for (std::size_t i = 0; i < values.size(); i += kBlock) {
        const auto next = values.subspan(i, std::min(kBlock, values.size() - i));
        const double here = blockMass(next, floor);
        if (here <= 0)
            continue;
        block = next;
        first = i;
        if (here > mass)
            break;
        mass -= here;
    }
    std::int32_t place = -1;
    for (std::size_t i = 0; i < block.size() && (place < 0 || mass >= 0); ++i) {
        if (block[i] < floor)
            continue;
        place = static_cast<std::int32_t>(first + i);
        mass -= static_cast<double>(block[i]);
    }
    return place;
}

void collectBetween(
    std::span<const float> values, float floor, float ceiling, std::vector<std::int32_t>& ids)
{
    std::size_t i = 0;
    const auto collect = [&](std::size_t end) {
        for (; i < end; ++i)
            if (values[i] >= floor && values[i] < ceiling)
                ids.push_back(static_cast<std::int32_t>(i));
    };
    while (i + kStep <= values.size()) {
        Ints any{};
        for (std::size_t j = 0; j < kStep; j += kLanes) {
            const Floats v = load(&values[i + j]);
            any |= (v >= all(floor)) & (v < all(ceiling));
        }
        if ((any[0] | any[1] | any[2] | any[3]) != 0)
            collect(i + kStep);
        else
            i += kStep;
    }
    collect(values.size());
}

} // namespace ponder
