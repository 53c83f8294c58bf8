#include "kernels/cuda/matmul/product.h"

#include <cmath>
#include <limits>

#include "kernels/cpu/matmul/matmul.h"
#include "kernels/cpu/norm/rms_norm.h"
#include "kernels/cpu/quant/rows.h"
#include "tests/kernels/cuda/on_device.h"
#include "tests/kernels/variants.h"

using namespace ponder::kernels;
using namespace ponder::kernels::cuda;

namespace {

using Floats = std::vector<float>;

/// What the processor makes of it.
Floats onCpu(const WeightView& w, const Floats& x, std::size_t tokens)
{
    VariantCpu cpu(Variant::Reference);
    Activations packed;
    packed.pack(cpu, {x.data(), tokens, w.cols});
    Floats y(tokens * w.rows);
    matmul(cpu, w, packed, {y.data(), tokens, w.rows});
    return y;
}

/// The same with nothing rounded.
std::vector<double> exactly(const WeightView& w, const Floats& x, std::size_t tokens)
{
    std::vector<double> y(tokens * w.rows);
    Floats row(w.cols);
    for (std::size_t r = 0; r < w.rows; ++r) {
        dequantizeRow(w.type, w.row(r), row, w.scales.row(r));
        for (std::size_t t = 0; t < tokens; ++t)
            for (std::size_t c = 0; c < w.cols; ++c)
                y[t * w.rows + r] += static_cast<double>(row[c]) * x[t * w.cols + c];
    }
    return y;
}

double distance(const Floats& got, const std::vector<double>& want)
{
    double error = 0;
    double size = 0;
    for (std::size_t i = 0; i < got.size(); ++i) {
        error += (got[i] - want[i]) * (got[i] - want[i]);
        size += want[i] * want[i];
    }
    return std::sqrt(error / size);
}

void checkClose(const Floats& got, const Floats& want, double limit)
{
    REQUIRE(got.size() == want.size());
    double largest = 0;
    for (const float v : want)
        largest = std::max(largest, std::fabs(static_cast<double>(v)));
    for (std::size_t i = 0; i < got.size(); ++i) {
        CAPTURE(i);
        REQUIRE(std::fabs(static_cast<double>(got[i]) - want[i]) <= limit * largest);
    }
}

/// A product with one matrix on the GPU.
Floats onGpu(const WeightStack& w, const Floats& x, std::size_t tokens, int multiprocessors = 2)
{
    const DeviceWeights weights(w);
    const OnDevice<float> in(x), out(tokens * w.rows);
    ProductArgs args;
    args.x = {in.data(), tokens, w.cols};
    args.parts[0] = {weights.matrix(), nullptr, {out.data(), tokens, w.rows}, false};
    const OnDevice<std::byte> memory(std::max<std::size_t>(productMemory(args), 1));
    Work work;
    work.limits = limitsWith(multiprocessors);
    work.memory = memory.data();
    work.bytes = memory.values().size();
    const Status status = product(work, args);
    REQUIRE_MESSAGE(status.ok(), status.text());
    return out.values();
}

std::size_t columnsOf(TensorType type, std::size_t wish)
{
    const std::size_t block = traits(type).weightsPerBlock;
    return (wish + block - 1) / block * block;
}

constexpr double kSums = 3e-6; // sums in another order, over the largest result

} // namespace

TEST_CASE("products of every type are the processor's, and no further from the truth")
{
    Random random(1);
    for (const TensorTraits& t : supportedTensorTypes()) {
        CAPTURE(t.name);
        for (const std::size_t wish : {96u, 1100u}) {
            const std::size_t cols = columnsOf(t.type, wish);
            CAPTURE(cols);
            constexpr std::size_t kRows = 37;
            const RandomWeights w(random, t.type, 1, kRows, cols);
            for (const std::size_t tokens : {1u, 3u, 11u}) { // 11: tiles on tensor cores
                CAPTURE(tokens);
                const Floats x = random.floats(tokens * cols);
                const Floats cpu = onCpu(w.matrix(), x, tokens);
                EmulatedGpu gpu;
                const Floats got = onGpu(w.stack(), x, tokens);
                checkClose(got, cpu, kSums);
                const std::vector<double> truth = exactly(w.matrix(), x, tokens);
                // Tensor cores cut what is below the last bit of a sum.
                const double cut = !t.quantised && tokens == 11 ? 2e-7 : 1e-7;
                CHECK(distance(got, truth) <= 1.1 * distance(cpu, truth) + cut);
            }
        }
    }
}

TEST_CASE("a token's product is the same alone and among others, in any order of threads")
{
    Random random(2);
    for (const TensorType type : {TensorType::Q4_K, TensorType::Q6_K, TensorType::Q8_0,
             TensorType::MXFP4, TensorType::BF16, TensorType::F8_E4M3}) {
        CAPTURE(traits(type).name);
        constexpr std::size_t kRows = 67, kCols = 512, kTokens = 8;
        const RandomWeights w(random, type, 1, kRows, kCols);
        const Floats x = random.floats(kTokens * kCols);
        Floats all;
        forOrders([&] {
            EmulatedGpu gpu;
            const Floats now = onGpu(w.stack(), x, kTokens, 3);
            CHECK((all.empty() || all == now));
            all = now;
        });
        for (const std::size_t t : {0u, 5u, 7u}) {
            EmulatedGpu gpu;
            const Floats one(x.begin() + static_cast<long>(t * kCols),
                x.begin() + static_cast<long>((t + 1) * kCols));
            const Floats got = onGpu(w.stack(), one, 1, 3);
            CHECK(std::equal(got.begin(), got.end(), all.begin() + static_cast<long>(t * kRows)));
        }
    }
}

