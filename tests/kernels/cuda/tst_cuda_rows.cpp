#include "kernels/cuda/quant/rows.h"

#include <cstring>

#include "kernels/cpu/quant/rows.h"
#include "tests/kernels/cuda/on_device.h"

using namespace ponder::kernels;
using namespace ponder::kernels::cuda;

namespace {

std::uint32_t bitsOf(float value)
{
    std::uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return value != value ? 0x7FC00000u : bits;
}

/// Every number that a row of bytes stands for, on the CPU and on the GPU.
void checkRow(TensorType type, const std::vector<std::byte>& row, std::size_t cols)
{
    std::vector<float> want(cols);
    const std::vector<float> scales(cols / kScaleBlock + 1, 0.37f);
    dequantizeRow(type, row.data(), want, type == TensorType::F8_E4M3 ? scales.data() : nullptr);
    EmulatedGpu gpu;
    const OnDevice<std::byte> bytes(row);
    const OnDevice<float> deviceScales(scales), out(cols);
    WeightView w = weightView(type, bytes.data(), 1, cols);
    if (type == TensorType::F8_E4M3)
        w.scales = {deviceScales.data(), scales.size(), 0};
    REQUIRE(dequantizeRows(nullptr, w, nullptr, {out.data(), 1, cols}).ok());
    const std::vector<float> got = out.values();
    for (std::size_t i = 0; i < cols; ++i) {
        CAPTURE(i);
        REQUIRE(bitsOf(got[i]) == bitsOf(want[i]));
    }
}

} // namespace

TEST_CASE("weights of every type are the processor's, to the bit, whatever their bytes")
{
    Random random(1);
    for (const TensorTraits& t : supportedTensorTypes()) {
        CAPTURE(t.name);
        const std::size_t cols = t.weightsPerBlock == 1 ? 3 * 256 + 5 : 24 * t.weightsPerBlock;
        std::vector<std::byte> row(*rowBytes(t.type, cols));
        for (std::byte& byte : row)
            byte = static_cast<std::byte>(random.bits());
        checkRow(t.type, row, cols);
    }
}

TEST_CASE("every 8-bit float, every half and every bfloat16")
{
    std::vector<std::byte> bytes(256);
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<std::byte>(i);
    checkRow(TensorType::F8_E4M3, bytes, bytes.size());
    std::vector<std::byte> words(2 * 65536);
    for (std::size_t i = 0; i < words.size(); ++i)
        words[i] = static_cast<std::byte>(i % 2 == 0 ? i / 2 : i / 512);
    checkRow(TensorType::F16, words, 65536);
    checkRow(TensorType::BF16, words, 65536);
}

TEST_CASE("chosen rows of a table")
{
    Random random(2);
    for (const TensorType type : {TensorType::Q4_K, TensorType::F8_E4M3, TensorType::Q5_0}) {
        const RandomWeights table(random, type, 1, 300, 512);
        EmulatedGpu gpu;
        const DeviceWeights w(table.stack());
        const std::vector<std::int32_t> ids = {299, 0, 130, 127, 128, 0};
        const OnDevice<std::int32_t> deviceIds(ids);
        const OnDevice<float> out(ids.size() * 520);
        REQUIRE(dequantizeRows(
            nullptr, w.matrix(), deviceIds.data(), {out.data(), ids.size(), 512, 520})
                .ok());
        const std::vector<float> got = out.values();
        for (std::size_t i = 0; i < ids.size(); ++i) {
            std::vector<float> want(512);
            const auto r = static_cast<std::size_t>(ids[i]);
            dequantizeRow(type, table.matrix().row(r), want, table.matrix().scales.row(r));
            CHECK(std::equal(want.begin(), want.end(), got.begin() + static_cast<long>(i * 520)));
        }
    }
}
