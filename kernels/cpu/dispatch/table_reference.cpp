#include "kernels/cpu/dispatch/reference.h"

namespace ponder::kernels {

static_assert(kKernelTypes == kSupportedTypes);

const KernelTable kReferenceKernels = {
    .tileRows = 1,
    .scratchBytes = reference::scratchBytes,
    .rows = {
#define PONDER_FLOAT_TYPE(name, id, weights, bytes)                                                \
    [](const RowsProduct& p) { reference::floatRows(TensorType::name, p); },
#define PONDER_QUANT_TYPE(name, id, weights, bytes)                                                \
    [](const RowsProduct& p) { reference::quantisedRows(TensorType::name, p); },
#include "kernels/types/tensor_types.def"
#undef PONDER_FLOAT_TYPE
#undef PONDER_QUANT_TYPE
    },
    .dequantizeRow = {
#define PONDER_FLOAT_TYPE(name, id, weights, bytes) reference::dequantize##name,
#define PONDER_QUANT_TYPE PONDER_FLOAT_TYPE
#include "kernels/types/tensor_types.def"
#undef PONDER_FLOAT_TYPE
#undef PONDER_QUANT_TYPE
    },
    .quantize = reference::quantize,
    .addScaled = reference::addScaled,
    .siluMul = reference::siluMul,
    .clampedSwiGlu = reference::clampedSwiGlu,
    .softmax = reference::softmax,
    .sigmoid = reference::sigmoid,
    .rmsNorm = reference::rmsNorm,
    .attentionSpan = reference::attentionSpan,
    .readBytes = reference::readBytes,
};

} // namespace ponder::kernels
