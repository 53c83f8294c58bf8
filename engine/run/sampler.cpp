#include "engine/run/sampler.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <type_traits>

#include "engine/run/logit_statistics.h"

namespace ponder {

namespace {

SamplingOptions clamped(SamplingOptions options)
{
    const auto within = [](float value, float low, float high, float otherwise) {
        return std::isnan(value) ? otherwise : std::clamp(value, low, high);
    };
    const SamplingOptions defaults;
    options.temperature = within(options.temperature, 0.0f, 100.0f, defaults.temperature);
    options.topP = within(options.topP, 0.0f, 1.0f, defaults.topP);
    options.minP = within(options.minP, 0.0f, 1.0f, defaults.minP);
    options.topK = std::max(options.topK, 0);
    options.repetitionPenalty
        = within(options.repetitionPenalty, 0.01f, 100.0f, defaults.repetitionPenalty);
    options.repetitionWindow = std::max(options.repetitionWindow, 0);
    return options;
}

std::uint64_t splitMix(std::uint64_t& state)
{
    std::uint64_t z = (state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/// Weights, 0 to 1, in classes by size: the exponent and five bits of the fraction.
constexpr std::size_t classOf(float weight)
{
    return std::bit_cast<std::uint32_t>(weight) >> 18;
}
constexpr std::size_t kClasses = classOf(1.0f) + 1;

} // namespace

SamplingOptions recommendedSampling(const ModelFile& file)
{
    SamplingOptions options;
    const auto read = [&](const char* key, double low, double high, auto& into) {
        const auto value = file.getFloat(key);
        if (value && *value >= low && *value <= high)
            into = static_cast<std::remove_reference_t<decltype(into)>>(*value);
    };
    read("general.sampling.temp", 0, 10, options.temperature);
    read("general.sampling.top_p", 0, 1, options.topP);
    read("general.sampling.top_k", 0, 1e9, options.topK);
    read("general.sampling.min_p", 0, 1, options.minP);
    read("general.sampling.penalty_repeat", 0.01, 100, options.repetitionPenalty);
    read("general.sampling.penalty_last_n", 0, 1e9, options.repetitionWindow);
    return options;
}

// xoshiro256** (Blackman and Vigna), seeded by SplitMix64.
Sampler::Random::Random(std::uint64_t seed)
{
    for (std::uint64_t& word : m_state)
        word = splitMix(seed);
}

double Sampler::Random::unit()
{
    const std::uint64_t result = std::rotl(m_state[1] * 5, 7) * 9;
    const std::uint64_t t = m_state[1] << 17;
    m_state[2] ^= m_state[0];
    m_state[3] ^= m_state[1];
    m_state[1] ^= m_state[2];
    m_state[0] ^= m_state[3];
    m_state[2] ^= t;
    m_state[3] = std::rotl(m_state[3], 45);
    return static_cast<double>(result >> 11) * 0x1p-53;
}

Sampler::Sampler(const SamplingOptions& options)
    : m_options(clamped(options))
    , m_random(options.seed)
{
}

Result<SampledToken> Sampler::sample(
    std::span<const float> logits, std::span<const std::int32_t> recent)
{
    if (logits.empty())
        return fail(ErrorCode::InvalidArgument, "There is nothing to choose the next token from.",
            "no logits");
    const LogitStatistics statistics = measureLogits(logits);
    if (!statistics.valid)
        return fail(ErrorCode::Internal,
            "The model computed something that is not a number, so it cannot go on. If this "
            "happens again with a fresh "
            "conversation, the model file is damaged.",
            "NaN, +inf or nothing but -inf among the logits");

    m_weights.assign(logits.begin(), logits.end());
    penalise(recent);
    std::int32_t likeliest = statistics.best.front();
    if (m_options.repetitionPenalty != 1.0f)
        likeliest = static_cast<std::int32_t>(
            std::max_element(m_weights.begin(), m_weights.end()) - m_weights.begin());
    const std::int32_t id = m_options.temperature == 0
        ? likeliest
        : draw(m_weights[static_cast<std::size_t>(likeliest)]);

    SampledToken token;
    token.id = id;
    token.logprob = std::min(0.0f, logits[static_cast<std::size_t>(id)] - statistics.logSum);
    token.entropy = statistics.entropy;
    for (const std::int32_t likely : statistics.best) {
        if (likely < 0)
            break;
        token.best[static_cast<std::size_t>(token.bestCount++)] = {
            likely, std::min(0.0f, logits[static_cast<std::size_t>(likely)] - statistics.logSum)};
    }
    return token;
}

void Sampler::penalise(std::span<const std::int32_t> recent)
{
    if (m_options.repetitionPenalty == 1.0f)
        return;
    recent = recent.last(
        std::min(recent.size(), static_cast<std::size_t>(m_options.repetitionWindow)));
    m_candidates.assign(recent.begin(), recent.end());
    std::sort(m_candidates.begin(), m_candidates.end());
    m_candidates.erase(std::unique(m_candidates.begin(), m_candidates.end()), m_candidates.end());
    for (const std::int32_t id : m_candidates) {
        if (id < 0 || static_cast<std::size_t>(id) >= m_weights.size())
            continue;
        float& logit = m_weights[static_cast<std::size_t>(id)];
        logit
            = logit > 0 ? logit / m_options.repetitionPenalty : logit * m_options.repetitionPenalty;
    }
}

/// A weight below which no token can survive the filters; it spares most of a vocabulary the rest of the work.
float Sampler::floorOf(double total) const
{
    constexpr std::size_t kBlock = 64;
    const auto keep = static_cast<std::size_t>(m_options.topK);
    if (keep
        > 0) { // the k-th largest of the blocks' largest is no larger than the k-th largest of all
        std::vector<float> largest;
        for (std::size_t i = 0; i < m_weights.size(); i += kBlock)
            largest.push_back(*std::max_element(m_weights.begin() + static_cast<std::ptrdiff_t>(i),
                m_weights.begin()
                    + static_cast<std::ptrdiff_t>(std::min(i + kBlock, m_weights.size()))));
        if (keep > largest.size())
            return 0;
        std::nth_element(largest.begin(), largest.begin() + static_cast<std::ptrdiff_t>(keep - 1),
            largest.end(), std::greater());
        return largest[keep - 1];
    }
    // What is lighter than this weighs together no more than top-p leaves out; half, against rounding.
    return static_cast<float>((1 - static_cast<double>(m_options.topP)) * total
        / static_cast<double>(m_weights.size()) / 2);
}

/// Linear in the vocabulary: weights are counted by size class, and only the classes that a filter's fence
/// falls into are sorted.
std::int32_t Sampler::draw(float max)
{
    const double total
        = exponentiate(m_weights, max, 1.0f / std::max(m_options.temperature, 1e-3f));
    const float floor = floorOf(total);
    m_candidates.clear();
    // What weighs nothing (-inf) is never drawn.
    collectAtLeast(m_weights, std::max(floor, std::numeric_limits<float>::min()), m_candidates);
    m_classes.assign(kClasses, {});
    for (const std::int32_t id : m_candidates) {
        const float weight = m_weights[static_cast<std::size_t>(id)];
        SizeClass& c = m_classes[classOf(weight)];
        ++c.count;
        c.mass += static_cast<double>(weight);
    }

    // Top-k: whole classes above `fence`, and of that class the members in m_fence.
    std::size_t fence = 0;
    double mass = 0; // of what top-k keeps
    m_fence.clear();
    if (m_options.topK > 0 && static_cast<std::size_t>(m_options.topK) < m_candidates.size()) {
        const auto keep = static_cast<std::size_t>(m_options.topK);
        std::size_t above = 0;
        fence = kClasses - 1;
        while (above + m_classes[fence].count < keep) {
            above += m_classes[fence].count;
            mass += m_classes[fence].mass;
            --fence;
        }
        collectClass(fence);
        m_fence.resize(keep - above);
        m_classes[fence].mass = massOf(m_fence);
        mass += m_classes[fence].mass;
    } else {
        mass = m_options.topK > 0 ? massOf(m_candidates) : total;
        collectClass(0);
    }

    // Top-p: the same of what is left. A fence at the same place cuts m_fence once more.
    if (m_options.topP < 1) {
        const double wanted = mass * static_cast<double>(m_options.topP);
        double reached = 0;
        std::size_t crossing = kClasses - 1;
        while (crossing > fence
            && (m_classes[crossing].count == 0 || reached + m_classes[crossing].mass < wanted))
            reached += m_classes[crossing--].mass;
        if (crossing > fence)
            collectClass(crossing);
        fence = crossing;
        std::size_t kept = 0;
        while (kept < m_fence.size() && (reached < wanted || kept == 0))
            reached += static_cast<double>(m_weights[static_cast<std::size_t>(m_fence[kept++])]);
        m_fence.resize(kept);
    }

    // Min-p; the likeliest weighs 1.
    std::erase_if(m_candidates,
        [&](std::int32_t id) { return classOf(m_weights[static_cast<std::size_t>(id)]) <= fence; });
    m_candidates.insert(m_candidates.end(), m_fence.begin(), m_fence.end());
    std::erase_if(m_candidates, [this](std::int32_t id) {
        return m_weights[static_cast<std::size_t>(id)] < m_options.minP;
    });

    double rest = m_random.unit() * massOf(m_candidates);
    for (const std::int32_t id : m_candidates) {
        rest -= static_cast<double>(m_weights[static_cast<std::size_t>(id)]);
        if (rest < 0)
            return id;
    }
    return m_candidates.back(); // rounding ate the last of it
}

double Sampler::massOf(const std::vector<std::int32_t>& ids) const
{
    double mass = 0;
    for (const std::int32_t id : ids)
        mass += static_cast<double>(m_weights[static_cast<std::size_t>(id)]);
    return mass;
}

/// The members of a class into m_fence, the likeliest first, equals by id.
void Sampler::collectClass(std::size_t index)
{
    m_fence.clear();
    for (const std::int32_t id : m_candidates)
        if (classOf(m_weights[static_cast<std::size_t>(id)]) == index)
            m_fence.push_back(id);
    const auto likelier = [this](std::int32_t a, std::int32_t b) {
        const float left = m_weights[static_cast<std::size_t>(a)];
        const float right = m_weights[static_cast<std::size_t>(b)];
        return left != right ? left > right : a < b;
    };
    if (!std::is_sorted(m_fence.begin(), m_fence.end(), likelier))
        std::sort(m_fence.begin(), m_fence.end(), likelier);
}

} // namespace ponder
