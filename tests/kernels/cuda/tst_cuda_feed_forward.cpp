#include "kernels/cuda/moe/feed_forward.h"

#include <cmath>
#include <optional>

#include "kernels/cpu/moe/feed_forward.h"
#include "kernels/cpu/norm/rms_norm.h"
#include "kernels/cuda/moe/expert_places.h"
#include "tests/kernels/cuda/on_device.h"
#include "tests/kernels/variants.h"

using namespace ponder::kernels;
using namespace ponder::kernels::cuda;

namespace {

using Floats = std::vector<float>;

struct Types {
    TensorType gate, up, down;
};

/// Random experts, with biases or without, on both sides.
struct Experts {
    Experts(Random& random, std::size_t count, std::size_t d, std::size_t ff, const Types& types,
        bool biased = false, Activation u = {})
        : gate(random, types.gate, count, ff, d, 0.3f)
        , up(random, types.up, count, ff, d, 0.3f)
        , down(random, types.down, count, d, ff, 0.3f)
        , activation(u)
    {
        if (biased) {
            gateBias = random.floats(count * ff);
            upBias = random.floats(count * ff);
            downBias = random.floats(count * d);
        }
    }

    [[nodiscard]] ExpertWeights onCpu() const
    {
        return {.gate = gate.stack(),
            .up = up.stack(),
            .down = down.stack(),
            .gateBias = gateBias,
            .upBias = upBias,
            .downBias = downBias,
            .activation = activation};
    }

