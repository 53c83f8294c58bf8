#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace ponder::kernels {

/// How the weights of a tensor are packed. The numbers are GGUF's, where GGUF has the type.
enum class TensorType : std::uint8_t {
#define PONDER_FLOAT_TYPE(name, id, weights, bytes) name = id,
#define PONDER_QUANT_TYPE PONDER_FLOAT_TYPE
#define PONDER_FILE_TYPE PONDER_FLOAT_TYPE
#include "kernels/types/tensor_types.def"
#undef PONDER_FLOAT_TYPE
#undef PONDER_QUANT_TYPE
#undef PONDER_FILE_TYPE
};

/// Types that GGUF has no number for begin here. GGUF's numbers were below 64 in 2026.
inline constexpr std::uint32_t kFirstOwnType = 128;

/// How many types have kernels.
inline constexpr std::size_t kSupportedTypes = 0
#define PONDER_FLOAT_TYPE(name, id, weights, bytes) +1
#define PONDER_QUANT_TYPE PONDER_FLOAT_TYPE
#include "kernels/types/tensor_types.def"
#undef PONDER_FLOAT_TYPE
#undef PONDER_QUANT_TYPE
    ;

/// One row of the table of types.
struct TensorTraits {
    TensorType type;
    std::string_view name; ///< as model pages write it: "Q4_K"
    std::uint32_t weightsPerBlock; ///< 1 for plain numbers; a row holds whole blocks
    std::uint32_t bytesPerBlock;
    bool quantised; ///< false: products use the activations' floats, exactly
    bool supported; ///< false: a file may have it, but no kernel computes with it
};

[[nodiscard]] const TensorTraits& traits(TensorType type);

/// Where a supported type's function is in a table of the types' functions: 0 to kSupportedTypes - 1.
/// Precondition: traits(type).supported.
[[nodiscard]] std::size_t kernelIndex(TensorType type);

/// The types that kernels compute with, in the order of kernelIndex().
[[nodiscard]] std::span<const TensorTraits> supportedTensorTypes();

/// The type with this number in a GGUF file, supported or not; nullopt where the number is not known.
[[nodiscard]] std::optional<TensorType> tensorTypeFromGguf(std::uint32_t number);

/// Bytes of a row of cols weights. Nothing when cols is no multiple of the block or the
/// result does not fit.
[[nodiscard]] std::optional<std::size_t> rowBytes(TensorType type, std::uint64_t cols);

/// Bytes of rows * cols weights, rows contiguous. Nothing as for rowBytes.
[[nodiscard]] std::optional<std::size_t> matrixBytes(
    TensorType type, std::uint64_t rows, std::uint64_t cols);

} // namespace ponder::kernels