TEST_CASE("few rows with many columns, which the warps of a block share, and many rows")
{
    Random random(3);
    for (const TensorType type : {TensorType::F32, TensorType::Q5_K, TensorType::Q5_0}) {
        CAPTURE(traits(type).name);
        const RandomWeights w(random, type, 1, 9, 4352);
        const Floats x = random.floats(2 * 4352);
        EmulatedGpu gpu;
        const Floats shared = onGpu(w.stack(), x, 2, 100);
        const Floats apart = onGpu(w.stack(), x, 2, 1);
        checkClose(shared, onCpu(w.matrix(), x, 2), kSums);
        checkClose(shared, apart, kSums);
        const RandomWeights tall(random, type, 1, 1111, 256);
        const Floats y = random.floats(256);
        checkClose(onGpu(tall.stack(), y, 1), onCpu(tall.matrix(), y, 1), kSums);
    }
}

TEST_CASE("activations that do not fit into shared memory")
{
    Random random(4);
    for (const TensorType type : {TensorType::Q4_K, TensorType::F16}) {
        constexpr std::size_t kCols = 16384, kTokens = 8;
        const RandomWeights w(random, type, 1, 5, kCols);
        const Floats x = random.floats(kTokens * kCols);
        EmulatedGpu gpu;
        checkClose(onGpu(w.stack(), x, kTokens), onCpu(w.matrix(), x, kTokens), kSums);
        const OnDevice<float> in(x), out(kTokens * 5);
        const DeviceWeights weights(w.stack());
        ProductArgs args;
        args.x = {in.data(), kTokens, kCols};
        args.parts[0] = {weights.matrix(), nullptr, {out.data(), kTokens, 5}, false};
        CHECK(productMemory(args) > 0);
        CHECK(product({}, args).code == cudaErrorInvalidValue);
    }
}

TEST_CASE("several matrices of one input behind a norm, with biases, into the stream")
{
    Random random(5);
    constexpr std::size_t kCols = 512, kTokens = 3, kStride = kCols + 12;
    const RandomWeights q(random, TensorType::Q4_K, 1, 70, kCols);
    const RandomWeights k(random, TensorType::Q8_0, 1, 33, kCols);
    const RandomWeights v(random, TensorType::F16, 1, 1, kCols);
    const Floats x = random.floats(kTokens * kStride);
    const Floats norm = random.floats(kCols, 0.5f, 1.5f);
    const Floats bias = random.floats(70);
    const Floats before = random.floats(kTokens * 40);

    VariantCpu cpu(Variant::Reference);
    Floats normed(kTokens * kCols);
    rmsNorm(cpu, {x.data(), kTokens, kCols, kStride}, norm, 1e-5f, {normed.data(), kTokens, kCols});
    Floats wantQ = onCpu(q.matrix(), normed, kTokens);
    const Floats wantK = onCpu(k.matrix(), normed, kTokens);
    const Floats wantV = onCpu(v.matrix(), normed, kTokens);
    for (std::size_t i = 0; i < wantQ.size(); ++i)
        wantQ[i] += bias[i % 70];

    for (const bool overlap : {false, true}) {
        EmulatedGpu gpu;
        const DeviceWeights dq(q.stack()), dk(k.stack()), dv(v.stack());
        const OnDevice<float> in(x), weight(norm), biases(bias), outQ(kTokens * 70), outK(before),
            outV(kTokens);
        ProductArgs args;
        args.x = {in.data(), kTokens, kCols, kStride};
        args.norm = {weight.data(), 1e-5f};
        args.parts[0] = {dq.matrix(), biases.data(), {outQ.data(), kTokens, 70}, false};
        args.parts[1] = {dk.matrix(), nullptr, {outK.data(), kTokens, 33, 40}, true};
        args.parts[2] = {dv.matrix(), nullptr, {outV.data(), kTokens, 1}, false};
        args.partCount = 3;
        Work work;
        work.limits = limitsWith(4);
        work.overlap = overlap;
        REQUIRE(product(work, args).ok());
        checkClose(outQ.values(), wantQ, kSums);
        checkClose(outV.values(), wantV, kSums);
        const Floats gotK = outK.values();
        for (std::size_t t = 0; t < kTokens; ++t) {
            for (std::size_t r = 0; r < 40; ++r) {
                const float old = before[t * 40 + r];
                const float want = r < 33 ? old + wantK[t * 33 + r] : old;
                CHECK(gotK[t * 40 + r] == doctest::Approx(want).epsilon(1e-5));
            }
        }
    }
}

