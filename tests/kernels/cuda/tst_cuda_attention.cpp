#include "kernels/cuda/attention/attention.h"

#include <cmath>
#include <limits>
#include <memory>

#include "kernels/cpu/attention/attention.h"
#include "kernels/cuda/attention/pack_row.h"
#include "kernels/selfcheck/random.h"
#include "tests/kernels/cuda/emulated.h"
#include "tests/kernels/variants.h"

namespace cuda = ponder::kernels::cuda;
using namespace ponder::kernels;

namespace {

struct Shape {
    std::size_t tokens, heads, kvHeads, keyDim, valueDim;
    std::size_t first = 0; // position of token 0
    std::size_t window = 0;
    bool sinks = false;
    bool latent = false; // values are the beginnings of the keys
    float scale = 0.2f;
    int multiprocessors = 4;

    /// Of an Fp8 key, the columns that stay in bf16.
    [[nodiscard]] std::size_t fine() const { return latent ? keyDim - valueDim : 0; }
    [[nodiscard]] std::string text() const
    {
        std::string all;
        for (const std::size_t number : {tokens, heads, kvHeads, keyDim, valueDim, first, window})
            all += std::to_string(number) + ' ';
        return all + (sinks ? "sinks " : "") + (latent ? "latent" : "");
    }
};

// Makes rows what a cache keeps of them.
void roundRows(CacheType type, std::size_t cols, std::size_t fine, std::vector<float>& numbers)
{
    std::vector<std::uint8_t> bytes(CacheRow::bytes(type, cols, fine));
    for (std::size_t at = 0; at < numbers.size(); at += cols)
        cuda::packRow(type, fine, std::span(numbers).subspan(at, cols), bytes.data());
}

// A step's numbers as the processor has them; keys and values are what the cache's type can hold.
struct Case : Shape {
    std::vector<float> q, keys, values, sinkScores;
    CacheType type;

    Case(Random& random, const Shape& shape, CacheType cacheType)
        : Shape(shape)
        , q(random.floats(tokens * heads * keyDim))
        , keys(random.floats(positions() * kvHeads * keyDim))
        , values(random.floats(latent ? 0 : positions() * kvHeads * valueDim))
        , sinkScores(random.floats(sinks ? heads : 0, -2.0f, 3.0f))
        , type(cacheType)
    {
        roundRows(type, keyDim, fine(), keys);
        roundRows(type, valueDim, 0, values);
    }
    [[nodiscard]] std::size_t positions() const { return first + tokens; }
};

std::vector<float> onProcessor(const Case& c)
{
    VariantCpu cpu(Variant::Reference);
    std::vector<float> out(c.tokens * c.heads * c.valueDim);
    Attention attention;
    Attention::Params p;
    const std::size_t seen = c.positions();
    p.q = {c.q.data(), c.tokens, c.heads, c.keyDim, c.heads * c.keyDim, c.keyDim};
    p.keys = {c.keys.data(), seen, c.kvHeads, c.keyDim, c.keyDim, seen * c.keyDim};
    p.values = c.latent
        ? ConstHeadRows{c.keys.data(), seen, c.kvHeads, c.valueDim, c.keyDim, p.keys.headStride}
        : ConstHeadRows{
              c.values.data(), seen, c.kvHeads, c.valueDim, c.valueDim, seen * c.valueDim};
    p.firstPosition = c.first;
    p.window = c.window;
    p.scale = c.scale;
    p.sinks = c.sinkScores;
    p.out = {out.data(), c.tokens, c.heads, c.valueDim, c.heads * c.valueDim, c.valueDim};
    attention.run(cpu, p);
    return out;
}

// A cache with room for more positions than are filled; the rest is no number.
class Cache {
public:
    Cache(const std::vector<float>& numbers, CacheType type, std::size_t positions,
        std::size_t heads, std::size_t cols, std::size_t fine = 0)
        : m_bytes(bytesOf(numbers, type, positions, heads, cols, fine))
        , m_rows(
              cuda::CacheRows::packed(type, m_bytes.data(), positions + kSpare, heads, cols, fine))
    {
    }
    [[nodiscard]] const cuda::CacheRows& rows() const { return m_rows; }

private:
    static constexpr std::size_t kSpare = 5;

