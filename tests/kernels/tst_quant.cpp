#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include <doctest/doctest.h>

#include "kernels/cpu/dispatch/kernel_table.h"
#include "kernels/cpu/quant/activations.h"
#include "kernels/cpu/quant/rows.h"
#include "kernels/selfcheck/random.h"
#include "kernels/types/half.h"
#include "tests/kernels/variants.h"

using namespace ponder::kernels;

namespace {

// A block of zeros with a half at the given place.
std::vector<std::byte> block(TensorType type, std::size_t at, float scale)
{
    std::vector<std::byte> bytes(traits(type).bytesPerBlock);
    const std::uint16_t half = floatToHalf(scale);
    std::memcpy(bytes.data() + at, &half, sizeof half);
    return bytes;
}

std::vector<float> weights(TensorType type, const std::vector<std::byte>& bytes)
{
    std::vector<float> w(traits(type).weightsPerBlock);
    dequantizeRow(type, bytes.data(), w);
    return w;
}

} // namespace

TEST_CASE("types have GGUF's numbers, names and sizes")
{
    CHECK(tensorTypeFromGguf(12) == TensorType::Q4_K);
    CHECK(tensorTypeFromGguf(30) == TensorType::BF16);
    CHECK(tensorTypeFromGguf(16) == TensorType::IQ2_XXS);
    CHECK(tensorTypeFromGguf(39) == TensorType::MXFP4);
    CHECK(traits(TensorType::IQ2_XXS).name == "IQ2_XXS");
    for (const std::uint32_t unknown :
        {4U, 36U, 63U, 127U, 128U, 255U, 256U + 12U, 9999U, 0xFFFFFFFFU})
        CHECK(!tensorTypeFromGguf(unknown)); // 4 was withdrawn; 128 is F8_E4M3, which GGUF has not
    for (const TensorTraits& t : supportedTensorTypes()) {
        CHECK(&traits(t.type) == &t);
        CHECK(t.supported);
        const bool isOwn = t.type == TensorType::F8_E4M3;
        CHECK(tensorTypeFromGguf(static_cast<std::uint32_t>(t.type)).has_value() != isOwn);
    }
}

TEST_CASE("a file may have types that no kernel computes with")
{
    for (const std::uint32_t number : {9U, 15U, 26U, 28U, 40U}) {
        const auto type = tensorTypeFromGguf(number);
        REQUIRE(type);
        CHECK(!traits(*type).supported);
        CHECK(rowBytes(*type, 256)
            == 256 / traits(*type).weightsPerBlock * traits(*type).bytesPerBlock);
    }
    CHECK(traits(TensorType::Q8_1).name == "Q8_1");
}

TEST_CASE("tables of functions have a place for each supported type, and no other")
{
    std::size_t next = 0;
    for (const TensorTraits& t : supportedTensorTypes())
        CHECK(kernelIndex(t.type) == next++);
    CHECK(next == kSupportedTypes);
}

TEST_CASE("sizes are checked for odd blocks and for overflow")
{
    CHECK(rowBytes(TensorType::Q4_K, 512) == 288u);
    CHECK(rowBytes(TensorType::Q8_0, 96) == 102u);
    CHECK(rowBytes(TensorType::F16, 3) == 6u);
    CHECK(!rowBytes(TensorType::Q4_K, 320));
    CHECK(!rowBytes(TensorType::F32, std::numeric_limits<std::uint64_t>::max() / 2));
    CHECK(matrixBytes(TensorType::Q5_0, 10, 64) == 440u);
    CHECK(matrixBytes(TensorType::Q5_0, 10, 0) == 0u);
    CHECK(!matrixBytes(TensorType::Q5_0, std::numeric_limits<std::uint64_t>::max() / 8, 64));
}

