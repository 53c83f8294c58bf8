#include "kernels/selfcheck/cuda_selfcheck.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <string>

#include "kernels/cpu/attention/attention.h"
#include "kernels/cpu/norm/rms_norm.h"
#include "kernels/cpu/rope/rope.h"
#include "kernels/cuda/attention/attention.h"
#include "kernels/cuda/attention/pack_row.h"
#include "kernels/cuda/norm/rms_norm.h"
#include "kernels/cuda/rope/rope.h"
#include "kernels/cuda/runtime/memory.h"
#include "kernels/cuda/runtime/stream.h"
#include "kernels/cuda/sample/candidates.h"
#include "kernels/selfcheck/random.h"

namespace ponder::kernels::cuda {

namespace {

constexpr double kExact = 2e-5; ///< the same numbers, added in another order
constexpr double kRounded = 1e-2; ///< a prompt's queries and weights are bfloat16

/// |a - b| / |b|; 1e9 where a has what is no number.
double distance(std::span<const float> a, std::span<const float> b)
{
    double difference = 0;
    double size = 0;
    for (std::size_t i = 0; i < b.size(); ++i) {
        if (!std::isfinite(a[i]))
            return 1e9;
        const double d = static_cast<double>(a[i]) - static_cast<double>(b[i]);
        difference += d * d;
        size += static_cast<double>(b[i]) * static_cast<double>(b[i]);
    }
    return std::sqrt(difference / std::max(size, 1e-30));
}

/// The device's arrays and stream of one check. The first thing that fails is kept; after it nothing is
/// done any more, and what is asked for is null.
class Bench {
public:
    explicit Bench(const Stream& stream)
        : m_stream(stream)
    {
    }

    template <typename T> T* array(std::size_t count)
    {
        auto made = DeviceBytes::create(m_status.ok() ? count * sizeof(T) : 0);
        if (!made) {
            keep(made.error());
            return nullptr;
        }
        m_arrays.push_back(std::move(*made));
        return reinterpret_cast<T*>(m_arrays.back().data());
    }
    template <typename T> T* array(const std::vector<T>& values)
    {
        T* data = array<T>(values.size());
        if (data != nullptr)
            keep(upload(std::span<const T>(values), data, m_stream.get()));
        return data;
    }
    template <typename Launch> void run(Launch&& launch)
    {
        if (m_status.ok())
            keep(launch(m_stream.get()));
    }
    /// What is in an array when all is done.
    template <typename T> std::vector<T> values(const T* from, std::size_t count)
    {
        std::vector<T> result(count);
        if (m_status.ok())
            keep(download(from, std::span<T>(result), m_stream.get()));
        if (m_status.ok())
            keep(m_stream.wait());
        return result;
    }
    [[nodiscard]] const Status& status() const { return m_status; }

private:
    void keep(const Status& status)
    {
        if (m_status.ok())
            m_status = status;
    }
    const Stream& m_stream;
    std::vector<DeviceBytes> m_arrays;
    Status m_status;
};

Cpu oneThread()
{
    return Cpu(ThreadPool::Options{.threads = 1});
}

double checkNorm(Bench& bench)
{
    constexpr std::size_t kRows = 3, kCols = 7168;
    Random random(1);
    const auto x = random.floats(kRows * kCols);
    const auto weight = random.floats(kCols);
    const float* in = bench.array(x);
    const float* w = bench.array(weight);
    float* out = bench.array<float>(x.size());
    bench.run([&](cudaStream_t s) {
        return rmsNorm({in, kRows, kCols}, w, 1e-6F, {out, kRows, kCols}, s);
    });
    Cpu cpu = oneThread();
    std::vector<float> want(x.size());
    kernels::rmsNorm(cpu, {x.data(), kRows, kCols}, weight, 1e-6F, {want.data(), kRows, kCols});
    return distance(bench.values(out, x.size()), want);
}

double checkRope(Bench& bench, std::int32_t position)
{
    constexpr std::size_t kTokens = 4, kHeads = 16, kDim = 64;
    Random random(2);
    auto x = random.floats(kTokens * kHeads * kDim);
    kernels::RopeAngles angles(RopeParams{.dim = kDim, .factor = 40});
    std::vector<std::int32_t> positions(kTokens);
    std::iota(positions.begin(), positions.end(), position);
    angles.setPositions(positions);
    float* rows = bench.array(x);
    const float* frequencies
        = bench.array(std::vector<float>(angles.frequencies().begin(), angles.frequencies().end()));
    const StepState* state = bench.array(std::vector<StepState>{{position}});
    auto* pairs = bench.array<float2>(kTokens * kDim / 2);
    bench.run([&](cudaStream_t s) {
        return makeRopeAngles(frequencies, kDim / 2, 1.0F, state, kTokens, pairs, s);
    });
    const HeadRows view{rows, kTokens, kHeads, kDim, kHeads * kDim, kDim};
    bench.run([&](cudaStream_t s) {
        return rope({pairs, kDim / 2}, RopeLayout::Interleaved, view, view, s);
    });
    Cpu cpu = oneThread();
    kernels::rope(cpu, angles, RopeLayout::Interleaved,
        {x.data(), kTokens, kHeads, kDim, kHeads * kDim, kDim});
    return distance(bench.values(rows, x.size()), x);
}

struct AttentionCase {
    std::size_t tokens, heads, kvHeads, keyDim, valueDim;
    CacheType type = CacheType::Bf16;
    std::size_t window = 0;
    bool sinks = false;