    RandomWeights gate, up, down;
    Floats gateBias, upBias, downBias;
    Activation activation;
};

/// The same in device memory.
class OnGpu {
public:
    explicit OnGpu(const Experts& e)
        : m_gate(e.gate.stack())
        , m_up(e.up.stack())
        , m_down(e.down.stack())
        , m_biases{OnDevice<float>(padded(e.gateBias)), OnDevice<float>(padded(e.upBias)),
              OnDevice<float>(padded(e.downBias))}
    {
        m_all.gate = m_gate.stack();
        m_all.up = m_up.stack();
        m_all.down = m_down.stack();
        if (!e.gateBias.empty()) {
            m_all.gateBias = m_biases[0].data();
            m_all.upBias = m_biases[1].data();
            m_all.downBias = m_biases[2].data();
        }
        m_all.activation = e.activation;
    }
    [[nodiscard]] const DeviceExperts* operator&() const { return &m_all; }
    [[nodiscard]] DeviceExperts& all() { return m_all; }

private:
    static Floats padded(Floats f)
    {
        f.resize(std::max<std::size_t>(f.size(), 1));
        return f;
    }
    DeviceWeights m_gate, m_up, m_down;
    OnDevice<float> m_biases[3];
    DeviceExperts m_all;
};

struct Case {
    const Experts* shared = nullptr;
    const Experts* routed = nullptr;
    Floats x; // [tokens, d]
    std::vector<std::int32_t> ids; // [tokens, used]
    Floats weights;
    std::size_t tokens = 1, used = 0, d = 0;
    Floats norm;
};

Floats onCpu(const Case& c)
{
    VariantCpu cpu(Variant::Reference);
    Floats x = c.x;
    if (!c.norm.empty())
        rmsNorm(cpu, {c.x.data(), c.tokens, c.d}, c.norm, 1e-5f, {x.data(), c.tokens, c.d});
    Activations packed;
    packed.pack(cpu, {x.data(), c.tokens, c.d});
    Floats y = c.x; // the stream
    FeedForward network;
    const FloatRows out{y.data(), c.tokens, c.d};
    if (c.routed != nullptr)
        network.experts(cpu, c.routed->onCpu(), packed, c.ids, c.weights, c.used, out, true);
    if (c.shared != nullptr)
        network.dense(cpu, c.shared->onCpu(), packed, out, true);
    return y;
}

Floats onGpu(const Case& c, int multiprocessors = 2, bool overlap = false)
{
    std::optional<OnGpu> shared;
    std::optional<OnGpu> routed;
    if (c.shared != nullptr)
        shared.emplace(*c.shared);
    if (c.routed != nullptr)
        routed.emplace(*c.routed);
    const OnDevice<float> stream(c.x), weights(c.weights.empty() ? Floats(1) : c.weights),
        norm(c.norm.empty() ? Floats(1) : c.norm);
    const OnDevice<std::int32_t> ids(c.ids.empty() ? std::vector<std::int32_t>(1) : c.ids);
    FeedForwardArgs args;
    args.x = {stream.data(), c.tokens, c.d};
    args.out = {stream.data(), c.tokens, c.d};
    if (!c.norm.empty())
        args.norm = {norm.data(), 1e-5f};
    args.shared = shared ? &*shared : nullptr;
    args.routed = routed ? &*routed : nullptr;
    args.ids = ids.data();
    args.weights = weights.data();
    args.used = c.used;
    const OnDevice<std::byte> memory(feedForwardMemory(args));
    Work work;
    work.limits = limitsWith(multiprocessors);
    work.memory = memory.data();
    work.bytes = feedForwardMemory(args);
    work.overlap = overlap;
    const Status status = feedForward(work, args);
    REQUIRE_MESSAGE(status.ok(), status.text());
    return stream.values();
}

void checkClose(const Floats& got, const Floats& want,
    double limit = 5e-5) // what a few roundings of 15-bit numbers to the other side make
{
    double largest = 0;
    for (const float v : want)
        largest = std::max(largest, std::fabs(static_cast<double>(v)));
    for (std::size_t i = 0; i < got.size(); ++i) {
        CAPTURE(i);
        REQUIRE(std::fabs(static_cast<double>(got[i]) - want[i]) <= limit * largest);
    }
}

Case routedCase(Random& random, const Experts& routed, std::size_t tokens, std::size_t used)
{
    Case c;
    c.routed = &routed;
    c.tokens = tokens;
    c.used = used;
    c.d = routed.down.stack().rows;
    c.x = random.floats(tokens * c.d);
    const auto count = static_cast<std::int32_t>(routed.gate.stack().count);
    for (std::size_t t = 0; t < tokens; ++t)
        for (std::size_t k = 0; k < used; ++k)
            c.ids.push_back(static_cast<std::int32_t>(t * 5 + k * 3) % count);
    c.weights = random.floats(tokens * used, 0.1f, 1.0f);
    return c;
}

constexpr Types kQ4K = {TensorType::Q4_K, TensorType::Q4_K, TensorType::Q5_0};

} // namespace

TEST_CASE("chosen and shared experts of mixed types are the processor's")
{
    Random random(1);
    const Types mixes[] = {kQ4K, {TensorType::Q6_K, TensorType::Q4_K, TensorType::Q8_0},
        {TensorType::BF16, TensorType::Q8_0, TensorType::F16},
        {TensorType::F8_E4M3, TensorType::F8_E4M3, TensorType::F8_E4M3},
        {TensorType::IQ2_XXS, TensorType::IQ3_S, TensorType::IQ4_NL}};
    for (const Types& types : mixes) {
        CAPTURE(traits(types.gate).name);
        const Experts routed(random, 7, 256, 96, types);
        const Experts shared(
            random, 1, 256, 192, {TensorType::Q8_0, TensorType::Q8_0, TensorType::Q5_1});
        for (const std::size_t tokens : {1u, 3u, 8u, 20u}) {
            CAPTURE(tokens);
            Case c = routedCase(random, routed, tokens, 2);
            c.shared = &shared;
            c.norm = random.floats(256, 0.5f, 1.5f);
            EmulatedGpu gpu;
            checkClose(onGpu(c, 2, tokens == 1), onCpu(c));
        }
    }
}

