// Attention between an MLA layer's projections: fewer launches, the same bits.
#include "kernels/cuda/attention/absorbed.h"

#include <cmath>

#include "kernels/selfcheck/random.h"
#include "tests/kernels/cuda/emulated.h"
#include "tests/kernels/cuda/on_device.h"

namespace cuda = ponder::kernels::cuda;
namespace emulation = ponder::emulation;
using namespace ponder::kernels;
using cuda::OnDevice;

namespace {

using Floats = std::vector<float>;

struct Shape {
    std::size_t tokens, heads, rank, rope, nope, valueDim, position;
    TensorType type;
    bool transposed = false;
    CacheType cache = CacheType::Bf16;
    int multiprocessors = 16;
};

struct Result {
    Floats absorbed, values;
    std::vector<std::uint8_t> cache;
    std::size_t launches = 0;
};

Result run(const Shape& s, bool together)
{
    Random random(61);
    const std::size_t row = s.rank + s.rope, query = s.nope + s.rope;
    const RandomWeights kB(random, s.type, s.heads, s.transposed ? s.nope : s.rank,
        s.transposed ? s.rank : s.nope, 0.3f);
    const RandomWeights vB(random, s.type, s.heads, s.valueDim, s.rank, 0.3f);
    const Floats latents = random.floats(s.tokens * row), norms = random.floats(s.rank);
    const Floats queries = random.floats(s.tokens * s.heads * query);
    const std::size_t positions = s.position + s.tokens;
    const std::size_t rowBytes = CacheRow::bytes(s.cache, row, s.rope);
    Floats angles;
    for (std::size_t i = 0; i < s.tokens * s.rope; ++i)
        angles.push_back(i % 2 == 0 ? 0.6f : 0.8f);

    cuda::EmulatedGpu gpu;
    const cuda::DeviceWeights k(kB.stack()), v(vB.stack());
    const OnDevice<float> latent(latents), norm(norms), q(queries), turns(angles),
        absorbed(Floats(s.tokens * s.heads * row, 0.5f)), out(s.tokens * s.heads * s.rank),
        values(s.tokens * s.heads * s.valueDim);
    // What the cache holds already: any bits that are numbers in every type.
    const OnDevice<std::uint8_t> cache(std::vector<std::uint8_t>(positions * rowBytes, 0x3C));
    const OnDevice<std::byte> memory(1 << 20);
    const OnDevice<cuda::StepState> state(
        std::vector<cuda::StepState>{{static_cast<std::int32_t>(s.position)}});
    auto workspace = cuda::AttentionWorkspace::create(
        s.tokens, s.heads, s.rank, cuda::limitsWith(s.multiprocessors));
    REQUIRE(workspace.has_value());
    const auto headRows = [&](float* data, std::size_t cols, std::size_t stride) {
        return HeadRows{data, s.tokens, s.heads, cols, s.heads * stride, stride};
    };
    cuda::AbsorbedAttention p;
    p.prepare.latent = {latent.data(), s.tokens, row};
    p.prepare.kvANorm = norm.data();
    p.prepare.epsilon = 1e-5f;
    p.prepare.query = headRows(q.data() + s.nope, s.rope, query);
    p.prepare.rotated = headRows(absorbed.data() + s.rank, s.rope, row);
    p.prepare.angles = {reinterpret_cast<float2*>(turns.data()), s.rope / 2};
    p.prepare.state = state.data();
    p.prepare.cache = cuda::CacheRows::packed(s.cache, cache.data(), positions, 1, row, s.rope);
    p.kB = {k.stack(), headRows(q.data(), s.nope, query), headRows(absorbed.data(), s.rank, row)};
    p.keyIsTransposed = s.transposed;
    p.attention.q = headRows(absorbed.data(), row, row);
    p.attention.keys = p.prepare.cache;
    p.attention.values = p.prepare.cache.firstCols(s.rank);
    p.attention.state = state.data();
    p.attention.scale = 0.05f;
    p.attention.out = headRows(out.data(), s.rank, s.rank);
    p.vB = {v.stack(), p.attention.out, headRows(values.data(), s.valueDim, s.valueDim)};
    cuda::Work work;
    work.limits = cuda::limitsWith(s.multiprocessors);
    work.memory = memory.data();
    work.bytes = 1 << 20;
    work.overlap = true;
    REQUIRE(cuda::absorbedAttentionMemory(p) <= work.bytes);
    const std::size_t before = emulation::machine().launches;
    if (together) {
        REQUIRE(cuda::absorbedAttention(work, p, workspace->room()).ok());
    } else {
        REQUIRE(cuda::prepareMla(p.prepare, nullptr).ok());
        REQUIRE(
            (s.transposed ? cuda::headProductTransposed(work, p.kB) : cuda::headProduct(work, p.kB))
                .ok());
        REQUIRE(cuda::attention(p.attention, *workspace, nullptr).ok());
        REQUIRE(cuda::headProduct(work, p.vB).ok());
    }
    return {
        absorbed.values(), values.values(), cache.values(), emulation::machine().launches - before};
}

} // namespace

