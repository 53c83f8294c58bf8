#include "engine/file/tensor_type.h"

#include <algorithm>
#include <array>

namespace ponder {
namespace {

using enum TensorType;

// Block sizes as ggml's ggml-common.h lays the blocks out.
constexpr std::array kTypes = {
    TensorTypeTraits{F32, "F32", 1, 4},
    TensorTypeTraits{F16, "F16", 1, 2},
    TensorTypeTraits{Q4_0, "Q4_0", 32, 18},
    TensorTypeTraits{Q4_1, "Q4_1", 32, 20},
    TensorTypeTraits{Q5_0, "Q5_0", 32, 22},
    TensorTypeTraits{Q5_1, "Q5_1", 32, 24},
    TensorTypeTraits{Q8_0, "Q8_0", 32, 34},
    TensorTypeTraits{Q8_1, "Q8_1", 32, 36},
    TensorTypeTraits{Q2_K, "Q2_K", 256, 84},
    TensorTypeTraits{Q3_K, "Q3_K", 256, 110},
    TensorTypeTraits{Q4_K, "Q4_K", 256, 144},
    TensorTypeTraits{Q5_K, "Q5_K", 256, 176},
    TensorTypeTraits{Q6_K, "Q6_K", 256, 210},
    TensorTypeTraits{Q8_K, "Q8_K", 256, 292},
    TensorTypeTraits{IQ2_XXS, "IQ2_XXS", 256, 66},
    TensorTypeTraits{IQ2_XS, "IQ2_XS", 256, 74},
    TensorTypeTraits{IQ3_XXS, "IQ3_XXS", 256, 98},
    TensorTypeTraits{IQ1_S, "IQ1_S", 256, 50},
    TensorTypeTraits{IQ4_NL, "IQ4_NL", 32, 18},
    TensorTypeTraits{IQ3_S, "IQ3_S", 256, 110},
    TensorTypeTraits{IQ2_S, "IQ2_S", 256, 82},
    TensorTypeTraits{IQ4_XS, "IQ4_XS", 256, 136},
    TensorTypeTraits{I8, "I8", 1, 1},
    TensorTypeTraits{I16, "I16", 1, 2},
    TensorTypeTraits{I32, "I32", 1, 4},
    TensorTypeTraits{I64, "I64", 1, 8},
    TensorTypeTraits{F64, "F64", 1, 8},
    TensorTypeTraits{IQ1_M, "IQ1_M", 256, 56},
    TensorTypeTraits{BF16, "BF16", 1, 2},
    TensorTypeTraits{TQ1_0, "TQ1_0", 256, 54},
    TensorTypeTraits{TQ2_0, "TQ2_0", 256, 66},
    TensorTypeTraits{MXFP4, "MXFP4", 32, 17},
    TensorTypeTraits{F8_E4M3, "F8_E4M3", 1, 1},
};

} // namespace

std::optional<TensorTypeTraits> tensorTypeTraits(std::uint32_t raw)
{
    const auto* found = std::find_if(kTypes.begin(), kTypes.end(),
        [raw](const TensorTypeTraits& t) { return static_cast<std::uint32_t>(t.type) == raw; });
    if (found == kTypes.end())
        return std::nullopt;
    return *found;
}

std::string_view tensorTypeName(TensorType type)
{
    const auto traits = tensorTypeTraits(static_cast<std::uint32_t>(type));
    return traits ? traits->name : "unknown";
}

} // namespace ponder