TEST_CASE("one matrix a head, side by side and with places")
{
    Random random(6);
    for (const TensorType type : {TensorType::Q4_0, TensorType::Q6_K, TensorType::F8_E4M3}) {
        CAPTURE(traits(type).name);
        for (const std::size_t kTokens : {3u, 9u}) {
            constexpr std::size_t kHeads = 5, kRows = 19;
            const std::size_t cols = columnsOf(type, 96);
            const RandomWeights w(random, type, kHeads, kRows, cols);
            const std::size_t stride = kHeads * (cols + 8);
            const Floats x = random.floats(kTokens * stride);
            VariantCpu cpu(Variant::Reference);
            Activations packed;
            const ConstHeadRows rows{x.data(), kTokens, kHeads, cols, stride, cols + 8};
            packed.packHeads(cpu, rows);
            Floats want(kTokens * kHeads * kRows);
            matmulHeads(cpu, w.stack(), packed,
                {want.data(), kTokens, kHeads, kRows, kHeads * kRows, kRows});

            EmulatedGpu gpu;
            const DeviceWeights weights(w.stack());
            const OnDevice<float> in(x);
            std::vector<MatrixPlace> places;
            for (std::size_t h = 0; h < kHeads; ++h) {
                const WeightView one = weights.stack().matrix(h);
                places.push_back({one.data, one.scales.data});
            }
            const OnDevice<MatrixPlace> devicePlaces(places);
            for (const bool scattered : {false, true}) {
                if (scattered && type == TensorType::F8_E4M3)
                    continue; // its scales are one grid for all
                const OnDevice<float> out(want.size());
                HeadProductArgs args{weights.stack(), rows,
                    {out.data(), kTokens, kHeads, kRows, kHeads * kRows, kRows}};
                args.x.data = in.data();
                if (scattered) {
                    args.w.places = devicePlaces.data();
                    args.w.data = nullptr;
                }
                const OnDevice<std::byte> memory(std::max<std::size_t>(headProductMemory(args), 1));
                Work work;
                work.limits = limitsWith(2);
                work.memory = memory.data();
                work.bytes = headProductMemory(args);
                REQUIRE(headProduct(work, args).ok());
                checkClose(out.values(), want, kSums);
            }
        }
    }
}

TEST_CASE("more tokens and rows than a tile has, in any order of threads")
{
    Random random(9);
    for (const TensorType type : {TensorType::Q4_K, TensorType::Q6_K, TensorType::F16}) {
        CAPTURE(traits(type).name);
        constexpr std::size_t kRows = 133, kCols = 256, kTokens = 67;
        const RandomWeights w(random, type, 1, kRows, kCols);
        const Floats x = random.floats(kTokens * kCols);
        Floats all;
        forOrders([&] {
            EmulatedGpu gpu;
            const Floats now = onGpu(w.stack(), x, kTokens);
            CHECK((all.empty() || all == now));
            all = now;
        });
        checkClose(all, onCpu(w.matrix(), x, kTokens), kSums);
    }
}

TEST_CASE("one matrix a head from the other side")
{
    Random random(8);
    for (const TensorTraits& t : supportedTensorTypes()) {
        CAPTURE(t.name);
        constexpr std::size_t kHeads = 3, kRows = 21, kTokens = 5;
        const std::size_t cols = columnsOf(t.type, t.weightsPerBlock == 1 ? 75 : 96);
        const RandomWeights w(random, t.type, kHeads, kRows, cols);
        const Floats x = random.floats(kTokens * kHeads * kRows);
        VariantCpu cpu(Variant::Reference);
        Floats want(kTokens * kHeads * cols);
        const ConstHeadRows rows{x.data(), kTokens, kHeads, kRows, kHeads * kRows, kRows};
        matmulHeadsTransposed(
            cpu, w.stack(), rows, {want.data(), kTokens, kHeads, cols, kHeads * cols, cols});
        EmulatedGpu gpu;
        const DeviceWeights weights(w.stack());
        const OnDevice<float> in(x), out(want.size());
        HeadProductArgs args{
            weights.stack(), rows, {out.data(), kTokens, kHeads, cols, kHeads * cols, cols}};
        args.x.data = in.data();
        REQUIRE(headProductTransposed({}, args).ok());
        checkClose(out.values(), want, kSums);
    }
}

TEST_CASE("what is no number shows in every result of its token and in no other's")
{
    Random random(7);
    for (const TensorType type : {TensorType::Q4_K, TensorType::IQ2_S, TensorType::BF16}) {
        for (const float bad :
            {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
            for (const std::size_t tokens : {2u, 12u}) {
                constexpr std::size_t kRows = 20, kCols = 512;
                const RandomWeights w(random, type, 1, kRows, kCols);
                Floats x = random.floats(tokens * kCols);
                x[(tokens - 1) * kCols + 77] = bad;
                EmulatedGpu gpu;
                const Floats got = onGpu(w.stack(), x, tokens);
                for (std::size_t i = 0; i < got.size(); ++i)
                    CHECK(std::isfinite(got[i]) == (i / kRows + 1 < tokens));
            }
        }
    }
}