TEST_CASE("together they are three launches that give the same bits")
{
    for (const TensorType type : {TensorType::F16, TensorType::Q8_0, TensorType::Q4_0}) {
        for (const std::size_t tokens : {1u, 3u, 8u}) {
            for (const CacheType cache : {CacheType::F32, CacheType::Bf16, CacheType::Fp8}) {
                const Shape shape{tokens, 5, 96, 16, 32, 40, 100, type, false, cache};
                CAPTURE(static_cast<int>(type));
                CAPTURE(tokens);
                CAPTURE(static_cast<int>(cache));
                const Result apart = run(shape, false);
                const Result one = run(shape, true);
                CHECK(one.absorbed == apart.absorbed);
                CHECK(one.cache == apart.cache);
                CHECK(one.values == apart.values);
                CHECK(one.launches == 3);
            }
        }
    }
    // V2-Lite's sizes, with tensor cores.
    for (const TensorType type : {TensorType::BF16, TensorType::Q8_0}) {
        const Shape shape{1, 16, 512, 64, 128, 128, 70, type};
        const Result apart = run(shape, false);
        const Result one = run(shape, true);
        CHECK(one.cache == apart.cache);
        CHECK(one.values == apart.values);
        CHECK(one.launches == 3);
    }
}

TEST_CASE("transposed keys, one split, and many tokens")
{
    // Rows of the cache are normalised by blocks of another size, so their sums may differ in the last bit.
    for (const std::size_t tokens : {1u, 6u}) {
        const Shape shape{tokens, 3, 96, 16, 33, 40, 50, TensorType::F32, true, CacheType::F32};
        const Result apart = run(shape, false);
        const Result one = run(shape, true);
        CHECK(one.absorbed == apart.absorbed);
        for (std::size_t i = 0; i < one.values.size(); ++i)
            CHECK(std::fabs(one.values[i] - apart.values[i]) <= 1e-5f);
        CHECK(one.launches == 3);
    }
    Shape shape{2, 40, 64, 16, 32, 40, 5, TensorType::Q8_0};
    shape.multiprocessors = 1; // nothing to join
    CHECK(run(shape, true).values == run(shape, false).values);
    CHECK(run(shape, true).launches == 3);
    for (const bool transposed : {false, true}) {
        const Shape many{20, 2, 64, 16, 32, 32, 5, TensorType::Q8_0, transposed};
        CHECK(run(many, true).values == run(many, false).values);
    }
}

TEST_CASE("the order in which threads run makes no difference together either")
{
    const Shape shape{2, 5, 96, 16, 32, 40, 100, TensorType::Q8_0};
    const Result want = run(shape, true);
    cuda::forOrders([&] { CHECK(run(shape, true).values == want.values); });
}
