#include <cmath>
#include <cstring>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "kernels/cpu/dispatch/kernel_table.h"
#include "kernels/cpu/matmul/matmul.h"
#include "kernels/cpu/quant/rows.h"
#include "kernels/selfcheck/random.h"
#include "tests/kernels/variants.h"

using namespace ponder::kernels;

namespace {

// What ggml makes of random blocks: see make_formats.py.
struct Truth {
    std::size_t blocks = 0;
    std::uint64_t hash = 0;
    std::string block;
    std::string floats;
};

std::map<std::string, Truth> readTruth()
{
    std::ifstream file(PONDER_SOURCE_DIR "/tests/data/formats/formats.txt");
    std::map<std::string, Truth> all;
    std::string name;
    Truth truth;
    while (file >> name >> truth.blocks >> std::hex >> truth.hash >> std::dec >> truth.block
        >> truth.floats) {
        all[name] = truth;
    }
    return all;
}

std::uint32_t bitsOf(float value)
{
    std::uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return std::isnan(value) ? 0x7FC00000u : bits;
}

std::uint64_t hashOf(const std::vector<float>& values)
{
    std::uint64_t hash = 0xCBF29CE484222325u;
    for (const float value : values) {
        hash = (hash ^ bitsOf(value)) * 0x100000001B3u;
    }
    return hash;
}

std::vector<std::byte> randomBytes(Random& random, std::size_t count)
{
    std::vector<std::byte> bytes(count);
    for (std::byte& byte : bytes) {
        byte = static_cast<std::byte>(random.bits());
    }
    return bytes;
}

bool same(const std::vector<float>& a, const std::vector<float>& b)
{
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (bitsOf(a[i]) != bitsOf(b[i])) {
            return false;
        }
    }
    return a.size() == b.size();
}

} // namespace

TEST_CASE("blocks mean what they mean to ggml, to the bit")
{
    const std::map<std::string, Truth> all = readTruth();
    for (const TensorTraits& type : supportedTensorTypes()) {
        if (!type.quantised) {
            continue;
        }
        CAPTURE(type.name);
        const auto found = all.find(std::string(type.name));
        REQUIRE(found != all.end());
        const Truth& truth = found->second;

        std::vector<std::byte> block;
        for (std::size_t i = 0; i < truth.block.size(); i += 2) {
            block.push_back(static_cast<std::byte>(std::stoul(truth.block.substr(i, 2), {}, 16)));
        }
        REQUIRE(block.size() == type.bytesPerBlock);
        std::vector<float> weights(type.weightsPerBlock);
        dequantizeRow(type.type, block.data(), weights);
        for (std::size_t i = 0; i < weights.size(); ++i) {
            CAPTURE(i);
            REQUIRE(bitsOf(weights[i]) == std::stoul(truth.floats.substr(8 * i, 8), {}, 16));
        }

        // Random bytes, so there is every index and every sign, and scales that are no numbers.
        Random random(1);
        const std::vector<std::byte> bytes = randomBytes(random, truth.blocks * type.bytesPerBlock);
        std::vector<float> many(truth.blocks * type.weightsPerBlock);
        forVariants([&](Variant variant) {
            VariantCpu cpu(variant);
            cpu.kernels().dequantizeRow[kernelIndex(type.type)](
                bytes.data(), nullptr, many.size(), many.data());
            CHECK(hashOf(many) == truth.hash);
        });
    }
}

TEST_CASE("products with any bytes are the reference's, and read nothing else")
{
    Random random(2);
    constexpr std::size_t kRows = 19, kTokens = 8;
    for (const TensorTraits& type : supportedTensorTypes()) {
        CAPTURE(type.name);
        const std::size_t cols = type.weightsPerBlock == 1 ? 77 : 3 * type.weightsPerBlock;
        const std::vector<std::byte> bytes
            = randomBytes(random, kRows * *rowBytes(type.type, cols));
        WeightView w = weightView(type.type, bytes.data(), kRows, cols);
        const float scale = 0.01f;
        if (type.type == TensorType::F8_E4M3) {
            w.scales = {&scale, 1, 0};
        }
        const std::vector<float> x = random.floats(kTokens * cols);
        for (const std::size_t tokens : {std::size_t{1}, kTokens}) {
            const auto product = [&](Variant variant) {
                VariantCpu cpu(variant);
                Activations activations;
                activations.pack(cpu, {x.data(), tokens, cols});
                std::vector<float> y(tokens * kRows);
                matmul(cpu, w, activations, {y.data(), tokens, kRows});
                return y;
            };
            const std::vector<float> expected = product(Variant::Reference);
            forVariants([&](Variant variant) { CHECK(same(product(variant), expected)); });
        }
    }
}
