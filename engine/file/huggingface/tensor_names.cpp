#include "engine/file/huggingface/tensor_names.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace ponder {
namespace {

struct Renamed {
    std::string_view name;
    std::string_view gguf;
};

constexpr std::array kOfModel = {
    Renamed{"model.embed_tokens.weight", "token_embd.weight"},
    Renamed{"model.norm.weight", "output_norm.weight"},
    Renamed{"lm_head.weight", "output.weight"},
};

/// After "model.layers.N.", and "blk.N."; with '#' for the number of an expert.
constexpr std::array kOfLayer = {
    Renamed{"input_layernorm.weight", "attn_norm.weight"},
    Renamed{"post_attention_layernorm.weight", "ffn_norm.weight"},
    // Grouped-query attention
    Renamed{"self_attn.q_proj.weight", "attn_q.weight"}, // DeepSeek's too, without q_lora
    Renamed{"self_attn.k_proj.weight", "attn_k.weight"},
    Renamed{"self_attn.v_proj.weight", "attn_v.weight"},
    Renamed{"self_attn.o_proj.weight", "attn_output.weight"},
    Renamed{"self_attn.q_proj.bias", "attn_q.bias"},
    Renamed{"self_attn.k_proj.bias", "attn_k.bias"},
    Renamed{"self_attn.v_proj.bias", "attn_v.bias"},
    Renamed{"self_attn.o_proj.bias", "attn_output.bias"},
    Renamed{"self_attn.q_norm.weight", "attn_q_norm.weight"},
    Renamed{"self_attn.k_norm.weight", "attn_k_norm.weight"},
    Renamed{"self_attn.sinks", "attn_sinks.weight"},
    // Multi-head latent attention
    Renamed{"self_attn.q_a_proj.weight", "attn_q_a.weight"},
    Renamed{"self_attn.q_a_layernorm.weight", "attn_q_a_norm.weight"},
    Renamed{"self_attn.q_b_proj.weight", "attn_q_b.weight"},
    Renamed{"self_attn.kv_a_proj_with_mqa.weight", "attn_kv_a_mqa.weight"},
    Renamed{"self_attn.kv_a_layernorm.weight", "attn_kv_a_norm.weight"},
    Renamed{"self_attn.kv_b_proj.weight", "attn_kv_b.weight"},
    // Feed-forward
    Renamed{"mlp.gate_proj.weight", "ffn_gate.weight"},
    Renamed{"mlp.up_proj.weight", "ffn_up.weight"},
    Renamed{"mlp.down_proj.weight", "ffn_down.weight"},
    Renamed{"mlp.gate.weight", "ffn_gate_inp.weight"},
    Renamed{"mlp.gate.e_score_correction_bias", "exp_probs_b.bias"},
    Renamed{"mlp.experts.#.gate_proj.weight", "ffn_gate_exps.weight"},
    Renamed{"mlp.experts.#.up_proj.weight", "ffn_up_exps.weight"},
    Renamed{"mlp.experts.#.down_proj.weight", "ffn_down_exps.weight"},
    Renamed{"mlp.shared_experts.gate_proj.weight", "ffn_gate_shexp.weight"},
    Renamed{"mlp.shared_experts.up_proj.weight", "ffn_up_shexp.weight"},
    Renamed{"mlp.shared_experts.down_proj.weight", "ffn_down_shexp.weight"},
    // gpt-oss; blocks and scales are no tensors of GGUF's: TensorCollector makes one of them
    Renamed{"mlp.router.weight", "ffn_gate_inp.weight"},
    Renamed{"mlp.router.bias", "ffn_gate_inp.bias"},
    Renamed{"mlp.experts.gate_up_proj_blocks", "ffn_gate_up_exps.blocks"},
    Renamed{"mlp.experts.gate_up_proj_scales", "ffn_gate_up_exps.scales"},
    Renamed{"mlp.experts.gate_up_proj_bias", "ffn_gate_up_exps.bias"},
    Renamed{"mlp.experts.down_proj_blocks", "ffn_down_exps.blocks"},
    Renamed{"mlp.experts.down_proj_scales", "ffn_down_exps.scales"},
    Renamed{"mlp.experts.down_proj_bias", "ffn_down_exps.bias"},
};

/// What only layers that predict a second token have.
constexpr std::array kOfPrediction = {
    Renamed{"eh_proj.weight", "nextn.eh_proj.weight"},
    Renamed{"enorm.weight", "nextn.enorm.weight"},
    Renamed{"hnorm.weight", "nextn.hnorm.weight"},
    Renamed{"embed_tokens.weight", "nextn.embed_tokens.weight"},
    Renamed{"shared_head.norm.weight", "nextn.shared_head_norm.weight"},
    Renamed{"shared_head.head.weight", "nextn.shared_head_head.weight"},
};

constexpr std::string_view kLayers = "model.layers.";
constexpr std::string_view kExperts = "mlp.experts.";

template <std::size_t n>
std::optional<std::string_view> find(const std::array<Renamed, n>& table, std::string_view name)
{
    const auto* found = std::ranges::find(table, name, &Renamed::name);
    return found == table.end() ? std::nullopt : std::optional(found->gguf);
}

/// Takes "17." from the start; nothing where there is no number below a million.
std::optional<std::uint32_t> takeNumber(std::string_view& text)
{
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const auto length = static_cast<std::size_t>(end - text.data());
    if (error != std::errc() || number >= 1'000'000 || length >= text.size() || text[length] != '.'
        || (text[0] == '0' && length > 1))
        return std::nullopt;
    text.remove_prefix(length + 1);
    return number;
}

} // namespace

std::optional<TensorPlace> placeOfTensor(std::string_view name, std::uint32_t layers)
{
    if (const auto plain = find(kOfModel, name))
        return TensorPlace{std::string(*plain), std::nullopt};
    if (!name.starts_with(kLayers))
        return std::nullopt;
    name.remove_prefix(kLayers.size());
    const auto layer = takeNumber(name);
    if (!layer)
        return std::nullopt;
    TensorPlace place;
    std::string pattern(name);
    if (name.starts_with(kExperts)) {
        name.remove_prefix(kExperts.size());
        place.expert = takeNumber(name);
        if (place.expert) // else all of them are one tensor
            pattern = std::string(kExperts) + "#." + std::string(name);
    }
    auto found = find(kOfLayer, pattern);
    if (!found && *layer >= layers)
        found = find(kOfPrediction, pattern);
    if (!found)
        return std::nullopt;
    place.name = "blk." + std::to_string(*layer) + '.' + std::string(*found);
    return place;
}

bool isDerivedTensor(std::string_view name)
{
    return name.ends_with(".rotary_emb.inv_freq");
}

} // namespace ponder