TEST_CASE("halves to floats and back, all of them")
{
    for (std::uint32_t bits = 0; bits < 65536; ++bits) {
        const auto half = static_cast<std::uint16_t>(bits);
        const float value = halfToFloat(half);
        if (std::isnan(value)) {
            REQUIRE((half & 0x7FFF) > 0x7C00);
            REQUIRE(std::isnan(halfToFloat(floatToHalf(value))));
        } else {
            REQUIRE(floatToHalf(value) == half);
        }
        const float wide = bfloat16ToFloat(half);
        if (!std::isnan(wide)) {
            REQUIRE(floatToBfloat16(wide) == half);
        }
    }
    CHECK(halfToFloat(0x3C00) == 1.0f);
    CHECK(halfToFloat(0x0001) == 0x1p-24f);
    CHECK(halfToFloat(0xFBFF) == -65504.0f);
    CHECK(floatToHalf(65520.0f) == 0x7C00);
    CHECK(floatToHalf(65519.0f) == 0x7BFF);
    CHECK(floatToHalf(1.0f + 0x1p-11f) == 0x3C00); // ties to even
    CHECK(floatToHalf(1.0f + 3 * 0x1p-11f) == 0x3C02);
    CHECK(floatToHalf(0x1p-25f) == 0);
    CHECK(floatToBfloat16(1.0f + 0x1p-8f) == 0x3F80);
    CHECK(std::isnan(bfloat16ToFloat(floatToBfloat16(std::numeric_limits<float>::quiet_NaN()))));
}

TEST_CASE("Q4_0: the low halves of 16 bytes, then the high ones, less 8")
{
    std::vector<std::byte> b = block(TensorType::Q4_0, 0, 0.5f);
    b[2] = std::byte{0xF1};
    b[17] = std::byte{0x3C};
    const std::vector<float> w = weights(TensorType::Q4_0, b);
    CHECK(w[0] == 0.5f * (1 - 8));
    CHECK(w[16] == 0.5f * (15 - 8));
    CHECK(w[15] == 0.5f * (12 - 8));
    CHECK(w[31] == 0.5f * (3 - 8));
    CHECK(w[7] == -4.0f);
}

TEST_CASE("Q5_0: a fifth bit for each weight, less 16")
{
    std::vector<std::byte> b = block(TensorType::Q5_0, 0, 2.0f);
    b[6] = std::byte{0x21};
    b[2] = std::byte{0x01}; // weight 0
    b[4] = std::byte{0x02}; // weight 17
    b[5] = std::byte{0x80}; // weight 31
    const std::vector<float> w = weights(TensorType::Q5_0, b);
    CHECK(w[0] == 2.0f * (1 + 16 - 16));
    CHECK(w[16] == 2.0f * (2 - 16));
    CHECK(w[17] == 0.0f);
    CHECK(w[31] == 0.0f);
    CHECK(w[1] == -32.0f);
}

TEST_CASE("Q8_0: signed bytes")
{
    std::vector<std::byte> b = block(TensorType::Q8_0, 0, 0.25f);
    b[2] = std::byte{0x80};
    b[33] = std::byte{0x7F};
    const std::vector<float> w = weights(TensorType::Q8_0, b);
    CHECK(w[0] == -32.0f);
    CHECK(w[31] == 127 * 0.25f);
}

TEST_CASE("Q4_K: eight groups with six-bit scales and minimums")
{
    std::vector<std::byte> b = block(TensorType::Q4_K, 0, 0.5f);
    const std::uint16_t dmin = floatToHalf(0.25f);
    std::memcpy(b.data() + 2, &dmin, sizeof dmin);
    b[4] = std::byte{0x80 | 33}; // scale 0 is 33; upper bits of scale 4 are 2
    b[8] = std::byte{0x40 | 21}; // minimum 0 is 21; upper bits of minimum 4 are 1
    b[12] = std::byte{0x5A}; // lower bits of scale 4 are 10, of minimum 4 are 5
    b[16] = std::byte{0x07}; // weight 0 of group 0 is 7
    b[16 + 64 + 31] = std::byte{0x9E}; // weight 31 of group 4 is 14, of group 5 is 9
    const std::vector<float> w = weights(TensorType::Q4_K, b);
    CHECK(w[0] == 0.5f * 33 * 7 - 0.25f * 21);
    CHECK(w[1] == -0.25f * 21);
    CHECK(w[4 * 32 + 31] == 0.5f * (2 * 16 + 10) * 14 - 0.25f * (16 + 5));
    CHECK(w[5 * 32 + 31] == 0.0f); // scale 5 is nothing
}

TEST_CASE("Q5_K: Q4_K with a fifth bit")
{
    std::vector<std::byte> b = block(TensorType::Q5_K, 0, 1.0f);
    b[4 + 1] = std::byte{3}; // scale 1
    b[16 + 5] = std::byte{0x02}; // fifth bit of weight 5 of group 1
    b[48 + 5] = std::byte{0x4F}; // its lower bits are 4; group 0 has scale 0
    b[48 + 6] = std::byte{0x20};
    const std::vector<float> w = weights(TensorType::Q5_K, b);
    CHECK(w[32 + 5] == 3.0f * (16 + 4));
    CHECK(w[32 + 6] == 3.0f * 2);
    CHECK(w[5] == 0.0f);
}