TEST_CASE("experts with biases and gpt-oss's activation, of sizes that fill no tile")
{
    Random random(2);
    const Activation clamped{Activation::Kind::ClampedSwiGlu, 1.702f, 0.9f};
    const Types types = {TensorType::MXFP4, TensorType::MXFP4, TensorType::MXFP4};
    const Experts routed(random, 4, 96, 160, types, true, clamped);
    const Experts plain(
        random, 5, 75, 33, {TensorType::F32, TensorType::BF16, TensorType::F16}, true);
    for (const Experts* experts : {&routed, &plain}) {
        for (const std::size_t tokens : {1u, 5u, 9u}) {
            const Case c = routedCase(random, *experts, tokens, 3);
            EmulatedGpu gpu;
            checkClose(onGpu(c), onCpu(c));
        }
    }
}

TEST_CASE("a dense layer, alone, with more hidden numbers than shared memory holds")
{
    Random random(3);
    const Experts dense(
        random, 1, 256, 16384, {TensorType::Q4_0, TensorType::Q4_0, TensorType::Q4_K});
    for (const std::size_t tokens : {1u, 8u}) {
        Case c;
        c.shared = &dense;
        c.tokens = tokens;
        c.d = 256;
        c.x = random.floats(tokens * 256);
        c.norm = random.floats(256);
        EmulatedGpu gpu;
        checkClose(onGpu(c, 1, true), onCpu(c));
    }
}

TEST_CASE("a token's result is the same alone and among others, in any order of threads")
{
    Random random(4);
    const Experts routed(random, 6, 256, 96, kQ4K);
    const Experts shared(
        random, 1, 256, 64, {TensorType::Q8_0, TensorType::Q8_0, TensorType::Q8_0});
    Case c = routedCase(random, routed, 8, 3);
    c.shared = &shared;
    Floats all;
    forOrders([&] {
        EmulatedGpu gpu;
        const Floats now = onGpu(c, 3);
        CHECK((all.empty() || all == now));
        all = now;
    });
    for (const std::size_t t : {0u, 4u, 7u}) {
        Case one = c;
        one.tokens = 1;
        one.x.assign(c.x.begin() + static_cast<long>(t * 256),
            c.x.begin() + static_cast<long>((t + 1) * 256));
        one.ids.assign(c.ids.begin() + static_cast<long>(t * 3),
            c.ids.begin() + static_cast<long>((t + 1) * 3));
        one.weights.assign(c.weights.begin() + static_cast<long>(t * 3),
            c.weights.begin() + static_cast<long>((t + 1) * 3));
        EmulatedGpu gpu;
        const Floats got = onGpu(one, 3);
        CHECK(std::equal(got.begin(), got.end(), all.begin() + static_cast<long>(t * 256)));
    }
}

TEST_CASE("many tokens, most of them with one expert")
{
    Random random(6);
    const Experts routed(random, 5, 256, 96, kQ4K, true);
    Case c = routedCase(random, routed, 150, 2);
    for (std::size_t i = 0; i < c.ids.size(); ++i) // tiles of 64 tokens, and experts without any
        c.ids[i] = i % 2 == 0 ? 3 : i % 14 == 1 ? 0 : -1;
    Case here = c;
    for (std::size_t i = 0; i < c.ids.size(); ++i) {
        if (here.ids[i] < 0) {
            here.ids[i] = 0;
            here.weights[i] = 0;
        }
    }
    Floats all;
    forOrders([&] {
        EmulatedGpu gpu;
        const Floats now = onGpu(c);
        CHECK((all.empty() || all == now));
        all = now;
    });
    checkClose(all, onCpu(here));
}

