#include "kernels/selfcheck/random.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/cpu/quant/formats/format.h"

namespace ponder::kernels {

namespace {

void put(std::byte* at, std::uint16_t bits)
{
    std::memcpy(at, &bits, sizeof bits);
}

void fillRow(Random& random, TensorType type, std::byte* row, std::size_t cols, float size)
{
    const TensorTraits& t = traits(type);
    if (!t.quantised) {
        for (std::size_t c = 0; c < cols; ++c, row += t.bytesPerBlock) {
            const float value = random.uniform(-size, size);
            if (type == TensorType::F32) {
                std::memcpy(row, &value, sizeof value);
            } else if (type == TensorType::F8_E4M3) {
                const auto byte = static_cast<std::uint8_t>(random.bits());
                row[0] = static_cast<std::byte>((byte & 0x7F) == 0x7F ? 0 : byte); // no NaN
            } else {
                put(row, type == TensorType::F16 ? floatToHalf(value) : floatToBfloat16(value));
            }
        }
        return;
    }
    for (std::size_t c = 0; c < cols; c += t.weightsPerBlock, row += t.bytesPerBlock) {
        for (std::size_t i = 0; i < t.bytesPerBlock; ++i) {
            row[i] = static_cast<std::byte>(random.bits());
        }
        // Blocks of 256 multiply two scales, so theirs are smaller.
        const float scale = size / (t.weightsPerBlock == 256 ? 1024.0f : 64.0f);
        if (type == TensorType::MXFP4) { // its scale is an exponent
            const int exponent = static_cast<int>(random.bits() % 2) + std::ilogb(size / 16);
            row[0] = static_cast<std::byte>(std::clamp(exponent + 128, 0, 255));
        }
        if (type == TensorType::IQ1_M) { // its scale lies in four places
            const std::uint16_t bits = floatToHalf(random.uniform(0.5f, 1.0f) * scale);
            for (int i = 0; i < 4; ++i) {
                row[49 + 2 * i] &= std::byte{0x0F};
                row[49 + 2 * i] |= static_cast<std::byte>(((bits >> (4 * i)) & 15) << 4);
            }
        }
        for (const int half : format(type).halves) {
            if (half >= 0) {
                put(row + half, floatToHalf(random.uniform(0.5f, 1.0f) * scale));
            }
        }
    }
}

} // namespace

std::uint64_t Random::bits()
{
    m_state ^= m_state >> 12;
    m_state ^= m_state << 25;
    m_state ^= m_state >> 27;
    return (m_state * 2685821657736338717u) >> 16;
}

float Random::uniform(float low, float high)
{
    return low + (high - low) * static_cast<float>(bits() & 0xFFFFFF) / 16777216.0f;
}

void Random::fill(std::span<float> out, float low, float high)
{
    for (float& value : out) {
        value = uniform(low, high);
    }
}

std::vector<float> Random::floats(std::size_t count, float low, float high)
{
    std::vector<float> result(count);
    fill(result, low, high);
    return result;
}

RandomWeights::RandomWeights(Random& random, TensorType type, std::size_t count, std::size_t rows,
    std::size_t cols, float size, std::size_t misalignment, std::size_t padding)
{
    constexpr std::size_t kAlignment = 64;
    const std::size_t bytes = rowBytes(type, cols).value_or(0);
    const std::size_t stride = bytes + padding;
    m_bytes.resize(2 * kAlignment + count * rows * stride);
    const auto address = reinterpret_cast<std::uintptr_t>(m_bytes.data());
    m_start = (kAlignment - address % kAlignment) % kAlignment + misalignment % kAlignment;
    m_bytes.resize(m_start + count * rows * stride - (count * rows > 0 ? padding : 0));
    BlockScales scales;
    if (type == TensorType::F8_E4M3) { // one grid for all matrices, as for the heads of a tensor
        const std::size_t across = (cols + kScaleBlock - 1) / kScaleBlock;
        m_scales = random.floats(
            (count * rows + kScaleBlock - 1) / kScaleBlock * across, 0.5f * size, size);
        for (float& scale : m_scales) {
            scale /= 448;
        }
        scales = {m_scales.data(), across, 0};
    }
    m_stack
        = {type, m_bytes.data() + m_start, count, rows, cols, stride, rows * stride, scales, rows};
    for (std::size_t r = 0; r < count * rows; ++r) {
        fillRow(random, type, row(r), cols, size);
    }
}

std::byte* RandomWeights::row(std::size_t r)
{
    return m_bytes.data() + m_start + r * m_stack.rowStride;
}

} // namespace ponder::kernels
