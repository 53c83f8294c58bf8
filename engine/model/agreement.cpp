#include "engine/model/agreement.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>

#include "engine/file/printable.h"

namespace ponder {
namespace {

constexpr std::string_view kBlock = "blk.";

/// A tensor of a layer: "blk.3.attn_q.weight" is attn_q.weight of layer 3.
struct LayerTensor {
    std::uint64_t layer = 0;
    std::string_view part;
};

std::optional<LayerTensor> layerTensor(std::string_view name)
{
    if (!name.starts_with(kBlock))
        return std::nullopt;
    name.remove_prefix(kBlock.size());
    LayerTensor tensor;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), tensor.layer);
    const auto length = static_cast<std::size_t>(end - name.data());
    if (error != std::errc() || length >= name.size() || name[length] != '.')
        return std::nullopt;
    tensor.part = name.substr(length + 1);
    return tensor;
}

/// What changes the result wherever a model has it, by the beginning of its name in a layer.
constexpr std::string_view kTakesPart[] = {
    "attn_q.",
    "attn_k.",
    "attn_v.",
    "attn_qkv.",
    "attn_output.",
    "attn_gate.",
    "attn_norm.",
    "attn_norm_2.",
    "attn_q_norm.",
    "attn_k_norm.",
    "attn_sub_norm.",
    "attn_output_norm.",
    "attn_post_norm.",
    "attn_sinks.",
    "post_attention_norm.",
    "post_ffw_norm.",
    "layer_output_norm.",
    "ffn_norm.",
    "ffn_sub_norm.",
    "ffn_post_norm.",
    "ffn_gate",
    "ffn_up",
    "ffn_down",
    "exp_probs_b.",
    "ssm_",
    "cross_attn_",
    "ffn_latent",
};

bool takesPart(std::string_view part)
{
    // Rows of scales that a converter adds beside a matrix are no weights of their own.
    const bool isWeight = part.ends_with(".weight") || part.ends_with(".bias");
    return isWeight && std::ranges::any_of(kTakesPart, [part](std::string_view start) {
        return part.starts_with(start);
    });
}

/// Read by the tokenizer, the template and the reader of parts, or without a meaning for a chat.
constexpr std::string_view kReadElsewhere[] = {
    "split.count",
    "split.no",
    "split.tensors.count",
    "tokenizer.chat_template",
    "tokenizer.ggml.add_bos_token",
    "tokenizer.ggml.add_eos_token",
    "tokenizer.ggml.add_space_prefix",
    "tokenizer.ggml.bos_token_id",
    "tokenizer.ggml.eom_token_id",
    "tokenizer.ggml.eos_token_id",
    "tokenizer.ggml.eot_token_id",
    "tokenizer.ggml.merges",
    "tokenizer.ggml.model",
    "tokenizer.ggml.pre",
    "tokenizer.ggml.scores",
    "tokenizer.ggml.token_type",
    "tokenizer.ggml.tokens",
    "tokenizer.ggml.unknown_token_id",
    "tokenizer.ggml.padding_token_id",
};

/// After the architecture: what a family need not ask for, since other keys or the tensors say the same.
constexpr std::string_view kSaidOtherwise[]
    = {"vocab_size", "nextn_predict_layers", "feed_forward_length", "attention.key_length",
        "attention.value_length", "attention.head_count_kv", "rope.scaling.finetuned"};

bool isSaidOtherwise(std::string_view key)
{
    const auto dot = key.find('.');
    return dot != std::string_view::npos
        && std::ranges::find(kSaidOtherwise, key.substr(dot + 1)) != std::end(kSaidOtherwise);
}

tl::unexpected<Error> contradiction(const std::string& what, const std::string& context)
{
    return fail(ErrorCode::FileCorrupt,
        "This model file contradicts itself: it says " + what
            + ". It is damaged, or was converted wrongly; choose another file.",
        context);
}

std::string architectureKey(const ModelFile& file, const char* key)
{
    return std::string(file.getString("general.architecture").value_or("")) + '.' + key;
}

Result<void> checkLayers(const ModelFile& file, const Network& network)
{
    const std::string key = architectureKey(file, "block_count");
    const std::uint64_t said = file.getUint(key).value_or(network.layers.size());
    // Layers that predict a second token are counted by some converters and left out by others.
    const std::uint64_t extra
        = file.getUint(architectureKey(file, "nextn_predict_layers")).value_or(0);
    for (const ModelTensor& tensor : file.tensors()) {
        const auto placed = layerTensor(tensor.name);
        if (!placed)
            continue;
        if (placed->layer >= said && placed->layer - said >= std::min<std::uint64_t>(extra, 64))
            return contradiction("that it has " + std::to_string(said) + " layers ("
                    + printable(key) + "), and holds " + printable(tensor.name) + " of one more",
                std::string(tensor.name));
        const bool isRun = placed->layer < network.layers.size();
        if (isRun && takesPart(placed->part) && !network.use.tensors.contains(tensor.name))
            return contradiction("that it is a model of the kind "
                    + printable(file.getString("general.architecture").value_or(""))
                    + ", and holds " + printable(tensor.name) + ", which no model of that kind has",
                std::string(tensor.name));
    }
    return {};
}

Result<void> checkVocabulary(const ModelFile& file, const Network& network)
{
    std::uint64_t most = file.getUint(architectureKey(file, "vocab_size")).value_or(0);
    if (const GgufEntry* tokens = file.entry("tokenizer.ggml.tokens");
        tokens != nullptr && tokens->isArray)
        most = std::max(most, tokens->count);
    if (most > network.vocabularySize)
        return contradiction("that it knows " + std::to_string(most)
                + " tokens, and has weights for " + std::to_string(network.vocabularySize),
            "token_embd.weight");
    return {};
}

} // namespace

Result<void> checkAgreement(const ModelFile& file, const Network& network)
{
    if (auto ok = checkVocabulary(file, network); !ok)
        return ok;
    return checkLayers(file, network);
}

IgnoredParts ignoredParts(const ModelFile& file, const Network& network)
{
    IgnoredParts ignored;
    for (const GgufEntry& entry : file.entries()) {
        const bool isRead = entry.key.starts_with("general.") || entry.key.starts_with("quantize.")
            || network.use.keys.contains(entry.key) || isSaidOtherwise(entry.key)
            || std::ranges::find(kReadElsewhere, entry.key) != std::end(kReadElsewhere);
        if (!isRead)
            ignored.keys.emplace_back(entry.key);
    }
    for (const ModelTensor& tensor : file.tensors()) {
        // What predicts a second token is read, and waits for somebody to run it.
        const auto placed = layerTensor(tensor.name);
        const bool isRun = !placed || placed->layer < network.layers.size();
        if (!isRun || !network.use.tensors.contains(tensor.name))
            ignored.tensors.emplace_back(tensor.name);
    }
    return ignored;
}

} // namespace ponder