TEST_CASE("experts that are not here add nothing; one named twice counts twice")
{
    Random random(5);
    const Experts routed(random, 4, 256, 96, kQ4K);
    for (const std::size_t tokens : {1u, 2u}) {
        Case c = routedCase(random, routed, tokens, 4);
        c.ids.assign({-1, 2, 2, 4});
        if (tokens == 2)
            c.ids.insert(c.ids.end(), {2, 1000000, 0, 2});
        Case here = c; // what is left, on the CPU
        for (std::size_t i = 0; i < here.ids.size(); ++i) {
            if (here.ids[i] < 0 || here.ids[i] >= 4) {
                here.ids[i] = 0;
                here.weights[i] = 0;
            }
        }
        EmulatedGpu gpu;
        checkClose(onGpu(c), onCpu(here));
    }
    // Places with nothing in them.
    Case c = routedCase(random, routed, 2, 2);
    c.ids = {0, 1, 1, 3};
    Case here = c;
    here.weights[1] = here.weights[2] = 0;
    EmulatedGpu gpu;
    OnGpu device(routed);
    std::vector<MatrixPlace> gate, up, down;
    for (std::size_t e = 0; e < 4; ++e) {
        gate.push_back({device.all().gate.matrix(e).data, nullptr});
        up.push_back({device.all().up.matrix(e).data, nullptr});
        down.push_back({e == 1 ? nullptr : device.all().down.matrix(e).data, nullptr});
    }
    const OnDevice<MatrixPlace> gates(gate), ups(up), downs(down);
    device.all().gate.places = gates.data();
    device.all().up.places = ups.data();
    device.all().down.places = downs.data();
    const OnDevice<float> x(c.x), out(c.x), weights(c.weights);
    const OnDevice<std::int32_t> ids(c.ids);
    FeedForwardArgs args;
    args.x = {x.data(), 2, 256};
    args.out = {out.data(), 2, 256};
    args.routed = &device;
    args.ids = ids.data();
    args.weights = weights.data();
    args.used = 2;
    const OnDevice<std::byte> memory(feedForwardMemory(args));
    Work work;
    work.memory = memory.data();
    work.bytes = feedForwardMemory(args);
    REQUIRE(feedForward(work, args).ok());
    checkClose(out.values(), onCpu(here));
    work.bytes = 256; // less than what is between the two launches
    CHECK(feedForward(work, args).code == cudaErrorInvalidValue);
}

TEST_CASE("experts that come a few at a time add up to all of them")
{
    Random random(8);
    const Experts routed(random, 7, 256, 96, kQ4K, true);
    const Experts plain(
        random, 7, 75, 33, {TensorType::F32, TensorType::BF16, TensorType::F16}, true);
    for (const Experts* experts : {&routed, &plain}) {
        for (const std::size_t tokens : {1u, 5u, 70u}) {
            CAPTURE(tokens);
            Case c = routedCase(random, *experts, tokens, 3);
            c.norm = random.floats(c.d, 0.5f, 1.5f);
            EmulatedGpu gpu;
            OnGpu device(*experts);
            const DeviceExperts whole = device.all();
            const OnDevice<float> x(c.x), out(c.x), weights(c.weights), norm(c.norm);
            const OnDevice<std::int32_t> ids(c.ids);
            FeedForwardArgs args;
            args.x = {x.data(), tokens, c.d};
            args.norm = {norm.data(), 1e-5f};
            args.out = {out.data(), tokens, c.d};
            args.routed = &device;
            args.ids = ids.data();
            args.weights = weights.data();
            args.used = 3;
            const OnDevice<std::byte> memory(feedForwardMemory(args));
            Work work;
            work.memory = memory.data();
            work.bytes = feedForwardMemory(args);
            for (std::size_t first = 0; first < 7; first += 3) { // three, three and one
                std::vector<MatrixPlace> places(3 * 7);
                for (std::size_t e = first; e < std::min<std::size_t>(first + 3, 7); ++e) {
                    places[e].data = whole.gate.matrix(e).data;
                    places[7 + e].data = whole.up.matrix(e).data;
                    places[14 + e].data = whole.down.matrix(e).data;
                }
                const OnDevice<MatrixPlace> table(places);
                device.all().gate.places = table.data();
                device.all().up.places = table.data() + 7;
                device.all().down.places = table.data() + 14;
                device.all().gate.data = device.all().up.data = device.all().down.data = nullptr;
                REQUIRE(feedForward(work, args).ok());
                REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
            }
            checkClose(out.values(), onCpu(c));
            CHECK(x.values() == c.x);
        }
    }
}

