#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace ponder::kernels {

/// How the numbers of a tensor are written. The values are ponder's own; GGUF's numbers for
/// them are in the traits.
enum class TensorType : std::uint8_t {
#define PONDER_FLOAT_TYPE(name, id, weights, bytes) name,
#define PONDER_QUANT_TYPE(name, id, weights, bytes) name,
#include "kernels/cpu/quant/tensor_types.def"
#undef PONDER_FLOAT_TYPE
#undef PONDER_QUANT_TYPE
};

inline constexpr std::size_t kTensorTypeCount = 0
#define PONDER_FLOAT_TYPE(name, id, weights, bytes) +1
#define PONDER_QUANT_TYPE(name, id, weights, bytes) +1
#include "kernels/cpu/quant/tensor_types.def"
#undef PONDER_FLOAT_TYPE
#undef PONDER_QUANT_TYPE
    ;

inline constexpr std::uint32_t kNoGgmlType = 0xFFFFFFFF; ///< of types that GGUF does not have

/// One row of the table of types.
struct TensorTraits {
    TensorType type;
    std::string_view name; ///< as GGUF tools spell it: "Q4_K"
    std::uint32_t ggmlId; ///< the number in a GGUF file, or kNoGgmlType
    std::uint32_t weightsPerBlock; ///< 1 for plain numbers
    std::uint32_t bytesPerBlock;
    bool quantised; ///< false: products use the activations' floats, exactly
};

[[nodiscard]] const TensorTraits& traits(TensorType type);
[[nodiscard]] std::span<const TensorTraits> allTensorTypes();

/// The type with this number in a GGUF file; nothing when ponder has no kernel for it.
[[nodiscard]] std::optional<TensorType> tensorTypeFromGgml(std::uint32_t ggmlId);

/// GGUF's name for the type with this number, also for the types that ponder cannot use
/// ("IQ2_XXS"), for messages; empty when the number is unknown.
[[nodiscard]] std::string_view ggmlTypeName(std::uint32_t ggmlId);

/// Bytes of a row of cols weights. Nothing when cols is no multiple of the block or the
/// result does not fit.
[[nodiscard]] std::optional<std::size_t> rowBytes(TensorType type, std::uint64_t cols);

/// Bytes of rows * cols weights, rows packed one after the other. Nothing as for rowBytes.
[[nodiscard]] std::optional<std::size_t> matrixBytes(
    TensorType type, std::uint64_t rows, std::uint64_t cols);

} // namespace ponder::kernels
