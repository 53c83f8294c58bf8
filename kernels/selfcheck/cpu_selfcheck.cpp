#include "kernels/selfcheck/cpu_selfcheck.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/cpu/attention/attention.h"
#include "kernels/cpu/dispatch/kernel_table.h"
#include "kernels/cpu/elementwise/elementwise.h"
#include "kernels/cpu/matmul/matmul.h"
#include "kernels/cpu/moe/feed_forward.h"
#include "kernels/cpu/norm/rms_norm.h"
#include "kernels/selfcheck/random.h"

namespace ponder::kernels {

namespace {

// Products must be the same to the bit; functions that use an exponential or sum in another order
// may differ in the last places.
constexpr double kSameBits = 0;
constexpr double kLastPlaces = 2e-6;
constexpr double kLongSums = 2e-5;

// What a kernel made of the inputs that the seed gives.
using Output = std::vector<float>;
using Kernel = std::function<Output(Cpu&)>;

struct Check {
    std::string name;
    double limit;
    Kernel run;
};

double largestError(const Output& got, const Output& expected)
{
    if (got.size() != expected.size()) {
        return INFINITY;
    }
    double size = 0;
    double error = 0;
    for (std::size_t i = 0; i < got.size(); ++i) {
        size = std::max(size, std::fabs(static_cast<double>(expected[i])));
        const double difference = std::fabs(static_cast<double>(got[i]) - expected[i]);
        error = std::isnan(difference) ? INFINITY : std::max(error, difference);
    }
    return size > 0 ? error / size : error;
}

Check productCheck(TensorType type, std::size_t tokens)
{
    return {"matmul " + std::string(traits(type).name) + ", " + std::to_string(tokens)
            + (tokens == 1 ? " token" : " tokens"),
        kSameBits, [type, tokens](Cpu& cpu) {
            constexpr std::size_t kRows = 75, kCols = 768;
            Random random(static_cast<std::uint64_t>(type) + 1);
            const RandomWeights w(random, type, 1, kRows, kCols, 1.0f, 2);
            const Output x = random.floats(tokens * kCols);
            Output y(tokens * kRows);
            Activations activations;
            activations.pack(cpu, {x.data(), tokens, kCols});
            matmul(cpu, w.matrix(), activations, {y.data(), tokens, kRows});
            return y;
        }};
}

Check rowCheck(TensorType type)
{
    return {"rows of " + std::string(traits(type).name), kSameBits, [type](Cpu& cpu) {
                constexpr std::size_t kRows = 3, kCols = 512;
                Random random(static_cast<std::uint64_t>(type) + 100);
                const RandomWeights table(random, type, 1, kRows, kCols, 1.0f, 2);
                const std::int32_t ids[] = {2, 0, 1};
                Output y(kRows * kCols);
                embeddingRows(cpu, table.matrix(), ids, {y.data(), kRows, kCols});
                return y;
            }};
}

Check transposedCheck(TensorType type)
{
    return {"transposed product " + std::string(traits(type).name), kSameBits, [type](Cpu& cpu) {
                constexpr std::size_t kHeads = 2, kRows = 20, kCols = 256, kTokens = 3;
                Random random(static_cast<std::uint64_t>(type) + 200);
                const RandomWeights w(random, type, kHeads, kRows, kCols);
                const Output x = random.floats(kTokens * kHeads * kRows);
                Output y(kTokens * kHeads * kCols);
                matmulHeadsTransposed(cpu, w.stack(),
                    {x.data(), kTokens, kHeads, kRows, kHeads * kRows, kRows},
                    {y.data(), kTokens, kHeads, kCols, kHeads * kCols, kCols});
                return y;
            }};
}

Output checkPacking(Cpu& cpu)
{
    constexpr std::size_t kCols = 320;
    Random random(300);
    const Output x = random.floats(kCols, -30.0f, 30.0f);
    Activations activations;
    activations.pack(cpu, {x.data(), 1, kCols});
    Output y;
    for (std::size_t b = 0; b < kCols / kActivationBlock; ++b) {
        const ActivationBlock& block = activations.blocks(0)[b];
        y.push_back(block.scale);
        y.push_back(block.sum);
        y.insert(y.end(), std::begin(block.halfSums), std::end(block.halfSums));
        y.insert(y.end(), std::begin(block.high), std::end(block.high));
        y.insert(y.end(), std::begin(block.low), std::end(block.low));
    }
    return y;
}

Output checkExperts(Cpu& cpu, Activation::Kind activation)
{
    constexpr std::size_t kExperts = 5, kUsed = 2, kWidth = 256, kHidden = 96, kTokens = 9;
    Random random(400);
    const RandomWeights gate(random, TensorType::Q4_K, kExperts, kHidden, kWidth, 0.1f);
    const RandomWeights up(random, TensorType::Q4_K, kExperts, kHidden, kWidth, 0.1f);
    const RandomWeights down(random, TensorType::Q8_0, kExperts, kWidth, kHidden, 0.1f);
    const Output x = random.floats(kTokens * kWidth);
    const Output weights = random.floats(kTokens * kUsed, 0.0f, 1.0f);
    std::vector<std::int32_t> ids;
    for (std::size_t i = 0; i < kTokens * kUsed; ++i) {
        ids.push_back(static_cast<std::int32_t>((i * 3 + i / 4) % kExperts));
    }
    Output y(kTokens * kWidth);
    Activations activations;
    activations.pack(cpu, {x.data(), kTokens, kWidth});
    FeedForward().experts(cpu,
        {.gate = gate.stack(), .up = up.stack(), .down = down.stack(), .activation = {activation}},
        activations, ids, weights, kUsed, {y.data(), kTokens, kWidth}, false);
    return y;
}

Output checkLatentAttention(Cpu& cpu)
{
    constexpr std::size_t kHeads = 6, kRank = 72, kKey = 100, kTokens = 3, kPositions = 600;
    Random random(500);
    const Output q = random.floats(kTokens * kHeads * kKey);
    const Output cache = random.floats(kPositions * kKey);
    Output y(kTokens * kHeads * kRank);
    Attention::Params p;
    p.q = {q.data(), kTokens, kHeads, kKey, kHeads * kKey, kKey};
    p.keys = {cache.data(), kPositions, 1, kKey, kKey, 0};
    p.values = {cache.data(), kPositions, 1, kRank, kKey, 0};
    p.firstPosition = kPositions - kTokens;
    p.scale = 0.3f;
    p.out = {y.data(), kTokens, kHeads, kRank, kHeads * kRank, kRank};
    Attention().run(cpu, p);
    return y;
}

Output checkGroupedAttention(Cpu& cpu)
{
    constexpr std::size_t kHeads = 6, kKvHeads = 2, kDim = 40, kTokens = 5, kPositions = 600;
    Random random(501);
    const Output q = random.floats(kTokens * kHeads * kDim);
    const Output keys = random.floats(kPositions * kKvHeads * kDim);
    const Output values = random.floats(kPositions * kKvHeads * kDim);
    const Output sinks = random.floats(kHeads);
    Output y(kTokens * kHeads * kDim);
    Attention::Params p;
    p.q = {q.data(), kTokens, kHeads, kDim, kHeads * kDim, kDim};
    p.keys = {keys.data(), kPositions, kKvHeads, kDim, kDim, kPositions * kDim};
    p.values = {values.data(), kPositions, kKvHeads, kDim, kDim, kPositions * kDim};
    p.firstPosition = kPositions - kTokens;
    p.window = 300;
    p.scale = 0.3f;
    p.sinks = sinks;
    p.out = {y.data(), kTokens, kHeads, kDim, kHeads * kDim, kDim};
    Attention().run(cpu, p);
    return y;
}

template <typename Operation> Kernel onRows(Operation operation)
{
    return [operation](Cpu& cpu) {
        constexpr std::size_t kRows = 3, kCols = 203;
        Random random(600);
        Output x = random.floats(kRows * kCols, -20.0f, 20.0f);
        const Output other = random.floats(kRows * kCols);
        operation(
            cpu, FloatRows{x.data(), kRows, kCols}, ConstFloatRows{other.data(), kRows, kCols});
        return x;
    };
}

std::vector<Check> allChecks()
{
    std::vector<Check> checks;
    for (const TensorTraits& t : supportedTensorTypes()) {
        checks.push_back(rowCheck(t.type));
        for (const std::size_t tokens : {1u, 3u, 21u}) {
            checks.push_back(productCheck(t.type, tokens));
        }
        checks.push_back(transposedCheck(t.type));
    }
    checks.push_back({"packing of activations", kSameBits, checkPacking});
    checks.push_back({"experts Q4_K, Q8_0", kLongSums,
        [](Cpu& cpu) { return checkExperts(cpu, Activation::Kind::SwiGlu); }});
    checks.push_back({"experts with a clamped activation", kLongSums,
        [](Cpu& cpu) { return checkExperts(cpu, Activation::Kind::ClampedSwiGlu); }});
    checks.push_back({"latent attention", kLongSums, checkLatentAttention});
    checks.push_back({"grouped attention", kLongSums, checkGroupedAttention});
    checks.push_back({"rms norm", kLastPlaces, onRows([](Cpu& cpu, FloatRows x, ConstFloatRows w) {
                          rmsNorm(cpu, x, {w.data, w.cols}, 1e-6f, x);
                      })});
    checks.push_back({"silu and product", kLastPlaces,
        onRows([](Cpu& cpu, FloatRows x, ConstFloatRows up) { siluMul(cpu, x, up, x); })});
    checks.push_back({"clamped gated activation", kLastPlaces,
        onRows([](Cpu& cpu, FloatRows x, ConstFloatRows up) {
            clampedSwiGlu(cpu, x, up, 1.702f, 0.5f, x);
        })});
    checks.push_back({"softmax", kLastPlaces,
        onRows([](Cpu& cpu, FloatRows x, ConstFloatRows) { softmax(cpu, x); })});
    checks.push_back({"sigmoid", kLastPlaces,
        onRows([](Cpu& cpu, FloatRows x, ConstFloatRows) { sigmoid(cpu, x); })});
    checks.push_back({"sum of rows", kSameBits,
        onRows([](Cpu& cpu, FloatRows x, ConstFloatRows y) { add(cpu, y, x); })});
    return checks;
}

} // namespace

std::vector<CheckResult> selfcheck(const std::function<void(const CheckResult&)>& progress)
{
    Cpu reference({.threads = 1}, {Variant::Reference, "reference"});
    std::vector<CheckResult> results;
    for (const Variant variant : supportedVariants()) {
        if (variant == Variant::Reference) {
            continue;
        }
        const std::string name(variantName(variant));
        Cpu cpu({.threads = 2}, {variant, name});
        for (const Check& check : allChecks()) {
            CheckResult result{check.name, name};
            result.maxRelError = largestError(check.run(cpu), check.run(reference));
            result.limit = check.limit;
            result.ok = result.maxRelError <= result.limit;
            if (progress) {
                progress(result);
            }
            results.push_back(std::move(result));
        }
    }
    return results;
}

} // namespace ponder::kernels
