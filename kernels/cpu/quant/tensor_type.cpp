#include "kernels/cpu/quant/tensor_type.h"

#include <array>
#include <limits>

#include "kernels/cpu/views.h"

namespace ponder::kernels {

namespace {

constexpr std::array<TensorTraits, kTensorTypeCount> kTraits = {{
#define PONDER_FLOAT_TYPE(name, id, weights, bytes)                                                \
    {TensorType::name, #name, id, weights, bytes, false},
#define PONDER_QUANT_TYPE(name, id, weights, bytes)                                                \
    {TensorType::name, #name, id, weights, bytes, true},
#include "kernels/cpu/quant/tensor_types.def"
#undef PONDER_FLOAT_TYPE
#undef PONDER_QUANT_TYPE
}};

// GGUF's numbers in order; the empty ones were withdrawn.
constexpr std::array<std::string_view, 41> kGgmlNames = {"F32", "F16", "Q4_0", "Q4_1", "", "",
    "Q5_0", "Q5_1", "Q8_0", "Q8_1", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "Q8_K", "IQ2_XXS",
    "IQ2_XS", "IQ3_XXS", "IQ1_S", "IQ4_NL", "IQ3_S", "IQ2_S", "IQ4_XS", "I8", "I16", "I32", "I64",
    "F64", "IQ1_M", "BF16", "", "", "", "TQ1_0", "TQ2_0", "", "", "", "MXFP4", "NVFP4"};

} // namespace

const TensorTraits& traits(TensorType type)
{
    return kTraits[static_cast<std::size_t>(type)];
}

std::span<const TensorTraits> allTensorTypes()
{
    return kTraits;
}

std::optional<TensorType> tensorTypeFromGgml(std::uint32_t ggmlId)
{
    for (const TensorTraits& t : kTraits) {
        if (t.ggmlId == ggmlId && ggmlId != kNoGgmlType) {
            return t.type;
        }
    }
    return std::nullopt;
}

std::string_view ggmlTypeName(std::uint32_t ggmlId)
{
    return ggmlId < kGgmlNames.size() ? kGgmlNames[ggmlId] : std::string_view();
}

std::optional<std::size_t> rowBytes(TensorType type, std::uint64_t cols)
{
    const TensorTraits& t = traits(type);
    if (cols % t.weightsPerBlock != 0) {
        return std::nullopt;
    }
    const std::uint64_t blocks = cols / t.weightsPerBlock;
    if (blocks > std::numeric_limits<std::size_t>::max() / t.bytesPerBlock) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(blocks * t.bytesPerBlock);
}

std::optional<std::size_t> matrixBytes(TensorType type, std::uint64_t rows, std::uint64_t cols)
{
    const std::optional<std::size_t> row = rowBytes(type, cols);
    if (!row || (*row != 0 && rows > std::numeric_limits<std::size_t>::max() / *row)) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(rows * *row);
}

WeightView weightView(TensorType type, const void* data, std::size_t rows, std::size_t cols)
{
    return {
        type, static_cast<const std::byte*>(data), rows, cols, rowBytes(type, cols).value_or(0)};
}

WeightStack weightStack(
    TensorType type, const void* data, std::size_t count, std::size_t rows, std::size_t cols)
{
    const std::size_t stride = rowBytes(type, cols).value_or(0);
    return {type, static_cast<const std::byte*>(data), count, rows, cols, stride, rows * stride};
}

} // namespace ponder::kernels
