#include "kernels/cuda/rope/rope.h"

#include <numeric>

#include "kernels/cpu/rope/rope.h"
#include "kernels/selfcheck/random.h"
#include "tests/kernels/cuda/emulated.h"
#include "tests/kernels/variants.h"

namespace cuda = ponder::kernels::cuda;
using namespace ponder::kernels;

TEST_CASE("angles of any position are the processor's, YaRN and attentionFactor included")
{
    RopeParams params{.dim = 64, .factor = 40, .attentionFactor = 1.25f};
    for (const std::int32_t position : {0, 1, 4095, 131071}) {
        constexpr std::size_t kTokens = 3;
        RopeAngles want(params);
        std::vector<std::int32_t> positions(kTokens);
        std::iota(positions.begin(), positions.end(), position);
        want.setPositions(positions);
        cuda::EmulatedGpu gpu;
        const cuda::OnDevice<float> frequencies(
            std::vector<float>(want.frequencies().begin(), want.frequencies().end()));
        const cuda::OnDevice<cuda::StepState> state(std::vector<cuda::StepState>{{position}});
        const cuda::OnDevice<float2> angles(kTokens * 32);
        REQUIRE(cuda::makeRopeAngles(frequencies.data(), 32, params.attentionFactor, state.data(),
            kTokens, angles.data(), nullptr)
                .ok());
        const auto got = angles.values();
        for (std::size_t t = 0; t < kTokens; ++t) {
            for (std::size_t i = 0; i < 32; ++i) {
                REQUIRE(got[t * 32 + i].x == doctest::Approx(want.cos(t)[i]).epsilon(1e-6));
                REQUIRE(got[t * 32 + i].y == doctest::Approx(want.sin(t)[i]).epsilon(1e-6));
            }
        }
    }
}

TEST_CASE("heads turn as on the processor, in place and elsewhere, in both styles")
{
    Random random(5);
    for (const std::size_t dim : {2u, 6u, 64u, 128u}) {
        for (const RopeLayout layout : {RopeLayout::Interleaved, RopeLayout::HalfSplit}) {
            for (const bool inPlace : {true, false}) {
                CAPTURE(dim);
                constexpr std::size_t kTokens = 3, kHeads = 5;
                const std::size_t stride = dim + 3; // a head has more numbers than turn
                auto x = random.floats(kTokens * kHeads * stride);
                RopeAngles angles(RopeParams{.dim = static_cast<std::uint32_t>(dim)});
                const std::vector<std::int32_t> positions{7, 8, 9};
                angles.setPositions(positions);
                std::vector<float2> pairs(kTokens * dim / 2);
                for (std::size_t t = 0; t < kTokens; ++t) {
                    for (std::size_t i = 0; i < dim / 2; ++i)
                        pairs[t * dim / 2 + i] = {angles.cos(t)[i], angles.sin(t)[i]};
                }
                cuda::EmulatedGpu gpu;
                const cuda::OnDevice<float> from(x), to(x);
                const cuda::OnDevice<float2> table(pairs);
                float* target = inPlace ? from.data() : to.data();
                REQUIRE(cuda::rope({table.data(), dim / 2}, layout,
                    {from.data(), kTokens, kHeads, dim, kHeads * stride, stride},
                    {target, kTokens, kHeads, dim, kHeads * stride, stride}, nullptr)
                        .ok());
                VariantCpu cpu(Variant::Reference);
                rope(
                    cpu, angles, layout, {x.data(), kTokens, kHeads, dim, kHeads * stride, stride});
                CHECK((inPlace ? from : to).values() == x);
            }
        }
    }
}
