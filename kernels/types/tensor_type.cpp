#include "kernels/types/tensor_type.h"

#include <array>
#include <cassert>
#include <limits>

namespace ponder::kernels {

namespace {

constexpr auto kTraits = std::to_array<TensorTraits>({
#define PONDER_FLOAT_TYPE(name, id, weights, bytes)                                                \
    {TensorType::name, #name, weights, bytes, false, true},
#define PONDER_QUANT_TYPE(name, id, weights, bytes)                                                \
    {TensorType::name, #name, weights, bytes, true, true},
#define PONDER_FILE_TYPE(name, id, weights, bytes)                                                 \
    {TensorType::name, #name, weights, bytes, false, false},
#include "kernels/types/tensor_types.def"
#undef PONDER_FLOAT_TYPE
#undef PONDER_QUANT_TYPE
#undef PONDER_FILE_TYPE
});

constexpr std::uint8_t kUnknown = 0xFF;

/// By a type's number: its row in kTraits, or kUnknown.
constexpr auto kRows = [] {
    std::array<std::uint8_t, 256> rows{};
    rows.fill(kUnknown);
    for (std::size_t i = 0; i < kTraits.size(); ++i)
        rows[static_cast<std::size_t>(kTraits[i].type)] = static_cast<std::uint8_t>(i);
    return rows;
}();

// kernelIndex() is a row of kTraits.
static_assert(kTraits[kSupportedTypes - 1].supported && !kTraits[kSupportedTypes].supported);

} // namespace

const TensorTraits& traits(TensorType type)
{
    assert(kRows[static_cast<std::size_t>(type)] != kUnknown);
    return kTraits[kRows[static_cast<std::size_t>(type)]];
}

std::size_t kernelIndex(TensorType type)
{
    assert(traits(type).supported);
    return kRows[static_cast<std::size_t>(type)];
}

std::span<const TensorTraits> supportedTensorTypes()
{
    return std::span(kTraits).first(kSupportedTypes);
}

std::optional<TensorType> tensorTypeFromGguf(std::uint32_t number)
{
    if (number >= kFirstOwnType || kRows[number] == kUnknown)
        return std::nullopt;
    return static_cast<TensorType>(number);
}

std::optional<std::size_t> rowBytes(TensorType type, std::uint64_t cols)
{
    const TensorTraits& t = traits(type);
    if (cols % t.weightsPerBlock != 0)
        return std::nullopt;
    const std::uint64_t blocks = cols / t.weightsPerBlock;
    if (blocks > std::numeric_limits<std::size_t>::max() / t.bytesPerBlock)
        return std::nullopt;
    return static_cast<std::size_t>(blocks * t.bytesPerBlock);
}

std::optional<std::size_t> matrixBytes(TensorType type, std::uint64_t rows, std::uint64_t cols)
{
    const std::optional<std::size_t> row = rowBytes(type, cols);
    if (!row || (*row != 0 && rows > std::numeric_limits<std::size_t>::max() / *row))
        return std::nullopt;
    return static_cast<std::size_t>(rows * *row);
}

} // namespace ponder::kernels