    static std::vector<std::uint8_t> bytesOf(std::vector<float> numbers, CacheType type,
        std::size_t positions, std::size_t heads, std::size_t cols, std::size_t fine)
    {
        const std::size_t row = CacheRow::bytes(type, cols, fine);
        std::vector<std::uint8_t> bytes(heads * (positions + kSpare) * row, 0xFF);
        for (std::size_t i = 0; i < numbers.size() / cols; ++i)
            cuda::packRow(type, fine, std::span(numbers).subspan(i * cols, cols),
                &bytes[(i + i / positions * kSpare) * row]);
        return bytes;
    }
    cuda::OnDevice<std::uint8_t> m_bytes;
    cuda::CacheRows m_rows;
};

// piece: positions that a step sees; 0: all in one.
std::vector<float> onGpu(const Case& c, std::size_t piece = 0)
{
    cuda::EmulatedGpu gpu;
    const cuda::OnDevice<float> q(c.q), sinks(c.sinkScores), out(c.tokens * c.heads * c.valueDim);
    const Cache keys(c.keys, c.type, c.positions(), c.kvHeads, c.keyDim, c.fine());
    const Cache values(c.values, c.type, c.positions(), c.latent ? 0 : c.kvHeads, c.valueDim);
    const cuda::OnDevice<cuda::StepState> state(
        std::vector<cuda::StepState>{{static_cast<std::int32_t>(c.first)}});
    auto workspace = cuda::AttentionWorkspace::create(
        c.tokens, c.heads, c.valueDim, cuda::limitsWith(c.multiprocessors));
    REQUIRE(workspace.has_value());
    cuda::AttentionStep step;
    step.q = {q.data(), c.tokens, c.heads, c.keyDim, c.heads * c.keyDim, c.keyDim};
    step.keys = keys.rows();
    step.values = c.latent ? keys.rows().firstCols(c.valueDim) : values.rows();
    step.state = state.data();
    step.window = c.window;
    step.scale = c.scale;
    step.sinks = c.sinks ? sinks.data() : nullptr;
    step.out = {out.data(), c.tokens, c.heads, c.valueDim, c.heads * c.valueDim, c.valueDim};
    if (piece == 0) {
        REQUIRE(cuda::attention(step, *workspace, nullptr).ok());
        return out.values();
    }
    // Each piece has another address, and NaN follows it.
    const std::size_t least = cuda::leastFloats(c.tokens, c.heads, c.valueDim);
    const cuda::OnDevice<float> room(3 * least);
    std::vector<std::unique_ptr<Cache>> caches;
    const auto rowsOf = [&](const std::vector<float>& numbers, std::size_t cols, std::size_t fine,
                            std::size_t count) {
        std::vector<float> part;
        for (std::size_t h = 0; h < c.kvHeads; ++h) {
            const auto* from = &numbers[(h * c.positions() + step.firstPosition) * cols];
            part.insert(part.end(), from, from + count * cols);
        }
        caches.push_back(std::make_unique<Cache>(part, c.type, count, c.kvHeads, cols, fine));
        cuda::CacheRows rows = caches.back()->rows();
        rows.positions = count;
        return rows;
    };
    for (std::size_t first = 0; first < c.positions(); first += piece) {
        const std::size_t count = std::min(piece, c.positions() - first);
        step.firstPosition = first;
        step.keys = rowsOf(c.keys, c.keyDim, c.fine(), count);
        step.values
            = c.latent ? step.keys.firstCols(c.valueDim) : rowsOf(c.values, c.valueDim, 0, count);
        step.begins = first == 0;
        step.ends = first + count == c.positions();
        const cuda::AttentionRoom memory{
            room.data(), 3 * least, cuda::limitsWith(c.multiprocessors)};
        REQUIRE(cuda::attention(step, memory, nullptr).ok());
    }
    return out.values();
}

void compare(const Case& c, double tolerance = 3e-6, std::size_t piece = 0)
{
    CAPTURE(c.text());
    CAPTURE(static_cast<int>(c.type));
    CAPTURE(piece);
    const auto want = onProcessor(c);
    const auto got = onGpu(c, piece);
    double worst = 0;
    for (std::size_t i = 0; i < want.size(); ++i) {
        const double error = std::fabs(static_cast<double>(got[i]) - want[i]);
        worst = error > worst || std::isnan(error) ? error : worst;
    }
    CHECK(worst <= tolerance);
}

Shape latent(Shape shape)
{
    shape.latent = true;
    return shape;
}

Shape withSinks(Shape shape)
{
    shape.sinks = true;
    return shape;
}

} // namespace

