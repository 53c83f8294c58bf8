#include "engine/run/cuda/selfcheck.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/run/cpu_backend.h"
#include "engine/run/cuda/cuda_backend.h"
#include "engine/run/cuda/random_network.h"
#include "kernels/cpu/matmul/matmul.h"
#include "kernels/cpu/selfcheck/random.h"
#include "kernels/cuda/matmul/product.h"
#include "kernels/cuda/runtime/devices.h"
#include "kernels/cuda/runtime/memory.h"
#include "kernels/cuda/runtime/stream.h"

namespace ponder {
namespace {

using kernels::CheckResult;
using kernels::ConstFloatRows;
using kernels::FloatRows;
using kernels::TensorTraits;
using kernels::cuda::DeviceArray;
using kernels::cuda::DeviceBytes;
using kernels::cuda::Outcome;
using kernels::cuda::Status;
using kernels::cuda::Stream;

constexpr std::size_t kRows = 70, kCols = 512;
/// Sums of another order; where many tokens go through tensor cores, rounded to bfloat16.
constexpr double kExactLimit = 2e-5, kRoundedLimit = 1e-2;
/// Whole models round their cache to bfloat16, and what they choose may follow.
constexpr double kModelLimit = 3e-2;

/// |a - b| / |b|, 1e9 where a holds what is no number.
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

CheckResult result(std::string name, double error, double limit)
{
    return {std::move(name), "cuda", error, limit, error <= limit};
}

template <typename T> Outcome<DeviceArray<T>> onDevice(std::span<const T> values, const Stream& s)
{
    auto array = DeviceArray<T>::create(values.size());
    if (!array)
        return array;
    if (const Status status = kernels::cuda::upload(values, array->data(), s.get()); !status.ok())
        return tl::unexpected(status);
    return array;
}

/// One product on the device; y: [tokens, kRows].
Status productOnDevice(const kernels::WeightView& weights, std::span<const float> x,
    std::size_t tokens, std::span<float> y, const Stream& stream)
{
    const std::size_t bytes = weights.rowStride * weights.rows;
    auto w = onDevice(std::span(weights.data, bytes), stream);
    auto input = onDevice(x, stream);
    auto output = DeviceArray<float>::create(y.size());
    const std::size_t scaleRows = (weights.rows + kernels::kScaleBlock - 1) / kernels::kScaleBlock;
    const float none = 0;
    auto scales = onDevice(weights.scales.data != nullptr
            ? std::span(weights.scales.data, scaleRows * weights.scales.stride)
            : std::span(&none, 1),
        stream);
    if (!w || !input || !output || !scales)
        return !w ? w.error() : !input ? input.error() : !output ? output.error() : scales.error();
    kernels::cuda::ProductArgs args;
    args.x = ConstFloatRows(input->data(), tokens, kCols);
    kernels::WeightView view = weights;
    view.data = w->data();
    if (view.scales.data != nullptr)
        view.scales.data = scales->data();
    args.parts[0] = {.w = view, .y = FloatRows(output->data(), tokens, kRows)};
    auto memory
        = DeviceBytes::create(std::max<std::size_t>(kernels::cuda::productMemory(args), 256));
    if (!memory)
        return memory.error();
    const kernels::cuda::Work work{
        .stream = stream.get(), .memory = memory->data(), .bytes = memory->size()};
    PONDER_CUDA_TRY(kernels::cuda::product(work, args));
    PONDER_CUDA_TRY(kernels::cuda::download(output->data(), y, stream.get()));
    return stream.wait();
}

Outcome<CheckResult> checkProduct(const TensorTraits& traits, std::size_t tokens, const Stream& s)
{
    kernels::Random random(tokens * 100 + static_cast<std::size_t>(traits.type));
    const kernels::RandomWeights weights(random, traits.type, 1, kRows, kCols, 0.1F);
    const std::vector<float> x = random.floats(tokens * kCols);
    std::vector<float> expected(tokens * kRows);
    kernels::Cpu cpu(kernels::ThreadPool::Options{.threads = 1});
    kernels::Activations activations;
    activations.pack(cpu, ConstFloatRows(x.data(), tokens, kCols));
    kernels::matmul(cpu, weights.matrix(), activations, FloatRows(expected.data(), tokens, kRows));
    std::vector<float> made(expected.size());
    if (const Status status = productOnDevice(weights.matrix(), x, tokens, made, s); !status.ok())
        return tl::unexpected(status);
    const bool many = tokens > kernels::cuda::kMostDecodeTokens;
    return result("product " + std::string(traits.name) + ", " + std::to_string(tokens)
            + (tokens == 1 ? " token" : " tokens"),
        distance(made, expected), many ? kRoundedLimit : kExactLimit);
}

/// Logits of each token: a prompt in one batch, then token by token.
Result<std::vector<float>> logitsOf(
    const Network& network, Backend& backend, std::span<const std::int32_t> tokens)
{
    const std::size_t prompt = tokens.size() / 2;
    std::vector<float> all(tokens.size() * network.vocabularySize);
    for (std::size_t done = 0; done < tokens.size();) {
        const std::size_t count = done == 0 ? prompt : 1;
        if (auto ok = backend.begin(tokens.subspan(done, count), done); !ok)
            return tl::unexpected(ok.error());
        for (std::size_t layer = 0; layer < network.layers.size(); ++layer) {
            backend.attention(layer);
            backend.feedForward(layer);
        }
        const auto rows
            = std::span(all).subspan(done * network.vocabularySize, count * network.vocabularySize);
        if (auto ok = backend.head(0, count, rows); !ok)
            return tl::unexpected(ok.error());
        done += count;
    }
    return all;
}

Result<CheckResult> checkModel(int device, RandomNetwork::Kind kind)
{
    const RandomNetwork model(kind);
    const Network& network = model.network();
    PlacementPlan plan;
    plan.contextLength = 64;
    plan.batch = 16;
    plan.threads = 1;
    plan.gpu.emplace();
    plan.gpu->gpu.index = device;
    plan.gpu->layers.assign(network.layers.size(), {true, true});
    auto onGpu = makeCudaBackend(network, plan);
    if (!onGpu)
        return tl::unexpected(onGpu.error());
    auto onCpu = makeCpuBackend(network, {.contextLength = 64, .batch = 16, .threads = 1});
    if (!onCpu)
        return tl::unexpected(onCpu.error());
    std::vector<std::int32_t> tokens(16);
    for (std::size_t i = 0; i < tokens.size(); ++i)
        tokens[i] = static_cast<std::int32_t>((i * 37 + 5) % network.vocabularySize);
    const auto made = logitsOf(network, **onGpu, tokens);
    if (!made)
        return tl::unexpected(made.error());
    const auto expected = logitsOf(network, **onCpu, tokens);
    if (!expected)
        return tl::unexpected(expected.error());
    return result(std::string("model: ") + RandomNetwork::name(kind), distance(*made, *expected),
        kModelLimit);
}

} // namespace

Result<std::vector<CheckResult>> checkCuda(int device, const CheckProgress& progress)
{
    std::vector<CheckResult> results;
    const auto add = [&](CheckResult check) {
        if (progress)
            progress(check);
        results.push_back(std::move(check));
    };
    if (const Status used = kernels::cuda::useDevice(device); !used.ok())
        return tl::unexpected(cudaError(used));
    auto stream = Stream::create();
    if (!stream)
        return tl::unexpected(cudaError(stream.error(), true));
    for (const TensorTraits& traits : kernels::allTensorTypes()) {
        for (const std::size_t tokens : {1U, 5U, 40U}) {
            auto check = checkProduct(traits, tokens, *stream);
            if (!check)
                return tl::unexpected(cudaError(check.error(), true));
            add(std::move(*check));
        }
    }
    for (const auto kind : RandomNetwork::kKinds) {
        auto check = checkModel(device, kind);
        if (!check)
            return tl::unexpected(check.error());
        add(std::move(*check));
    }
    return results;
}

} // namespace ponder