TEST_CASE("Q6_K: a signed scale for every 16 weights, less 32")
{
    std::vector<std::byte> b = block(TensorType::Q6_K, 208, 0.5f);
    b[192 + 0] = std::byte{2};
    b[192 + 1] = static_cast<std::byte>(-3);
    b[192 + 12] = std::byte{1}; // weights 192 .. 207
    b[16] = std::byte{0x0B}; // weight 16
    b[128 + 16] = std::byte{0x03}; // its upper bits
    b[64] = std::byte{0x90}; // weight 192 of the second half
    b[160] = std::byte{0x20};
    const std::vector<float> w = weights(TensorType::Q6_K, b);
    CHECK(w[0] == 0.5f * 2 * -32);
    CHECK(w[16] == 0.5f * -3 * (3 * 16 + 11 - 32));
    CHECK(w[192] == 0.5f * (2 * 16 + 9 - 32));
}

TEST_CASE("a row written as Q8_0 is near what it was")
{
    Random random(51);
    const std::vector<float> x = random.floats(320, -3.0f, 3.0f);
    std::vector<std::byte> bytes(*rowBytes(TensorType::Q8_0, x.size()));
    quantizeRowQ8_0(x, bytes.data());
    std::vector<float> y(x.size());
    dequantizeRow(TensorType::Q8_0, bytes.data(), y);
    for (std::size_t i = 0; i < x.size(); ++i) {
        CHECK(std::fabs(x[i] - y[i]) < 3.0f / 127 * 0.51f);
    }
    quantizeRowQ8_0(std::vector<float>(32), bytes.data());
    dequantizeRow(TensorType::Q8_0, bytes.data(), std::span(y).first(32));
    CHECK(y[0] == 0.0f);
}

TEST_CASE("activations are packed alike by every variant")
{
    Random random(52);
    std::vector<float> x = random.floats(7 * 96, -4.0f, 4.0f);
    x[3 * 96 + 40] = std::numeric_limits<float>::infinity();
    x[5 * 96] = std::numeric_limits<float>::quiet_NaN();
    for (std::size_t i = 0; i < 32; ++i) {
        x[64 + i] = 0;
        x[96 + i] *= 1e-38f;
        x[2 * 96 + i] *= 8e37f;
    }
    std::vector<ActivationBlock> expected(3);
    forVariants([&](Variant variant) {
        VariantCpu cpu(variant);
        Activations packed;
        packed.pack(cpu, {x.data(), 7, 96});
        REQUIRE(packed.hasBlocks());
        for (std::size_t r = 0; r < 7; ++r) {
            CHECK(packed.floats(r) == x.data() + r * 96);
            kReferenceKernels.quantize(x.data() + r * 96, 96, expected.data());
            CHECK(std::memcmp(packed.blocks(r), expected.data(), sizeof(ActivationBlock) * 3) == 0);
        }
        const ActivationBlock& first = packed.blocks(0)[0];
        std::int32_t sum = 0;
        for (std::size_t i = 0; i < 32; ++i) {
            const std::int32_t q = first.high[i] * 128 + first.low[i];
            CHECK(std::fabs(static_cast<float>(q) * first.scale - x[i]) <= first.scale * 0.502f);
            sum += q;
        }
        CHECK(first.halfSums[0] + first.halfSums[1] == sum);
        CHECK(first.sum == first.scale * static_cast<float>(sum));
        CHECK(packed.blocks(0)[2].scale == 0.0f);
        CHECK(std::isnan(packed.blocks(3)[1].scale));
        CHECK(std::isnan(packed.blocks(5)[0].sum));
        CHECK(!std::isnan(packed.blocks(5)[1].sum));
    });
}

TEST_CASE("activations of an odd width have no blocks")
{
    Cpu cpu({.threads = 1});
    const std::vector<float> x(3 * 20);
    Activations packed;
    packed.pack(cpu, {x.data(), 3, 20});
    CHECK(!packed.hasBlocks());
    CHECK(packed.rows() == 3);
    CHECK(packed.cols() == 20);
}