TEST_CASE("attention on the GPU is the processor's")
{
    Random random(31);
    for (const CacheType type : {CacheType::F32, CacheType::Bf16, CacheType::Fp8}) {
        for (const Shape& shape : {latent({1, 16, 1, 96, 64, 0}), latent({1, 16, 1, 96, 64, 300}),
                 latent({1, 4, 1, 576, 496, 70}), latent({3, 20, 1, 48, 32, 65}),
                 latent({40, 4, 1, 48, 32, 9}), Shape{1, 8, 2, 64, 56, 200},
                 Shape{1, 8, 8, 64, 72, 31}, Shape{2, 14, 2, 128, 120, 130},
                 Shape{1, 6, 2, 40, 24, 77}, Shape{5, 6, 2, 33, 130, 12},
                 withSinks({1, 8, 2, 64, 48, 150}), withSinks({37, 8, 2, 64, 48, 60, 16}),
                 Shape{1, 4, 1, 32, 32, 500, 128}, Shape{70, 2, 1, 32, 32, 0, 11},
                 Shape{1, 2, 1, 32, 300, 40}})
            compare(Case(random, shape, type));
    }
}

TEST_CASE("decoding with tensor cores loses nothing of queries and weights")
{
    Random random(36);
    for (const Shape& shape : {latent({1, 16, 1, 576, 512, 130}), latent({1, 5, 1, 576, 512, 3}),
             latent({2, 20, 1, 576, 512, 65}), Shape{1, 8, 2, 64, 64, 200},
             withSinks({3, 16, 2, 64, 64, 90, 32}), Shape{1, 8, 4, 128, 128, 77},
             Shape{2, 2, 2, 192, 128, 40}}) {
        for (const int multiprocessors : {1, 16}) {
            Shape s = shape;
            s.multiprocessors = multiprocessors;
            s.scale = 0.05f;
            compare(Case(random, s, CacheType::Bf16), 1e-5);
            compare(Case(random, s, CacheType::Fp8), 1e-5); // what the cache holds is bf16, too
        }
    }
}

TEST_CASE("prompts with tensor cores")
{
    Random random(37);
    for (const Shape& shape : {latent({20, 4, 1, 576, 512, 50}), Shape{70, 4, 2, 64, 64, 0},
             withSinks({40, 4, 2, 64, 64, 30, 16}), Shape{33, 4, 1, 128, 128, 9},
             Shape{67, 2, 2, 192, 128, 5}}) {
        for (const int multiprocessors : {1, 16}) {
            Shape s = shape;
            s.multiprocessors = multiprocessors;
            s.scale = 0.05f;
            compare(Case(random, s, CacheType::Bf16), 1e-2); // queries and weights are bfloat16
            compare(Case(random, s, CacheType::Fp8), 1e-2);
        }
    }
}

