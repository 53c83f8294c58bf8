#include "engine/generate/sampler.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "engine/generate/logit_statistics.h"

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

constexpr float kLeastWeight
    = std::numeric_limits<float>::min(); // what weighs nothing is never drawn

double massOf(std::span<const float> weights)
{
    double mass = 0;
    for (const float weight : weights)
        mass += static_cast<double>(weight);
    return mass;
}

Error noNumbers()
{
    return {ErrorCode::Internal,
        "The model computed something that is not a number, so it cannot go on. If this "
        "happens again with a fresh conversation, the model file is damaged.",
        "NaN, +inf or nothing but -inf among the logits"};
}

/// What is kept of a token that was drawn; logit: its own.
SampledToken tokenOf(const kernels::LogitSummary& summary, std::int32_t id, float logit)
{
    const auto logprobOf = [&](float l) { return std::min(0.0f, l - summary.logSum); };
    SampledToken token;
    token.id = id;
    token.logprob = logprobOf(logit);
    token.entropy = summary.entropy;
    for (std::int32_t i = 0; i < std::min(summary.count, kernels::kAlternatives); ++i) {
        if (summary.logits[i] > -std::numeric_limits<float>::infinity())
            token.best[static_cast<std::size_t>(token.bestCount++)]
                = {summary.ids[i], logprobOf(summary.logits[i])};
    }
    return token;
}

std::uint64_t splitMix(std::uint64_t& state)
{
    std::uint64_t z = (state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

} // namespace

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
    const kernels::LogitSummary summary = measureLogits(logits);
    if (summary.valid == 0)
        return tl::unexpected(noNumbers());

    m_weights.assign(logits.begin(), logits.end());
    penalise(recent);
    std::int32_t likeliest = summary.ids[0];
    if (m_options.repetitionPenalty != 1.0f)
        likeliest = static_cast<std::int32_t>(
            std::max_element(m_weights.begin(), m_weights.end()) - m_weights.begin());
    const std::int32_t id = m_options.temperature == 0
        ? likeliest
        : draw(m_weights[static_cast<std::size_t>(likeliest)]);

    return tokenOf(summary, id, logits[static_cast<std::size_t>(id)]);
}

Result<std::optional<SampledToken>> Sampler::sample(const kernels::LogitSummary& summary)
{
    if (summary.valid == 0)
        return tl::unexpected(noNumbers());
    const bool isGreedy = m_options.temperature == 0;
    if (m_options.repetitionPenalty != 1.0f
        || (!isGreedy && summary.draw.inverseTemperature != inverseTemperature()))
        return std::nullopt;
    const std::optional<std::int32_t> id = isGreedy ? summary.ids[0] : drawAmongCandidates(summary);
    if (!id)
        return std::nullopt;
    const auto* end = summary.ids + summary.count;
    const auto* candidate = std::find(summary.ids, end, *id);
    return tokenOf(summary, *id,
        candidate == end ? summary.drawnLogit : summary.logits[candidate - summary.ids]);
}

kernels::Draw Sampler::nextDraw() const
{
    const bool isGreedy = m_options.temperature == 0;
    Random random = m_random;
    return {inverseTemperature(),
        keepsAll() && !isGreedy && m_options.repetitionPenalty == 1.0f ? random.unit() : -1};
}

bool Sampler::keepsAll() const
{
    return m_options.topK == 0 && m_options.topP >= 1 && m_options.minP == 0;
}