TEST_CASE("an expert's places are set, and no other's")
{
    EmulatedGpu gpu;
    const std::vector<std::byte> here(3);
    const std::vector<float> scales(1);
    const OnDevice<MatrixPlace> table(std::vector<MatrixPlace>(3 * 5));
    const std::array<MatrixPlace, 3> places
        = {{{&here[0], nullptr}, {&here[1], scales.data()}, {&here[2], nullptr}}};
    REQUIRE(setExpertPlaces(table.data(), 5, 3, places, nullptr).ok());
    const auto got = table.values();
    for (std::size_t i = 0; i < got.size(); ++i) {
        CHECK(got[i].data == (i % 5 == 3 ? &here[i / 5] : nullptr));
        CHECK(got[i].scales == (i == 8 ? scales.data() : nullptr));
    }
}

TEST_CASE("8-bit floats whose experts lie each in a place of their own, with scales of their own")
{
    Random random(7);
    constexpr std::size_t kExperts = 3, kD = 200, kFf = 160; // no multiples of the scales' 128
    /// The experts of one matrix: on the CPU and on the GPU.
    struct Places {
        Places(Random& r, std::size_t rows, std::size_t cols)
        {
            for (std::size_t e = 0; e < kExperts; ++e) {
                weights.emplace_back(r, TensorType::F8_E4M3, 1, rows, cols, 0.3f);
                device.emplace_back(weights.back().stack());
            }
            std::vector<MatrixPlace> places;
            for (std::size_t e = 0; e < kExperts; ++e) {
                onCpu.push_back({weights[e].matrix().data, weights[e].matrix().scales.data});
                places.push_back({device[e].matrix().data, device[e].matrix().scales.data});
            }
            onGpu.emplace(places);
        }
        [[nodiscard]] WeightStack stack(const MatrixPlace* places) const
        {
            WeightStack stack = weights[0].stack();
            stack.data = nullptr;
            stack.scales.data = nullptr;
            stack.count = kExperts;
            stack.places = places;
            return stack;
        }
        std::vector<RandomWeights> weights;
        std::vector<DeviceWeights> device;
        std::vector<MatrixPlace> onCpu;
        std::optional<OnDevice<MatrixPlace>> onGpu;
    };
    for (const std::size_t tokens : {1u, 3u, 20u}) {
        CAPTURE(tokens);
        EmulatedGpu gpu;
        const Places gate(random, kFf, kD), up(random, kFf, kD), down(random, kD, kFf);
        const Floats x = random.floats(tokens * kD);
        const Floats weights = random.floats(tokens * 2, 0.1f, 1.0f);
        std::vector<std::int32_t> ids;
        for (std::size_t i = 0; i < tokens * 2; ++i)
            ids.push_back(static_cast<std::int32_t>((i * 2 + i / 6) % kExperts));
        VariantCpu cpu(Variant::Reference);
        Activations packed;
        packed.pack(cpu, {x.data(), tokens, kD});
        Floats want = x;
        FeedForward().experts(cpu,
            {.gate = gate.stack(gate.onCpu.data()),
                .up = up.stack(up.onCpu.data()),
                .down = down.stack(down.onCpu.data())},
            packed, ids, weights, 2, {want.data(), tokens, kD}, true);

        const OnDevice<float> stream(x), w(weights);
        const OnDevice<std::int32_t> chosen(ids);
        DeviceExperts routed;
        routed.gate = gate.stack(gate.onGpu->data());
        routed.up = up.stack(up.onGpu->data());
        routed.down = down.stack(down.onGpu->data());
        FeedForwardArgs args;
        args.x = {stream.data(), tokens, kD};
        args.out = {stream.data(), tokens, kD};
        args.routed = &routed;
        args.ids = chosen.data();
        args.weights = w.data();
        args.used = 2;
        const OnDevice<std::byte> memory(feedForwardMemory(args));
        Work work;
        work.limits = limitsWith(2);
        work.memory = memory.data();
        work.bytes = feedForwardMemory(args);
        REQUIRE(feedForward(work, args).ok());
        checkClose(stream.values(), want);
    }
}