    [[nodiscard]] bool latent() const { return kvHeads == 1 && keyDim > valueDim; }
    [[nodiscard]] std::string name() const
    {
        return "attention " + std::to_string(keyDim) + "/" + std::to_string(valueDim) + ", "
            + std::to_string(heads) + ":" + std::to_string(kvHeads) + " heads, "
            + std::to_string(tokens) + (tokens == 1 ? " token" : " tokens")
            + (type == CacheType::F32        ? ", f32"
                    : type == CacheType::Fp8 ? ", fp8"
                                             : "")
            + (window > 0 ? ", window" : "") + (sinks ? ", sinks" : "");
    }
};

constexpr std::size_t kSeen = 300; ///< positions before the batch

/// Rows as the cache keeps them; numbers become what is then in it.
std::vector<std::uint8_t> asCache(
    std::vector<float>& numbers, CacheType type, std::size_t cols, std::size_t fine = 0)
{
    const std::size_t row = CacheRow::bytes(type, cols, fine);
    std::vector<std::uint8_t> bytes(numbers.size() / cols * row);
    for (std::size_t i = 0; i < numbers.size() / cols; ++i)
        packRow(type, fine, std::span(numbers).subspan(i * cols, cols), &bytes[i * row]);
    return bytes;
}

double checkAttention(Bench& bench, const AttentionCase& c, const DeviceLimits& limits)
{
    Random random(3);
    const std::size_t positions = kSeen + c.tokens;
    const std::size_t outSize = c.tokens * c.heads * c.valueDim;
    const auto q = random.floats(c.tokens * c.heads * c.keyDim);
    auto keys = random.floats(c.kvHeads * positions * c.keyDim);
    auto values = random.floats(c.latent() ? 0 : c.kvHeads * positions * c.valueDim);
    const auto sinks = random.floats(c.heads, -1.0F, 3.0F);
    auto workspace = AttentionWorkspace::create(c.tokens, c.heads, c.valueDim, limits);
    if (!workspace) {
        bench.run([&](cudaStream_t) { return workspace.error(); });
        return 1e9;
    }
    AttentionStep step;
    step.q = {bench.array(q), c.tokens, c.heads, c.keyDim, c.heads * c.keyDim, c.keyDim};
    const std::size_t fine = c.latent() ? c.keyDim - c.valueDim : 0;
    step.keys = CacheRows::packed(c.type, bench.array(asCache(keys, c.type, c.keyDim, fine)),
        positions, c.kvHeads, c.keyDim, fine);
    step.values = c.latent()
        ? step.keys.firstCols(c.valueDim)
        : CacheRows::packed(c.type, bench.array(asCache(values, c.type, c.valueDim)), positions,
              c.kvHeads, c.valueDim);
    step.state = bench.array(std::vector<StepState>{{static_cast<std::int32_t>(kSeen)}});
    step.window = c.window;
    step.scale = 0.05F;
    step.sinks = c.sinks ? bench.array(sinks) : nullptr;
    float* out = bench.array<float>(outSize);
    step.out = {out, c.tokens, c.heads, c.valueDim, c.heads * c.valueDim, c.valueDim};
    bench.run([&](cudaStream_t s) { return attention(step, *workspace, s); });

    std::vector<float> want(outSize);
    Attention::Params p;
    p.q = {q.data(), c.tokens, c.heads, c.keyDim, c.heads * c.keyDim, c.keyDim};
    p.keys = {keys.data(), positions, c.kvHeads, c.keyDim, c.keyDim, positions * c.keyDim};
    p.values = {c.latent() ? keys.data() : values.data(), positions, c.kvHeads, c.valueDim,
        c.latent() ? c.keyDim : c.valueDim, positions * (c.latent() ? c.keyDim : c.valueDim)};
    p.firstPosition = kSeen;
    p.window = c.window;
    p.scale = step.scale;
    if (c.sinks)
        p.sinks = sinks;
    p.out = {want.data(), c.tokens, c.heads, c.valueDim, c.heads * c.valueDim, c.valueDim};
    Cpu cpu = oneThread();
    Attention().run(cpu, p);
    return distance(bench.values(out, outSize), want);
}

/// The error of the sum; 1e9 where the candidates are others.
double checkCandidates(Bench& bench)
{
    constexpr std::size_t kVocabulary = 129280;
    Random random(4);
    const auto logits = random.floats(kVocabulary, -10.0F, 10.0F);
    auto workspace = CandidateWorkspace::create(1);
    if (!workspace) {
        bench.run([&](cudaStream_t) { return workspace.error(); });
        return 1e9;
    }
    const float* device = bench.array(logits);
    auto* summary = bench.array<LogitSummary>(1);
    bench.run([&](cudaStream_t s) {
        return findCandidates(
            {.logits = {device, 1, kVocabulary}, .summaries = summary}, *workspace, s);
    });
    const LogitSummary got = bench.values(summary, 1)[0];
    std::vector<std::int32_t> ids(kVocabulary);
    std::iota(ids.begin(), ids.end(), 0);
    std::ranges::stable_sort(ids, std::ranges::greater(),
        [&](std::int32_t i) { return logits[static_cast<std::size_t>(i)]; });
    double sum = 0;
    for (const float l : logits)
        sum += std::exp(static_cast<double>(l));
    if (got.valid == 0 || !std::equal(got.ids, got.ids + kMaxCandidates, ids.begin()))
        return 1e9;
    return std::fabs(static_cast<double>(got.logSum) - std::log(sum)) / std::log(sum);
}

} // namespace

Outcome<std::vector<CheckResult>> selfcheck(
    const DeviceLimits& limits, const std::function<void(const CheckResult&)>& progress)
{
    const auto stream = Stream::create();
    if (!stream)
        return tl::unexpected(stream.error());
    std::vector<CheckResult> results;
    Status status;
    const auto check = [&](const std::string& name, double limit, auto&& measure) {
        if (!status.ok())
            return;
        Bench bench(*stream);
        const double error = measure(bench);
        status = bench.status();
        if (!status.ok())
            return;
        results.push_back({name, "cuda", error, limit, error <= limit});
        if (progress)
            progress(results.back());
    };
    check("rms norm", kExact, [](Bench& b) { return checkNorm(b); });
    for (const std::int32_t position : {0, 100000})
        check("rope at " + std::to_string(position), kExact,
            [&](Bench& b) { return checkRope(b, position); });
    for (const AttentionCase& c : {AttentionCase{1, 16, 1, 576, 512}, {2, 16, 1, 576, 512},
             {1, 128, 1, 576, 512}, {20, 16, 1, 576, 512}, {1, 16, 1, 576, 512, CacheType::F32},
             {1, 8, 1, 64, 64}, {1, 16, 2, 64, 64, CacheType::Bf16, 128, true},
             {40, 16, 2, 64, 64, CacheType::Bf16, 128, true}, {1, 16, 4, 128, 128},
             {40, 8, 2, 128, 128}, {1, 2, 2, 192, 128}, {40, 2, 2, 192, 128}, {1, 4, 2, 80, 80},
             {1, 16, 1, 576, 512, CacheType::Fp8}, {2, 16, 1, 576, 512, CacheType::Fp8},
             {20, 16, 1, 576, 512, CacheType::Fp8}, {1, 16, 2, 64, 64, CacheType::Fp8, 128, true},
             {40, 8, 2, 128, 128, CacheType::Fp8}, {1, 4, 2, 80, 80, CacheType::Fp8}}) {
        // More than a few tokens with tensor cores: a prompt's rounding.
        const double limit = c.tokens > 8 && c.type != CacheType::F32 ? kRounded : kExact;
        check(c.name(), limit, [&](Bench& b) { return checkAttention(b, c, limits); });
    }
    check("candidates", kExact, [](Bench& b) { return checkCandidates(b); });
    if (!status.ok())
        return tl::unexpected(status);
    return results;
}

} // namespace ponder::kernels::cuda