float Sampler::inverseTemperature() const
{
    return m_options.temperature == 0 ? 1.0f : 1.0f / std::max(m_options.temperature, 1e-3f);
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

std::int32_t Sampler::draw(float max)
{
    const double total = exponentiate(m_weights, max, inverseTemperature());
    if (m_options.topK > 0 && static_cast<std::size_t>(m_options.topK) < m_weights.size())
        return drawAmongBest();
    return drawAmongAll(total);
}

/// Without top-k: the smallest weight that top-p keeps is bracketed between two of a sample by summing what reaches them,
/// and only what lies between the two is sorted.
std::int32_t Sampler::drawAmongAll(double total)
{
    float fence = std::max(m_options.minP, kLeastWeight); // the likeliest weighs 1
    if (m_options.topP < 1) {
        const double wanted = total * static_cast<double>(m_options.topP);
        const auto [low, high] = bracket(total, wanted);
        // By weight, equals by id; those that weigh just `low` are many where the logits are coarse, and in order already.
        m_candidates.clear();
        collectBetween(m_weights, low, high, m_candidates);
        const auto ties = std::stable_partition(
            m_candidates.begin(), m_candidates.end(), [&, least = low](std::int32_t id) {
                return m_weights[static_cast<std::size_t>(id)] > least;
            });
        std::sort(m_candidates.begin(), ties,
            [this](std::int32_t a, std::int32_t b) { return isHeavier(a, b); });
        double reached = massAtLeast(m_weights, high);
        auto next = m_candidates.begin();
        while (next != m_candidates.end()
            && (reached < wanted || (next == m_candidates.begin() && reached == 0)))
            reached += static_cast<double>(m_weights[static_cast<std::size_t>(*next++)]);
        const float last = next == m_candidates.begin()
            ? high
            : m_weights[static_cast<std::size_t>(*(next - 1))];
        for (; next != m_candidates.end();
            ++next) // as heavy as the last that was kept, and one too many
            if (m_weights[static_cast<std::size_t>(*next)] == last)
                m_weights[static_cast<std::size_t>(*next)] = 0;
        fence = std::max(fence, last);
    }
    return findMass(m_weights, fence, m_random.unit() * massAtLeast(m_weights, fence));
}

/// Two weights: what reaches the higher weighs less than wanted together, what reaches the lower not (or it is the
/// smallest there is).
std::pair<float, float> Sampler::bracket(double total, double wanted)
{
    constexpr std::size_t kSample = 1024;
    const std::size_t stride = std::max<std::size_t>(1, m_weights.size() / kSample);
    m_sample.assign({std::numeric_limits<float>::min()});
    for (std::size_t i = 0; i < m_weights.size(); i += stride)
        m_sample.push_back(m_weights[i]);
    std::ranges::sort(m_sample);
    m_sample.erase(std::unique(m_sample.begin(), m_sample.end()), m_sample.end());
    const auto enough
        = [&](std::size_t i) { return massAtLeast(m_weights, m_sample[i]) >= wanted; };
    std::size_t low = 0; // enough, or the smallest
    std::size_t high = m_sample.size(); // not enough; past the end: nothing reaches it
    while (m_sample[low] < std::numeric_limits<float>::min())
        ++low; // zeros
    // The sample tells about where; from there in growing steps to both sides, and then by halves.
    std::size_t guess = high;
    const double scale = total / std::accumulate(m_sample.begin(), m_sample.end(), 1e-30);
    for (double mass = 0; guess > low + 1 && mass < wanted;)
        mass += static_cast<double>(m_sample[--guess]) * scale;
    for (std::size_t step = 4; high - low > 1; step *= 4) {
        guess = std::clamp(guess, low + 1, high - 1);
        if (enough(guess)) {
            low = guess;
            guess += step;
        } else {
            high = guess;
            guess -= std::min(step, guess);
        }
        if (guess <= low || guess >= high)
            guess = low + (high - low) / 2;
    }
    return {m_sample[low],
        high < m_sample.size() ? m_sample[high] : std::numeric_limits<float>::infinity()};
}

/// Top-k, then top-p and min-p of what is left.
std::int32_t Sampler::drawAmongBest()
{
    m_candidates.clear();
    collectBetween(m_weights, std::max(floorOfBest(), kLeastWeight),
        std::numeric_limits<float>::infinity(), m_candidates);
    const auto heavier = [this](std::int32_t a, std::int32_t b) { return isHeavier(a, b); };
    if (const auto keep = static_cast<std::size_t>(m_options.topK); keep < m_candidates.size()) {
        std::nth_element(m_candidates.begin(),
            m_candidates.begin() + static_cast<std::ptrdiff_t>(keep), m_candidates.end(), heavier);
        m_candidates.resize(keep);
    }
    std::sort(m_candidates.begin(), m_candidates.end(), heavier);
    m_sample.clear();
    for (const std::int32_t id : m_candidates)
        m_sample.push_back(m_weights[static_cast<std::size_t>(id)]);
    m_sample.resize(keptByMass(m_sample, massOf(m_sample)));
    return m_candidates[drawPlace(m_sample)];
}

/// How many of the heaviest top-p and min-p keep, of candidates with the likeliest first that weigh `total`
/// together with all that are not among them.
std::size_t Sampler::keptByMass(std::span<const float> weights, double total) const
{
    const double wanted = total * static_cast<double>(m_options.topP);
    double reached = 0;
    std::size_t kept = 0;
    while (kept < weights.size() && (m_options.topP >= 1 || reached < wanted || kept == 0)
        && weights[kept] >= std::max(m_options.minP, kLeastWeight))
        reached += static_cast<double>(weights[kept++]);
    return kept;
}

/// A place among weights, each as often as it weighs.
std::size_t Sampler::drawPlace(std::span<const float> weights)
{
    double rest = m_random.unit() * massOf(weights);
    for (std::size_t i = 0; i < weights.size(); ++i) {
        rest -= static_cast<double>(weights[i]);
        if (rest < 0)
            return i;
    }
    return weights.size() - 1; // rounding ate the last of it
}

/// Nothing where more would be kept than the candidates.
std::optional<std::int32_t> Sampler::drawAmongCandidates(const kernels::LogitSummary& summary)
{
    const auto count = static_cast<std::size_t>(summary.count);
    const auto vocabulary = static_cast<std::size_t>(summary.vocabulary);
    if (keepsAll() && summary.drawn >= 0 && summary.draw == nextDraw()) {
        (void)m_random.unit(); // which drew it
        return summary.drawn;
    }
    const auto topK = static_cast<std::size_t>(m_options.topK);
    const bool isLimited = topK > 0 && topK < vocabulary;
    if (isLimited && topK > count)
        return std::nullopt;
    const std::size_t most = isLimited ? topK : count;
    m_weights.assign(summary.logits, summary.logits + most);
    const double ofMost = exponentiate(m_weights, summary.max, inverseTemperature());
    const std::size_t kept
        = keptByMass(m_weights, isLimited ? ofMost : static_cast<double>(summary.scaledSum));
    m_weights.resize(kept);
    m_candidates.assign(summary.ids, summary.ids + kept);
    if (isLimited)
        return m_candidates[drawPlace(m_weights)];
    const bool mayKeepMore = kept == count && count < vocabulary
        && (m_options.topP >= 1
            || massOf(m_weights)
                < static_cast<double>(summary.scaledSum) * static_cast<double>(m_options.topP));
    if (mayKeepMore)
        return std::nullopt;
    // As drawAmongAll(): in the order of the vocabulary.
    std::vector<std::pair<std::int32_t, float>> inOrder;
    for (std::size_t i = 0; i < kept; ++i)
        inOrder.emplace_back(m_candidates[i], m_weights[i]);
    std::ranges::sort(inOrder);
    for (std::size_t i = 0; i < kept; ++i)
        m_weights[i] = inOrder[i].second;
    return inOrder[drawPlace(m_weights)].first;
}

/// A weight that at least top-k tokens reach: the k-th largest of the blocks' largest is no larger than the k-th largest
/// of all. It spares most of a vocabulary the sorting.
float Sampler::floorOfBest()
{
    constexpr std::size_t kRun = 64;
    const auto keep = static_cast<std::size_t>(m_options.topK);
    m_sample.clear();
    for (std::size_t i = 0; i < m_weights.size(); i += kRun)
        m_sample.push_back(*std::max_element(m_weights.begin() + static_cast<std::ptrdiff_t>(i),
            m_weights.begin()
                + static_cast<std::ptrdiff_t>(std::min(i + kRun, m_weights.size()))));
    if (keep > m_sample.size())
        return 0;
    std::nth_element(m_sample.begin(), m_sample.begin() + static_cast<std::ptrdiff_t>(keep - 1),
        m_sample.end(), std::greater());
    return m_sample[keep - 1];
}

/// The order in which filters keep tokens: the heaviest first, equals by id.
bool Sampler::isHeavier(std::int32_t a, std::int32_t b) const
{
    const float left = m_weights[static_cast<std::size_t>(a)];
    const float right = m_weights[static_cast<std::size_t>(b)];
    return left != right ? left > right : a < b;
}

} // namespace ponder