TEST_CASE("experts that are chosen on the way are those that a router chooses, with the same bits")
{
    struct Row {
        std::size_t tokens;
        std::uint32_t experts, used, groups, groupsUsed;
        RouterRule::Score score;
        bool inside = true;
    };
    using Score = RouterRule::Score;
    for (const Row& row : {Row{1, 7, 3, 1, 1, Score::Softmax}, Row{1, 12, 2, 4, 2, Score::Sigmoid},
             Row{1, 256, 8, 8, 4, Score::Sigmoid}, Row{8, 12, 2, 4, 2, Score::Sigmoid, false},
             Row{1, 33, 4, 1, 1, Score::SoftmaxOfChosen},
             Row{1, 300, 4, 1, 1, Score::Softmax, false}, // more than fit
             Row{20, 12, 2, 4, 2, Score::Sigmoid, false}}) { // a prompt
        CAPTURE(row.tokens);
        CAPTURE(row.experts);
        constexpr std::size_t kD = 64, kFf = 32;
        Random random(71);
        const Types types{TensorType::Q8_0, TensorType::Q8_0, TensorType::Q4_0};
        const Experts routed(random, row.experts, kD, kFf, types);
        const Experts shared(random, 1, kD, kFf, types);
        const Floats x = random.floats(row.tokens * kD);
        const Floats norm = random.floats(kD, 0.5f, 1.5f);
        const Floats scores = random.floats(row.tokens * row.experts, -3.0f, 3.0f);
        const Floats bias = random.floats(row.experts);
        const Floats selection = random.floats(row.experts);
        struct Outcome {
            Floats out, weights;
            std::vector<std::int32_t> ids;
            std::size_t launches;
        };
        const auto run = [&](bool onTheWay) {
            EmulatedGpu gpu;
            const OnGpu r(routed), s(shared);
            const OnDevice<float> in(x), normWeights(norm), logits(scores), logitBias(bias),
                selectionBias(selection), out(Floats(x.size(), 0.25f)),
                weights(row.tokens * row.used);
            const OnDevice<std::int32_t> ids(row.tokens * row.used);
            RouterStep route;
            route.rule.score = row.score;
            route.rule.groupScore = RouterRule::GroupScore::TwoBest;
            route.rule.experts = row.experts;
            route.rule.used = row.used;
            route.rule.groups = row.groups;
            route.rule.groupsUsed = row.groupsUsed;
            route.rule.normalise = true;
            route.rule.scale = 2.5f;
            route.logits = {logits.data(), row.tokens, row.experts};
            route.logitBias = logitBias.data();
            route.selectionBias = selectionBias.data();
            route.experts = ids.data();
            route.weights = weights.data();
            FeedForwardArgs args;
            args.x = {in.data(), row.tokens, kD};
            args.norm = {normWeights.data(), 1e-5f};
            args.out = {out.data(), row.tokens, kD};
            args.shared = &s;
            args.routed = &r;
            args.ids = ids.data();
            args.weights = weights.data();
            args.used = row.used;
            if (onTheWay)
                args.route = &route;
            const OnDevice<std::byte> memory(feedForwardMemory(args));
            Work work;
            work.limits = limitsWith(4);
            work.memory = memory.data();
            work.bytes = feedForwardMemory(args);
            work.overlap = true;
            const std::size_t before = ponder::emulation::machine().launches;
            if (!onTheWay)
                REQUIRE(ponder::kernels::cuda::route(route, nullptr).ok());
            REQUIRE(feedForward(work, args).ok());
            return Outcome{out.values(), weights.values(), ids.values(),
                ponder::emulation::machine().launches - before};
        };
        const Outcome want = run(false);
        const Outcome got = run(true);
        CHECK(got.ids == want.ids);
        CHECK(got.weights == want.weights);
        CHECK(got.out == want.out);
        CHECK(got.launches == want.launches - (row.inside ? 1 : 0));
    }
}