TEST_CASE("keys that come in pieces give what they give in one")
{
    Random random(40);
    for (const Shape& shape : {Shape{9, 3, 3, 48, 32, 0}, Shape{20, 4, 2, 33, 30, 41},
             withSinks({17, 4, 2, 40, 24, 50, 12}), latent({1, 4, 1, 48, 32, 70})}) {
        for (const int multiprocessors : {1, 16}) {
            for (const std::size_t piece : {1u, 7u, 32u, 1000u}) {
                Shape s = shape;
                s.multiprocessors = multiprocessors;
                compare(Case(random, s, CacheType::F32), 3e-6, piece);
            }
        }
    }
    for (const Shape& shape : {Shape{67, 2, 2, 192, 128, 5}, Shape{12, 2, 2, 192, 128, 100},
             latent({20, 4, 1, 576, 512, 50})}) {
        for (const int multiprocessors : {1, 16}) {
            for (const std::size_t piece : {33u, 64u}) {
                Shape s = shape;
                s.multiprocessors = multiprocessors;
                s.scale = 0.05f;
                compare(Case(random, s, CacheType::Bf16), 1e-2, piece);
            }
        }
    }
}

TEST_CASE("the order in which threads run makes no difference")
{
    Random random(32);
    for (const Shape& shape : {latent({2, 16, 1, 96, 64, 150}), latent({1, 16, 1, 576, 512, 70}),
             Shape{11, 8, 2, 64, 64, 70}}) {
        for (const CacheType type : {CacheType::Bf16, CacheType::Fp8}) {
            const Case c(random, shape, type);
            const auto want = onGpu(c);
            cuda::forOrders([&] { CHECK(onGpu(c) == want); });
        }
    }
}

TEST_CASE("a recorded step fits every length of the text")
{
    Random random(38);
    // Row p of the cache is row p of all of these.
    const Case longest(random, latent({1, 16, 1, 576, 512, 200}), CacheType::Bf16);
    cuda::EmulatedGpu gpu;
    const Cache cache(longest.keys, longest.type, longest.positions(), 1, 576);
    const cuda::OnDevice<float> q(longest.q), out(16 * 512);
    const cuda::OnDevice<cuda::StepState> state(1);
    auto stream = cuda::Stream::create();
    auto workspace = cuda::AttentionWorkspace::create(1, 16, 512, cuda::limitsWith(4));
    REQUIRE((stream && workspace));
    cuda::AttentionStep step;
    step.q = {q.data(), 1, 16, 576, 16 * 576, 576};
    step.keys = cache.rows();
    step.values = cache.rows().firstCols(512);
    step.state = state.data();
    step.scale = 0.05f;
    step.out = {out.data(), 1, 16, 512, 16 * 512, 512};
    auto recorder = cuda::GraphRecorder::begin(stream->get());
    REQUIRE(recorder.has_value());
    REQUIRE(cuda::attention(step, *workspace, stream->get()).ok());
    auto graph = recorder->finish();
    REQUIRE(graph.has_value());
    for (const std::size_t position : {0u, 31u, 32u, 150u, 200u}) {
        CAPTURE(position);
        const cuda::StepState at{static_cast<std::int32_t>(position)};
        REQUIRE(cuda::upload(std::span<const cuda::StepState>(&at, 1), state.data(), stream->get())
                .ok());
        REQUIRE(graph->launch(stream->get()).ok());
        REQUIRE(stream->wait().ok());
        Case c = longest;
        c.first = position;
        c.scale = 0.05f;
        const auto want = onProcessor(c);
        const auto got = out.values();
        for (std::size_t i = 0; i < want.size(); ++i)
            REQUIRE(std::fabs(got[i] - want[i]) <= 1e-5f);
    }
}

TEST_CASE("more splits than positions, and one split")
{
    Random random(33);
    for (const int multiprocessors : {1, 32, 200}) {
        Shape shape = latent({1, 8, 1, 96, 64, 40});
        shape.multiprocessors = multiprocessors;
        compare(Case(random, shape, CacheType::Bf16));
    }
}

TEST_CASE("scores far apart neither overflow nor vanish")
{
    Random random(34);
    for (const bool sinks : {false, true}) {
        Shape shape = latent({1, 2, 1, 32, 16, 200});
        shape.sinks = sinks;
        shape.scale = 300.0f;
        compare(Case(random, shape, CacheType::F32), 2e-3);
    }
}

