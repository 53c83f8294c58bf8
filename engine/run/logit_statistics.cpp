#include "engine/run/logit_statistics.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <limits>

// Written in blocks of a fixed width that compilers turn into vector instructions. Sums are taken in one order, so every
// machine gets the same.

namespace ponder {

namespace {

constexpr std::size_t kLanes = 16;
constexpr std::size_t kBlock = 1024; ///< values summed in float before they go into a double

/// exp(x) for x <= 0, within 2e-7 relative; 0 where the result is below 2^-126.
inline float expNegative(float x)
{
    const float y = std::max(x * 1.44269504f, -150.0f);
    const float whole = (y + 12582912.0f) - 12582912.0f; // rounds to the nearest: 1.5 * 2^23
    const float f = (y - whole) * 0.693147181f; // the rest, back in natural units: |f| <= 0.35
    float p = 1.0f / 720.0f;
    p = p * f + 1.0f / 120.0f;
    p = p * f + 1.0f / 24.0f;
    p = p * f + 1.0f / 6.0f;
    p = p * f + 0.5f;
    p = p * f + 1.0f;
    p = p * f + 1.0f;
    const std::int32_t exponent = std::max(static_cast<std::int32_t>(whole), -126) + 127;
    const float scaled = p * std::bit_cast<float>(exponent << 23);
    return y < -126.0f ? 0.0f : scaled;
}

/// Puts a value among the best five, where it belongs there.
void offer(LogitStatistics& statistics, std::array<float, 5>& values, float value, std::size_t id)
{
    std::size_t place = values.size();
    while (place > 0 && value > values[place - 1])
        --place;
    if (place == values.size())
        return;
    for (std::size_t i = values.size() - 1; i > place; --i) {
        values[i] = values[i - 1];
        statistics.best[i] = statistics.best[i - 1];
    }
    values[place] = value;
    statistics.best[place] = static_cast<std::int32_t>(id);
}

} // namespace

LogitStatistics measureLogits(std::span<const float> logits)
{
    LogitStatistics statistics;
    constexpr float kInfinity = std::numeric_limits<float>::infinity();

    // The largest value, the best five, and whether all are numbers.
    std::array<float, 5> values;
    values.fill(-kInfinity);
    bool numbers = true;
    std::size_t i = 0;
    for (; i + kLanes * 4 <= logits.size(); i += kLanes * 4) {
        std::array<float, kLanes> largest;
        std::array<std::int32_t, kLanes> wrong {};
        largest.fill(-kInfinity);
        for (std::size_t j = 0; j < kLanes * 4; j += kLanes) {
            for (std::size_t lane = 0; lane < kLanes; ++lane) {
                const float value = logits[i + j + lane];
                largest[lane] = value > largest[lane] ? value : largest[lane];
                wrong[lane] |= value < kInfinity ? 0 : 1; // NaN and +inf
            }
        }
        float most = largest[0];
        std::int32_t anyWrong = 0;
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            most = std::max(most, largest[lane]);
            anyWrong |= wrong[lane];
        }
        numbers = numbers && anyWrong == 0;
        if (most > values.back())
            for (std::size_t j = 0; j < kLanes * 4; ++j)
                offer(statistics, values, logits[i + j], i + j);
    }
    for (; i < logits.size(); ++i) {
        numbers = numbers && logits[i] < kInfinity;
        offer(statistics, values, logits[i], i);
    }
    statistics.max = values.front();
    if (!numbers || statistics.best.front() < 0)
        return statistics;

    // The sums of e and of e * d, with d = logit - max and e = exp(d).
    double sum = 0;
    double weighted = 0;
    for (std::size_t block = 0; block < logits.size(); block += kBlock) {
        const std::size_t end = std::min(block + kBlock, logits.size());
        std::array<float, kLanes> sums {};
        std::array<float, kLanes> products {};
        for (i = block; i + kLanes <= end; i += kLanes) {
            for (std::size_t lane = 0; lane < kLanes; ++lane) {
                const float d = std::max(logits[i + lane] - statistics.max, -1000.0f); // -inf * 0 would be NaN
                const float e = expNegative(d);
                sums[lane] += e;
                products[lane] += e * d;
            }
        }
        for (; i < end; ++i) {
            const float d = std::max(logits[i] - statistics.max, -1000.0f);
            const float e = expNegative(d);
            sums[0] += e;
            products[0] += e * d;
        }
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            sum += static_cast<double>(sums[lane]);
            weighted += static_cast<double>(products[lane]);
        }
    }
    statistics.valid = true;
    statistics.logSum = static_cast<float>(static_cast<double>(statistics.max) + std::log(sum));
    statistics.entropy = static_cast<float>(std::max(0.0, std::log(sum) - weighted / sum));
    return statistics;
}

void exponentiate(std::span<float> values, float max, float scale)
{
    std::size_t i = 0;
    for (; i + kLanes <= values.size(); i += kLanes)
        for (std::size_t lane = 0; lane < kLanes; ++lane)
            values[i + lane] = expNegative((values[i + lane] - max) * scale);
    for (; i < values.size(); ++i)
        values[i] = expNegative((values[i] - max) * scale);
}

} // namespace ponder
