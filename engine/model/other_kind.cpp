#include "engine/model/other_kind.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace ponder {
namespace {

/// What tells a kind, and what to say of it.
struct OtherKind {
    std::string_view type; ///< general.type
    std::string_view architecture; ///< general.architecture; empty: says nothing
    std::string_view key; ///< a metadata key that only this kind has
    std::string_view tensorEnding; ///< how names of tensors end that only this kind has
    std::string_view sentence;
};

constexpr std::array kOtherKinds = {
    OtherKind{"adapter", "", "adapter.type", ".lora_a",
        "This file is an adapter (LoRA): it changes another model and is none by itself. Ponder "
        "cannot "
        "apply adapters. Choose the model it belongs to, or one that it has been merged into."},
    OtherKind{"mmproj", "clip", "clip.projector_type", "",
        "This file is a projector, the part of a model that turns images or sound into something "
        "it can "
        "read (mmproj). It is no model by itself. Choose the model's own file beside it."},
    OtherKind{"projector", "", "", "",
        "This file is a projector, the part of a model that turns images or sound into something "
        "it can "
        "read. It is no model by itself. Choose the model's own file beside it."},
    OtherKind{"imatrix", "imatrix", "imatrix.chunk_count", ".in_sum2",
        "This file is an importance matrix (imatrix): models are quantised with its help, and it "
        "holds "
        "none. Choose a file of the model itself."},
    OtherKind{"", "controlvector", "controlvector.model_hint", "",
        "This file holds control vectors: they steer another model, and are none by themselves. "
        "Ponder "
        "cannot apply them. Choose the model itself."},
};

} // namespace

std::string describeOtherKind(const ModelFile& file)
{
    const std::string_view type = file.getString("general.type").value_or("");
    const std::string_view architecture = file.getString("general.architecture").value_or("");
    for (const OtherKind& kind : kOtherKinds) {
        const bool hasTensor = !kind.tensorEnding.empty()
            && std::ranges::any_of(file.tensors(), [&kind](const ModelTensor& tensor) {
                   return tensor.name.ends_with(kind.tensorEnding);
               });
        if ((!kind.type.empty() && type == kind.type)
            || (!kind.architecture.empty() && architecture == kind.architecture)
            || (!kind.key.empty() && file.entry(kind.key) != nullptr) || hasTensor)
            return std::string(kind.sentence);
    }
    return {};
}

} // namespace ponder