TEST_CASE("a NaN among what a head sees is seen, and nothing of another head's")
{
    Random random(35);
    for (const CacheType type : {CacheType::F32, CacheType::Bf16, CacheType::Fp8}) {
        for (const std::size_t dim : {32u, 64u}) { // plainly, and with tensor cores
            CAPTURE(static_cast<int>(type));
            CAPTURE(dim);
            Case c(random, {1, 4, 2, dim, dim, 90}, type);
            c.values[20 * dim + 3] = std::numeric_limits<float>::quiet_NaN();
            const auto got = onGpu(c);
            for (std::size_t i = 0; i < got.size(); ++i)
                CHECK(std::isnan(got[i]) == (i < 2 * dim && i % dim == 3));
        }
    }
}

TEST_CASE("what 8 bits cost is bounded")
{
    // e4m3 has 3 bits of mantissa: a number v of a group whose largest is m comes back within
    // v / 16 + m / 2^17 (half a step of what is subnormal there; a scale is less than m / 224). So a
    // score moves by at most d = scale * sum |q| (|k| / 16 + m / 2^17), every softmax weight by a factor
    // within exp(-2d) ... exp(2d), and the sum of weighted values by at most
    //   sum w (|v| (exp(2d) - 1) + (|v| / 16 + m / 2^17) exp(2d)).
    Random random(39);
    for (const Shape& shape : {latent({1, 8, 1, 576, 512, 130}), latent({12, 4, 1, 96, 64, 60}),
             Shape{1, 8, 2, 64, 64, 100}, Shape{1, 6, 2, 33, 130, 77}}) {
        Shape s = shape;
        s.scale = 1.0f / static_cast<float>(shape.keyDim);
        const Case exact(random, s, CacheType::F32);
        Case c = exact;
        c.type = CacheType::Fp8;
        CAPTURE(c.text());
        const auto want = onProcessor(exact);
        const auto got = onGpu(c); // its cache rounds
        constexpr double kStep = 1.0 / 16, kFloor = 0x1p-17; // numbers are up to 1
        double difference = 0, size = 0;
        for (std::size_t t = 0; t < c.tokens; ++t) {
            for (std::size_t h = 0; h < c.heads; ++h) {
                const std::size_t g = h * c.kvHeads / c.heads;
                const float* q = &c.q[(t * c.heads + h) * c.keyDim];
                std::vector<double> weights;
                double moved = 0, sum = 0;
                for (std::size_t p = 0; p <= c.first + t; ++p) {
                    const float* k = &c.keys[(g * c.positions() + p) * c.keyDim];
                    double score = 0, off = 0;
                    for (std::size_t i = 0; i < c.keyDim; ++i) {
                        score += double(q[i]) * k[i];
                        off += std::fabs(q[i]) * (std::fabs(k[i]) * kStep + kFloor);
                    }
                    moved = std::max(moved, off * s.scale);
                    weights.push_back(std::exp(score * s.scale));
                    sum += weights.back();
                }
                const double grown = std::exp(2 * moved);
                for (std::size_t i = 0; i < c.valueDim; ++i) {
                    double bound = 1e-5; // sums in f32
                    for (std::size_t p = 0; p < weights.size(); ++p) {
                        const double v = c.latent
                            ? c.keys[p * c.keyDim + i]
                            : c.values[(g * c.positions() + p) * c.valueDim + i];
                        bound += weights[p] / sum
                            * (std::fabs(v) * (grown - 1)
                                + (std::fabs(v) * kStep + kFloor) * grown);
                    }
                    if (c.tokens > 8) // a prompt's queries and weights are rounded
                        bound *= 1.05;
                    const std::size_t at = (t * c.heads + h) * c.valueDim + i;
                    const double error = double(got[at]) - want[at];
                    REQUIRE(std::fabs(error) <= bound);
                    difference += error * error;
                    size += double(want[at]) * want[at];
                }
            }
        }
        MESSAGE(c.text() << ": " << std::sqrt(difference / size) << " of the result");
        CHECK(difference > 0);
        CHECK(std::sqrt(difference / size) < 0.04);
    }
}
