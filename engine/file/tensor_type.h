#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ponder {

/// How the weights of a tensor are packed. The numbers are GGUF's own.
enum class TensorType : std::uint32_t {
    F32 = 0,
    F16 = 1,
    Q4_0 = 2,
    Q4_1 = 3,
    Q5_0 = 6,
    Q5_1 = 7,
    Q8_0 = 8,
    Q8_1 = 9,
    Q2_K = 10,
    Q3_K = 11,
    Q4_K = 12,
    Q5_K = 13,
    Q6_K = 14,
    Q8_K = 15,
    IQ2_XXS = 16,
    IQ2_XS = 17,
    IQ3_XXS = 18,
    IQ1_S = 19,
    IQ4_NL = 20,
    IQ3_S = 21,
    IQ2_S = 22,
    IQ4_XS = 23,
    I8 = 24,
    I16 = 25,
    I32 = 26,
    I64 = 27,
    F64 = 28,
    IQ1_M = 29,
    BF16 = 30,
    TQ1_0 = 34,
    TQ2_0 = 35,
    MXFP4 = 39,
    /// No type of GGUF: e4m3 bytes with a scale for every 128 x 128 of them, as DeepSeek publishes.
    F8_E4M3 = 0xFFFFFFFE,
};

/// What a file reader must know of a type to find where a tensor ends.
struct TensorTypeTraits {
    TensorType type;
    std::string_view name; ///< as model pages write it: "Q4_K"
    std::uint32_t blockWeights; ///< weights in a block; a row holds whole blocks
    std::uint32_t blockBytes;
};

/// The traits of a raw type number, or nothing where the number is not known.
[[nodiscard]] std::optional<TensorTypeTraits> tensorTypeTraits(std::uint32_t raw);

/// "Q4_K"; "unknown" where the number is not known.
[[nodiscard]] std::string_view tensorTypeName(TensorType type);

} // namespace ponder
