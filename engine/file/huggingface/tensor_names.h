#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ponder {

/// Where a folder's tensor belongs among GGUF's.
struct TensorPlace {
    std::string name; ///< "blk.3.ffn_up_exps.weight"
    std::optional<std::uint32_t> expert; ///< which matrix of that stack it is
};

/// GGUF's name for a tensor of a Hugging Face folder, for every architecture that Ponder reads from
/// folders; nothing where it is not known. Layers from `layers` on are those that predict a second
/// token; what they alone have is called nextn.
[[nodiscard]] std::optional<TensorPlace> placeOfTensor(std::string_view name, std::uint32_t layers);

/// True for tensors of a layer that a model computes itself ("….rotary_emb.inv_freq").
[[nodiscard]] bool isDerivedTensor(std::string_view name);

} // namespace ponder
