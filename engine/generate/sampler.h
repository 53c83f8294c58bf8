#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/file/model_file.h"
#include "kernels/types/logit_summary.h"

namespace ponder {

/// DeepSeek's advice for its reasoning models. It counts where nobody's is known: sampling_advice.cpp has the families.
inline constexpr double kDefaultTemperature = 0.6;
inline constexpr double kDefaultTopP = 0.95;

/// How the next token is drawn. Applied in this order: repetition penalty, temperature, top-k, top-p, min-p.
struct SamplingOptions {
    float temperature = static_cast<float>(
        kDefaultTemperature); ///< 0: greedy, always the likeliest token (the lowest id of equals)
    float topP = static_cast<float>(
        kDefaultTopP); ///< keeps the likeliest tokens that together reach this; 1: off
    int topK = 0; ///< keeps this many; 0: off
    float minP = 0; ///< drops tokens less likely than this times the likeliest; 0: off
    float repetitionPenalty
        = 1; ///< divides positive and multiplies negative logits of recent tokens; 1: off
    int repetitionWindow = 64; ///< recent tokens that the penalty looks at
    std::uint64_t seed
        = 0; ///< the same seed, logits and options draw the same tokens on every machine

    bool operator==(const SamplingOptions&) const = default;
};

/// What the model's publisher recommends: the file's general.sampling.* keys (of a folder, generation_config.json); for
/// the rest what its makers publish for its family, told by its architecture and its name (sampling_advice.cpp); else
/// kDefaultTemperature and kDefaultTopP. Values out of range are left out. Seed 0.
[[nodiscard]] SamplingOptions recommendedSampling(const ModelFile& file);

/// Whose advice fills in what the file does not say: "gpt-oss"; empty: none is known.
[[nodiscard]] std::string_view samplingFamily(const ModelFile& file);

/// A drawn token, and what the model thought of it. Log-probabilities and entropy are of the
/// model's own distribution: softmax(logits), before penalty, temperature and filters.
struct SampledToken {
    struct Alternative {
        std::int32_t id = -1;
        float logprob = 0; ///< nats
    };

    std::int32_t id = -1;
    float logprob = 0; ///< nats
    float entropy = 0; ///< nats
    std::array<Alternative, kernels::kAlternatives> best; ///< likeliest first, equals by id
    int bestCount = 0;
};

/// Draws tokens. Keeps the generator's state and scratch memory: for one stream, not thread-safe.
class Sampler {
public:
    /// Options out of range are clamped (temperature below 0 to 0, topP to 0..1, …).
    explicit Sampler(const SamplingOptions& options);

    /// logits: [vocabulary], f32; -inf is allowed and never drawn. recent: the tokens so far, oldest first, for the
    /// repetition penalty (ids outside the vocabulary are ignored).
    /// Fails with InvalidArgument (no logits) or Internal (NaN, +inf, or nothing but -inf: the model's numbers are broken).
    [[nodiscard]] Result<SampledToken> sample(
        std::span<const float> logits, std::span<const std::int32_t> recent = {});

    /// The same from a summary; nothing where it does not hold enough: with a repetition penalty, made for another
    /// draw, or where the filters keep more than its candidates. Then nothing was drawn.
    [[nodiscard]] Result<std::optional<SampledToken>> sample(const kernels::LogitSummary& summary);

    /// What a device should make its next summary for.
    [[nodiscard]] kernels::Draw nextDraw() const;
    [[nodiscard]] const SamplingOptions& options() const { return m_options; }

private:
    class Random {
    public:
        explicit Random(std::uint64_t seed);
        double unit(); ///< [0, 1)

    private:
        std::array<std::uint64_t, 4> m_state;
    };

    [[nodiscard]] float inverseTemperature() const;
    [[nodiscard]] bool keepsAll() const; ///< no filter is on
    void penalise(std::span<const std::int32_t> recent);
    [[nodiscard]] std::int32_t draw(float max);
    [[nodiscard]] std::int32_t drawAmongAll(double total);
    [[nodiscard]] std::int32_t drawAmongBest();
    [[nodiscard]] std::optional<std::int32_t> drawAmongCandidates(
        const kernels::LogitSummary& summary);
    [[nodiscard]] std::size_t keptByMass(std::span<const float> weights, double total) const;
    [[nodiscard]] std::size_t drawPlace(std::span<const float> weights);
    [[nodiscard]] std::pair<float, float> bracket(double total, double wanted);
    [[nodiscard]] float floorOfBest();
    [[nodiscard]] bool isHeavier(std::int32_t a, std::int32_t b) const;

    SamplingOptions m_options;
    Random m_random;
    std::vector<float>
        m_weights; ///< [vocabulary]: logits after the penalty, then weights; the largest is 1
    std::vector<float> m_sample;
    std::vector<std::int32_t> m_candidates; ///< ids
};

} // namespace ponder
