// Prints what the kernels reach on this machine: bench_kernels [threads] [name part]
// Decode shapes in GB/s of weights read, prefill shapes in billions of multiply-adds a second.
// Not a test: run it by hand. With one thread it counts the processor's time, not the clock's, so that
// other programs disturb it less.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

#include "kernels/cpu/attention/attention.h"
#include "kernels/cpu/bandwidth/bandwidth.h"
#include "kernels/cpu/matmul/matmul.h"
#include "kernels/cpu/moe/feed_forward.h"
#include "kernels/selfcheck/random.h"

using namespace ponder::kernels;

namespace {

double seconds(bool ofThread)
{
    timespec now{};
    clock_gettime(ofThread ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

template <typename Work> double bestSeconds(Cpu& cpu, int repeats, Work&& work)
{
    double best = 1e300;
    for (int i = 0; i < repeats; ++i) {
        const double start = seconds(cpu.threads() == 1);
        work();
        best = std::min(best, seconds(cpu.threads() == 1) - start);
    }
    return best;
}

void benchProducts(Cpu& cpu, const char* wanted)
{
    constexpr std::size_t kRows = 12288, kCols = 2048; // past the last cache in most types
    Random random(1);
    const std::vector<float> x = random.floats(48 * kCols);
    std::vector<float> y(48 * kRows);
    for (const TensorTraits& type : supportedTensorTypes()) {
        if (wanted != nullptr && type.name != wanted) {
            continue;
        }
        const std::size_t count = type.quantised ? 4 : 1;
        const RandomWeights w(random, type.type, count, kRows, kCols);
        const double bytes = static_cast<double>(count * kRows * *rowBytes(type.type, kCols));
        Activations one, many;
        one.pack(cpu, {x.data(), 1, kCols});
        const double decode = bestSeconds(cpu, 5, [&] {
            for (std::size_t i = 0; i < count; ++i) {
                matmul(cpu, w.stack().matrix(i), one, {y.data(), 1, kRows});
            }
        });
        std::printf("%-5s decode %6.1f GB/s", type.name.data(), bytes / decode * 1e-9);
        for (const std::size_t tokens : {4u, 12u, 48u}) {
            many.pack(cpu, {x.data(), tokens, kCols});
            const double prefill = bestSeconds(
                cpu, 2, [&] { matmul(cpu, w.matrix(), many, {y.data(), tokens, kRows}); });
            std::printf("   %2zu tokens %6.1f GMAC/s", tokens,
                static_cast<double>(kRows * kCols * tokens) / prefill * 1e-9);
        }
        std::printf("\n");
    }
}

void benchExperts(Cpu& cpu)
{
    constexpr std::size_t kExperts = 64, kUsed = 6, kWidth = 2048, kHidden = 1408;
    Random random(2);
    const RandomWeights gate(random, TensorType::Q4_K, kExperts, kHidden, kWidth);
    const RandomWeights up(random, TensorType::Q4_K, kExperts, kHidden, kWidth);
    const RandomWeights down(random, TensorType::Q5_0, kExperts, kWidth, kHidden);
    FeedForward network;
    for (const std::size_t tokens : {1u, 128u, 512u}) {
        const std::vector<float> x = random.floats(tokens * kWidth);
        const std::vector<float> weights = random.floats(tokens * kUsed);
        std::vector<float> out(tokens * kWidth);
        Activations activations;
        activations.pack(cpu, {x.data(), tokens, kWidth});
        std::vector<std::int32_t> ids(tokens * kUsed);
        const double taken = bestSeconds(cpu, tokens == 1 ? 20 : 2, [&] {
            for (std::size_t t = 0; t < tokens; ++t) {
                const auto start = static_cast<std::int32_t>(random.bits() % kExperts);
                for (std::size_t k = 0; k < kUsed; ++k) {
                    ids[t * kUsed + k] = (start + static_cast<std::int32_t>(7 * k))
                        % static_cast<std::int32_t>(kExperts);
                }
            }
            ExpertWeights experts;
            experts.gate = gate.stack();
            experts.up = up.stack();
            experts.down = down.stack();
            network.experts(cpu, experts, activations, ids, weights, kUsed,
                {out.data(), tokens, kWidth}, false);
        });
        const double bytes = static_cast<double>(kUsed)
            * (2 * static_cast<double>(gate.stack().matrixStride)
                + static_cast<double>(down.stack().matrixStride));
        const double products = 3.0 * kUsed * kWidth * kHidden * static_cast<double>(tokens);
        if (tokens == 1) {
            std::printf("experts, 1 token: %.1f GB/s\n", bytes / taken * 1e-9);
        } else {
            std::printf("experts, %zu tokens: %.1f GMAC/s\n", tokens, products / taken * 1e-9);
        }
    }
}

void benchAttention(Cpu& cpu, const char* name, std::size_t heads, std::size_t kvHeads,
    std::size_t keyDim, std::size_t valueDim, bool latent)
{
    constexpr std::size_t kPositions = 4096, kTokens = 64;
    Random random(3);
    const std::vector<float> keys = random.floats(kPositions * kvHeads * keyDim);
    const std::vector<float> values = random.floats(latent ? 0 : kPositions * kvHeads * valueDim);
    const std::vector<float> q = random.floats(kTokens * heads * keyDim);
    std::vector<float> out(kTokens * heads * valueDim);
    Attention attention;
    for (const std::size_t tokens : {std::size_t{1}, kTokens}) {
        for (const std::size_t positions : {std::size_t{512}, kPositions}) {
            Attention::Params p;
            p.q = {q.data(), tokens, heads, keyDim, heads * keyDim, keyDim};
            p.keys = {keys.data(), positions, kvHeads, keyDim, keyDim, kPositions * keyDim};
            p.values
                = {values.data(), positions, kvHeads, valueDim, valueDim, kPositions * valueDim};
            if (latent) {
                p.values = p.keys;
                p.values.cols = valueDim;
            }
            p.firstPosition = positions - tokens;
            p.out = {out.data(), tokens, heads, valueDim, heads * valueDim, valueDim};
            const double taken
                = bestSeconds(cpu, tokens == 1 ? 10 : 2, [&] { attention.run(cpu, p); });
            const auto read
                = static_cast<double>(positions * kvHeads * (keyDim + (latent ? 0 : valueDim)));
            std::printf(
                "%s attention, %zu tokens at %zu: %.2f ms, %.1f GMAC/s, cache at %.1f GB/s\n", name,
                tokens, positions, taken * 1e3,
                static_cast<double>(tokens * positions * heads * (keyDim + valueDim)) / taken
                    * 1e-9,
                read * sizeof(float) / taken * 1e-9);
        }
    }
}

} // namespace

int main(int argc, char** argv)
{
    ThreadPool::Options options;
    options.threads = argc > 1 ? static_cast<std::size_t>(std::atoi(argv[1])) : 0;
    Cpu cpu(options);
    std::printf("%s, %zu threads, read bandwidth %.1f GB/s\n", cpu.report().c_str(), cpu.threads(),
        measureReadBandwidth(cpu, std::size_t{256} << 20, 3) * 1e-9);
    const char* wanted = argc > 2 ? argv[2] : nullptr;
    benchProducts(cpu, wanted);
    if (wanted == nullptr || std::strcmp(wanted, "experts") == 0) {
        benchExperts(cpu);
    }
    if (wanted == nullptr || std::strcmp(wanted, "attention") == 0) {
        benchAttention(cpu, "latent", 16, 1, 576, 512, true);
        benchAttention(cpu, "grouped", 32, 8, 128, 128, false);
    }
    return 0;
}
