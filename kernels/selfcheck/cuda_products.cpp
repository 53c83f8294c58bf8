#include "kernels/selfcheck/cuda_products.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <string>

#include "kernels/cpu/matmul/matmul.h"
#include "kernels/cpu/moe/feed_forward.h"
#include "kernels/cpu/norm/rms_norm.h"
#include "kernels/cpu/quant/rows.h"
#include "kernels/cuda/matmul/product.h"
#include "kernels/cuda/moe/feed_forward.h"
#include "kernels/cuda/quant/rows.h"
#include "kernels/cuda/runtime/memory.h"
#include "kernels/cuda/runtime/stream.h"
#include "kernels/selfcheck/random.h"

namespace ponder::kernels::cuda {

namespace {

constexpr double kSameBits = 0;
constexpr double kSums = 3e-6; // the same products, added in another order
constexpr double kRoundings
    = 5e-5; // 15-bit numbers between two products, rounded to the other side

using Floats = std::vector<float>;

/// return from a function that returns a Status when making something fails; else that is `name`
#define PONDER_CHECK_MAKE(name, outcome)                                                           \
    auto name##Outcome = (outcome);                                                                \
    if (!name##Outcome)                                                                            \
        return name##Outcome.error();                                                              \
    auto& name = *name##Outcome

/// Weights are read in lines of 16 bytes, so an allocation ends after the last line.
constexpr std::size_t kAllocation = 256; // bytes

template <typename T>
Outcome<DeviceArray<T>> uploaded(const Stream& stream, std::span<const T> values)
{
    const std::size_t bytes = (values.size_bytes() + kAllocation) / kAllocation * kAllocation;
    auto array = DeviceArray<T>::create(bytes / sizeof(T));
    if (!array)
        return array;
    if (const Status status = upload(values, array->data(), stream.get()); !status.ok())
        return tl::unexpected(status);
    return array;
}

/// Weights copied to the device.
struct OnDevice {
    DeviceArray<std::byte> bytes;
    DeviceArray<float> scales;
    WeightStack stack;

    [[nodiscard]] static Outcome<OnDevice> create(const Stream& stream, const WeightStack& w)
    {
        const std::size_t rows = w.count * w.rows;
        auto bytes = uploaded(stream, std::span(w.data, rows * w.rowStride));
        if (!bytes)
            return tl::unexpected(bytes.error());
        const std::size_t scaleCount = w.scales.data == nullptr
            ? 0
            : (rows + kScaleBlock - 1) / kScaleBlock * w.scales.stride;
        auto scales = uploaded(stream, std::span(w.scales.data, scaleCount));
        if (!scales)
            return tl::unexpected(scales.error());
        OnDevice result{std::move(*bytes), std::move(*scales), w};
        result.stack.data = result.bytes.data();
        result.stack.scales.data = scaleCount > 0 ? result.scales.data() : nullptr;
        return result;
    }
};

/// The largest difference, over the size of what was expected.
double largestError(const Floats& got, const Floats& expected)
{
    double size = 0;
    double error = 0;
    for (std::size_t i = 0; i < got.size(); ++i) {
        size = std::max(size, std::fabs(static_cast<double>(expected[i])));
        const double difference = std::fabs(static_cast<double>(got[i]) - expected[i]);
        error = std::isnan(difference) ? INFINITY : std::max(error, difference);
    }
    return size > 0 ? error / size : error;
}

class Checks {
public:
    Checks(const Stream& stream, const ProductCheckOptions& options,
        std::function<void(const CheckResult&)> progress)
        : m_stream(stream)
        , m_options(options)
        , m_progress(std::move(progress))
        , m_cpu({.threads = 2}, chooseCpu())
    {
    }

    Status rows(TensorType type);
    Status products(TensorType type, std::size_t tokens);
    Status heads(TensorType type, std::size_t tokens);
    Status transposed(TensorType type);
    Status feedForwards(
        TensorType type, TensorType down, std::size_t tokens, Activation activation);

    std::vector<CheckResult> results;

private:
    [[nodiscard]] std::size_t size(std::size_t small, std::size_t large) const
    {
        return m_options.large ? large : small;
    }
    Status download(const DeviceArray<float>& from, Floats& to) const;
    [[nodiscard]] Outcome<DeviceBytes> workMemory(std::size_t bytes, Work& work) const;
    void add(std::string name, const Floats& got, const Floats& expected, double limit);

    const Stream& m_stream;
    ProductCheckOptions m_options;
    std::function<void(const CheckResult&)> m_progress;
    Cpu m_cpu;
};

std::string named(const char* what, TensorType type, std::size_t tokens = 0)
{
    std::string name = what + std::string(" ") + std::string(traits(type).name);
    if (tokens > 0)
        name += ", " + std::to_string(tokens) + (tokens == 1 ? " token" : " tokens");
    return name;
}

Status Checks::download(const DeviceArray<float>& from, Floats& to) const
{
    PONDER_CUDA_TRY(cuda::download(from.data(), std::span(to), m_stream.get()));
    return m_stream.wait();
}

Outcome<DeviceBytes> Checks::workMemory(std::size_t bytes, Work& work) const
{
    auto memory = DeviceBytes::create(std::max<std::size_t>(bytes, 1));
    if (memory) {
        work.stream = m_stream.get();
        work.limits = m_options.limits;
        work.memory = memory->data();
        work.bytes = bytes;
        work.overlap = true;
    }
    return memory;
}

void Checks::add(std::string name, const Floats& got, const Floats& expected, double limit)
{
    CheckResult result{std::move(name), "cuda"};
    result.maxRelError = largestError(got, expected);
    result.limit = limit;
    result.ok = result.maxRelError <= limit;
    if (m_progress)
        m_progress(result);
    results.push_back(std::move(result));
}

Status Checks::rows(TensorType type)
{
    constexpr std::size_t kCols = 1536;
    const std::size_t count = size(3, 300);
    Random random(static_cast<std::uint64_t>(type) + 1);
    const RandomWeights w(random, type, 1, count, kCols);
    PONDER_CHECK_MAKE(device, OnDevice::create(m_stream, w.stack()));
    PONDER_CHECK_MAKE(out, DeviceArray<float>::create(count * kCols));
    PONDER_CUDA_TRY(dequantizeRows(
        m_stream.get(), device.stack.matrix(0), nullptr, {out.data(), count, kCols}));
    Floats want(count * kCols);
    for (std::size_t r = 0; r < count; ++r)
        dequantizeRow(type, w.matrix().row(r), std::span(want).subspan(r * kCols, kCols),
            w.matrix().scales.row(r));
    Floats got(want.size());
    PONDER_CUDA_TRY(download(out, got));
    add(named("rows of", type), got, want, kSameBits);
    return {};
}

Status Checks::products(TensorType type, std::size_t tokens)
{
    const std::size_t rows = size(75, 3001);
    const std::size_t cols = size(768, 2048);
    Random random(static_cast<std::uint64_t>(type) + 100);
    const RandomWeights w(random, type, 1, rows, cols);
    const Floats x = random.floats(tokens * cols);
    const Floats norm = random.floats(cols, 0.5F, 1.5F);
    PONDER_CHECK_MAKE(device, OnDevice::create(m_stream, w.stack()));
    PONDER_CHECK_MAKE(in, uploaded(m_stream, std::span(x)));
    PONDER_CHECK_MAKE(weight, uploaded(m_stream, std::span(norm)));
    PONDER_CHECK_MAKE(out, DeviceArray<float>::create(tokens * rows));
    ProductArgs args;
    args.x = {in.data(), tokens, cols};
    args.norm = {weight.data(), 1e-6F};
    args.parts[0] = {device.stack.matrix(0), nullptr, {out.data(), tokens, rows}, false};
    Work work;
    PONDER_CHECK_MAKE(memory, workMemory(productMemory(args), work));
    (void)memory;
    PONDER_CUDA_TRY(product(work, args));
    Floats normed(x.size());
    rmsNorm(m_cpu, {x.data(), tokens, cols}, norm, 1e-6F, {normed.data(), tokens, cols});
    Activations packed;
    packed.pack(m_cpu, {normed.data(), tokens, cols});
    Floats want(tokens * rows);
    matmul(m_cpu, w.matrix(), packed, {want.data(), tokens, rows});
    Floats got(want.size());
    PONDER_CUDA_TRY(download(out, got));
    add(named("product", type, tokens), got, want, kRoundings);
    return {};
}

Status Checks::heads(TensorType type, std::size_t tokens)
{
    const std::size_t count = size(3, 16);
    const std::size_t rows = size(19, 512);
    const std::size_t cols = traits(type).weightsPerBlock == 256 ? 256 : 128;
    Random random(static_cast<std::uint64_t>(type) + 200);
    const RandomWeights w(random, type, count, rows, cols);
    const Floats x = random.floats(tokens * count * cols);
    PONDER_CHECK_MAKE(device, OnDevice::create(m_stream, w.stack()));
    PONDER_CHECK_MAKE(in, uploaded(m_stream, std::span(x)));
    PONDER_CHECK_MAKE(out, DeviceArray<float>::create(tokens * count * rows));
    Floats want(tokens * count * rows);
    ConstHeadRows heads{x.data(), tokens, count, cols, count * cols, cols};
    Activations packed;
    packed.packHeads(m_cpu, heads);
    matmulHeads(m_cpu, w.stack(), packed, {want.data(), tokens, count, rows, count * rows, rows});
    heads.data = in.data();
    const HeadProductArgs args{
        device.stack, heads, {out.data(), tokens, count, rows, count * rows, rows}};
    Work work;
    PONDER_CHECK_MAKE(memory, workMemory(headProductMemory(args), work));
    (void)memory;
    PONDER_CUDA_TRY(headProduct(work, args));
    Floats got(want.size());
    PONDER_CUDA_TRY(download(out, got));
    add(named("product a head", type, tokens), got, want, kSums);
    return {};
}

Status Checks::transposed(TensorType type)
{
    constexpr std::size_t kTokens = 3;
    const std::size_t count = size(2, 16);
    const std::size_t rows = size(20, 128);
    const std::size_t cols = 512;
    Random random(static_cast<std::uint64_t>(type) + 300);
    const RandomWeights w(random, type, count, rows, cols);
    const Floats x = random.floats(kTokens * count * rows);
    PONDER_CHECK_MAKE(device, OnDevice::create(m_stream, w.stack()));
    PONDER_CHECK_MAKE(in, uploaded(m_stream, std::span(x)));
    PONDER_CHECK_MAKE(out, DeviceArray<float>::create(kTokens * count * cols));
    Floats want(kTokens * count * cols);
    ConstHeadRows heads{x.data(), kTokens, count, rows, count * rows, rows};
    matmulHeadsTransposed(
        m_cpu, w.stack(), heads, {want.data(), kTokens, count, cols, count * cols, cols});
    heads.data = in.data();
    Work work;
    work.stream = m_stream.get();
    work.overlap = true;
    PONDER_CUDA_TRY(headProductTransposed(
        work, {device.stack, heads, {out.data(), kTokens, count, cols, count * cols, cols}}));
    Floats got(want.size());
    PONDER_CUDA_TRY(download(out, got));
    add(named("transposed product", type), got, want, kSums);
    return {};
}

Status Checks::feedForwards(
    TensorType type, TensorType downType, std::size_t tokens, Activation activation)
{
    const std::size_t experts = size(5, 16);
    const std::size_t used = size(2, 6);
    const std::size_t d = size(256, 1024);
    const std::size_t ff = size(96, 352);
    const std::size_t sharedFf = 2 * ff;
    Random random(static_cast<std::uint64_t>(type) + 400);
    const RandomWeights gate(random, type, experts, ff, d, 0.3F);
    const RandomWeights up(random, type, experts, ff, d, 0.3F);
    const RandomWeights down(random, downType, experts, d, ff, 0.3F);
    const RandomWeights sharedGate(random, TensorType::Q8_0, 1, sharedFf, d, 0.3F);
    const RandomWeights sharedUp(random, TensorType::Q8_0, 1, sharedFf, d, 0.3F);
    const RandomWeights sharedDown(random, TensorType::Q8_0, 1, d, sharedFf, 0.3F);
    const Floats x = random.floats(tokens * d);
    const Floats weights = random.floats(tokens * used, 0.1F, 1.0F);
    std::vector<std::int32_t> ids;
    for (std::size_t i = 0; i < tokens * used; ++i)
        ids.push_back(static_cast<std::int32_t>((i / used * 7 + i % used * 3) % experts));

    PONDER_CHECK_MAKE(dGate, OnDevice::create(m_stream, gate.stack()));
    PONDER_CHECK_MAKE(dUp, OnDevice::create(m_stream, up.stack()));
    PONDER_CHECK_MAKE(dDown, OnDevice::create(m_stream, down.stack()));
    PONDER_CHECK_MAKE(dSharedGate, OnDevice::create(m_stream, sharedGate.stack()));
    PONDER_CHECK_MAKE(dSharedUp, OnDevice::create(m_stream, sharedUp.stack()));
    PONDER_CHECK_MAKE(dSharedDown, OnDevice::create(m_stream, sharedDown.stack()));
    PONDER_CHECK_MAKE(stream, uploaded(m_stream, std::span(x)));
    PONDER_CHECK_MAKE(dWeights, uploaded(m_stream, std::span(weights)));
    PONDER_CHECK_MAKE(dIds, uploaded(m_stream, std::span<const std::int32_t>(ids)));
    DeviceExperts routed;
    routed.gate = dGate.stack;
    routed.up = dUp.stack;
    routed.down = dDown.stack;
    routed.activation = activation;
    DeviceExperts shared;
    shared.gate = dSharedGate.stack;
    shared.up = dSharedUp.stack;
    shared.down = dSharedDown.stack;
    FeedForwardArgs args;
    args.x = {stream.data(), tokens, d};
    args.out = {stream.data(), tokens, d};
    args.shared = &shared;
    args.routed = &routed;
    args.ids = dIds.data();
    args.weights = dWeights.data();
    args.used = used;
    Work work;
    PONDER_CHECK_MAKE(memory, workMemory(feedForwardMemory(args), work));
    (void)memory;
    PONDER_CUDA_TRY(feedForward(work, args));

    Floats want = x;
    Activations packed;
    packed.pack(m_cpu, {x.data(), tokens, d});
    FeedForward network;
    const FloatRows out{want.data(), tokens, d};
    network.experts(m_cpu,
        {.gate = gate.stack(), .up = up.stack(), .down = down.stack(), .activation = activation},
        packed, ids, weights, used, out, true);
    network.dense(m_cpu,
        {.gate = sharedGate.stack(), .up = sharedUp.stack(), .down = sharedDown.stack()}, packed,
        out, true);
    Floats got(want.size());
    PONDER_CUDA_TRY(download(stream, got));
    add(named("experts", type, tokens), got, want, kRoundings);
    return {};
}

#undef PONDER_CHECK_MAKE

Status runAll(Checks& checks, bool large)
{
    const std::size_t many = large ? 150 : 21;
    for (const TensorTraits& t : supportedTensorTypes()) {
        PONDER_CUDA_TRY(checks.rows(t.type));
        for (const std::size_t tokens : {std::size_t{1}, std::size_t{3}, many})
            PONDER_CUDA_TRY(checks.products(t.type, tokens));
        PONDER_CUDA_TRY(checks.transposed(t.type));
    }
    for (const TensorType type : {TensorType::Q4_0, TensorType::Q8_0, TensorType::BF16})
        for (const std::size_t tokens : {std::size_t{1}, many})
            PONDER_CUDA_TRY(checks.heads(type, tokens));
    const Activation clamped{Activation::Kind::ClampedSwiGlu, 1.702F, 0.9F};
    for (const std::size_t tokens : {std::size_t{1}, std::size_t{8}, many}) {
        PONDER_CUDA_TRY(checks.feedForwards(TensorType::Q4_K, TensorType::Q5_0, tokens, {}));
        PONDER_CUDA_TRY(checks.feedForwards(TensorType::Q6_K, TensorType::Q8_0, tokens, {}));
        PONDER_CUDA_TRY(checks.feedForwards(TensorType::F8_E4M3, TensorType::F8_E4M3, tokens, {}));
        PONDER_CUDA_TRY(checks.feedForwards(TensorType::MXFP4, TensorType::MXFP4, tokens, clamped));
    }
    return {};
}

} // namespace

Outcome<std::vector<CheckResult>> checkProducts(
    const ProductCheckOptions& options, const std::function<void(const CheckResult&)>& progress)
{
    auto stream = Stream::create();
    if (!stream)
        return tl::unexpected(stream.error());
    Checks checks(*stream, options, progress);
    if (const Status status = runAll(checks, options.large); !status.ok())
        return tl::unexpected(status);
    return std::move(checks.results);
}

} // namespace ponder::kernels::cuda
