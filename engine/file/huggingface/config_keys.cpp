#include "engine/file/huggingface/config_keys.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/file/huggingface/config_reader.h"
#include "engine/file/huggingface/rope_config.h"
#include "engine/file/printable.h"

namespace ponder {
namespace {

using Json = nlohmann::json;

enum class Kind { Integer, Number, Flag };

/// A value that only changes its name.
struct Renamed {
    std::string_view name; ///< in config.json
    std::string_view key; ///< in GGUF, after the architecture
    Kind kind = Kind::Integer;
};

constexpr std::array kOfAll = {
    Renamed{"num_hidden_layers", "block_count"},
    Renamed{"max_position_embeddings", "context_length"},
    Renamed{"hidden_size", "embedding_length"},
    Renamed{"intermediate_size", "feed_forward_length"},
    Renamed{"num_attention_heads", "attention.head_count"},
    Renamed{"vocab_size", "vocab_size"},
    Renamed{"rms_norm_eps", "attention.layer_norm_rms_epsilon", Kind::Number},
};

constexpr std::array kOfDeepSeek = {
    Renamed{"num_key_value_heads", "attention.head_count_kv"},
    Renamed{"q_lora_rank", "attention.q_lora_rank"},
    Renamed{"kv_lora_rank", "attention.kv_lora_rank"},
    Renamed{"v_head_dim", "attention.value_length"},
    Renamed{"qk_rope_head_dim", "rope.dimension_count"},
    Renamed{"first_k_dense_replace", "leading_dense_block_count"},
    Renamed{"moe_intermediate_size", "expert_feed_forward_length"},
    Renamed{"n_routed_experts", "expert_count"},
    Renamed{"num_experts_per_tok", "expert_used_count"},
    Renamed{"n_shared_experts", "expert_shared_count"},
    Renamed{"routed_scaling_factor", "expert_weights_scale", Kind::Number},
    Renamed{"norm_topk_prob", "expert_weights_norm", Kind::Flag},
};

constexpr std::array kOfExperts = {
    Renamed{"num_experts", "expert_count"},
    Renamed{"num_local_experts", "expert_count"},
    Renamed{"num_experts_per_tok", "expert_used_count"},
    Renamed{"moe_intermediate_size", "expert_feed_forward_length"},
    Renamed{"norm_topk_prob", "expert_weights_norm", Kind::Flag},
};

void copy(ConfigReader& config, std::span<const Renamed> table)
{
    for (const Renamed& value : table) {
        if (value.kind == Kind::Integer)
            config.copyInteger(value.name, value.key);
        else if (value.kind == Kind::Number)
            config.copyNumber(value.name, value.key);
        else
            config.copyFlag(value.name, value.key);
    }
}

void refuseUnless(bool holds, ConfigReader& config, const std::string& what)
{
    if (!holds)
        config.refuse(ErrorCode::UnsupportedFormat,
            what + ", which Ponder cannot compute. Choose a GGUF of this model, if there is one.");
}

void readDeepSeek(ConfigReader& config, FolderFacts& facts, bool sigmoidIsUsual)
{
    copy(config, kOfDeepSeek);
    const auto nope = config.integer("qk_nope_head_dim").value_or(0);
    const auto rope = config.integer("qk_rope_head_dim").value_or(0);
    if (nope < 0 || nope > INT32_MAX || rope < 0 || rope > INT32_MAX)
        config.refuse(ErrorCode::FileCorrupt, "gives impossible head dimensions.");
    else
        config.put("attention.key_length", nope + rope);
    const std::string score
        = config.text("scoring_func").value_or(sigmoidIsUsual ? "sigmoid" : "softmax");
    refuseUnless(score == "sigmoid" || score == "softmax", config,
        "scores experts by \"" + printable(score) + '"');
    config.put("expert_gating_func", score == "sigmoid" ? 2 : 1);
    const std::string method
        = config.text("topk_method").value_or(sigmoidIsUsual ? "noaux_tc" : "greedy");
    refuseUnless(method == "noaux_tc" || method == "greedy" || method == "group_limited_greedy",
        config, "chooses experts by \"" + printable(method) + '"');
    const bool grouped = method != "greedy";
    config.put("expert_group_count", grouped ? config.integer("n_group").value_or(1) : 1);
    config.put("expert_group_used_count", grouped ? config.integer("topk_group").value_or(1) : 1);
    refuseUnless(config.integer("moe_layer_freq").value_or(1) == 1, config,
        "leaves some layers without experts");
    refuseUnless(config.flag("rope_interleave").value_or(true), config,
        "rotates halves of a head instead of pairs (rope_interleave)");
    facts.predictionLayers = static_cast<std::uint32_t>(
        std::clamp<std::int64_t>(config.integer("num_nextn_predict_layers").value_or(0), 0, 64));
}

/// Grouped-query attention: Llama, Qwen, gpt-oss.
void readHeads(ConfigReader& config)
{
    const auto heads = config.integer("num_attention_heads").value_or(0);
    config.put("attention.head_count_kv", config.integer("num_key_value_heads").value_or(heads));
    auto length = config.integer("head_dim");
    const auto hidden = config.integer("hidden_size");
    if (!length && hidden && heads > 0)
        length = *hidden / heads;
    if (!length)
        return;
    config.put("attention.key_length", *length);
    config.put("attention.value_length", *length);
    config.put("rope.dimension_count", *length);
    // Folders keep the two halves of a head's rotated pairs apart, where llama's GGUFs have them side by side.
    config.putFlag("rope.halves", true);
}

void readDense(ConfigReader& config, FolderFacts&)
{
    readHeads(config);
    refuseUnless(!config.flag("use_sliding_window").value_or(false), config,
        "uses a sliding window for its attention");
}

void readQwenMoe(ConfigReader& config, FolderFacts& facts)
{
    readDense(config, facts);
    copy(config, kOfExperts);
    refuseUnless(config.integer("decoder_sparse_step").value_or(1) == 1, config,
        "leaves some layers without experts (decoder_sparse_step)");
}

/// gpt-oss: every other layer sees a window only; experts' gates are held within a limit.
void readGptOss(ConfigReader& config, FolderFacts&)
{
    readHeads(config);
    copy(config, kOfExperts);
    config.copyInteger("intermediate_size", "expert_feed_forward_length");
    config.copyInteger("sliding_window", "attention.sliding_window");
    refuseUnless(std::abs(config.number("swiglu_limit").value_or(7) - 7) < 1e-6, config,
        "limits its experts by another number than 7 (swiglu_limit)");
    const Json* scaling = config.object("rope_scaling");
    if (scaling == nullptr)
        scaling = config.object("rope_parameters");
    refuseUnless(scaling == nullptr || scaling->value("truncate", Json(true)) == Json(false),
        config, "rounds the range of YaRN (truncate)");
    refuseUnless(config.alternates("layer_types", "sliding_attention", "full_attention"), config,
        "has other layers with a window than every other one (layer_types)");
}

struct Architecture {
    std::string_view name; ///< in config.json's architectures
    std::string_view gguf;
    void (*read)(ConfigReader&, FolderFacts&);
};

constexpr std::array kArchitectures = {
    Architecture{"DeepseekV3ForCausalLM", "deepseek2",
        [](ConfigReader& config, FolderFacts& facts) { readDeepSeek(config, facts, true); }},
    Architecture{"DeepseekV2ForCausalLM", "deepseek2",
        [](ConfigReader& config, FolderFacts& facts) { readDeepSeek(config, facts, false); }},
    Architecture{"LlamaForCausalLM", "llama", readDense},
    Architecture{"Qwen2ForCausalLM", "qwen2", readDense},
    Architecture{"Qwen3ForCausalLM", "qwen3", readDense},
    Architecture{"Qwen3MoeForCausalLM", "qwen3moe", readQwenMoe},
    Architecture{"GptOssForCausalLM", "gpt-oss", readGptOss},
};

Result<const Architecture*> findArchitecture(const Json& config)
{
    const auto list = config.find("architectures");
    if (list == config.end() || !list->is_array() || list->empty() || !list->front().is_string())
        return fail(ErrorCode::FileCorrupt,
            "This folder's config.json does not say which architecture its model has. It is "
            "damaged, or belongs to something that is no language model.");
    const auto& name = list->front().get_ref<const std::string&>();
    const auto* found = std::ranges::find(kArchitectures, name, &Architecture::name);
    if (found != kArchitectures.end())
        return found;
    std::string known;
    for (const Architecture& a : kArchitectures)
        known += (known.empty() ? "" : ", ") + std::string(a.name);
    return fail(ErrorCode::UnsupportedArchitecture,
        "This folder's model has the architecture \"" + printable(name)
            + "\", which Ponder cannot read from a folder. It reads: " + known
            + ". A GGUF of this model may work.");
}

/// Plain weights, or DeepSeek's 8-bit floats.
void readQuantisation(ConfigReader& config, FolderFacts& facts)
{
    const Json* quantisation = config.object("quantization_config");
    if (quantisation == nullptr)
        quantisation = config.object("compression_config");
    if (quantisation == nullptr)
        return;
    const auto method = quantisation->value("quant_method", Json());
    const std::string name
        = method.is_string() ? method.get<std::string>() : std::string("an unknown method");
    const auto block = quantisation->find("weight_block_size");
    const bool scaled = block != quantisation->end() && *block == Json::array({128, 128});
    const auto format = quantisation->value("fmt", Json("e4m3"));
    if (name == "fp8" && scaled && format == Json("e4m3")) {
        facts.blockScaledFp8 = true;
        return;
    }
    if (name == "mxfp4" && facts.architecture == "gpt-oss")
        return; // see Mxfp4Order
    config.refuse(ErrorCode::UnsupportedQuantisation,
        (name == "fp8" ? "says that its weights are FP8 with other scales than one for 128 x 128"
                       : "says that its weights are quantised by " + printable(name))
            + ", which Ponder cannot read. Choose a BF16 folder or a GGUF of this model.");
}

void readSampling(const Json& config, MetadataWriter& metadata)
{
    constexpr std::array kNames = {
        std::pair{"temperature", "general.sampling.temp"},
        std::pair{"top_p", "general.sampling.top_p"},
        std::pair{"top_k", "general.sampling.top_k"},
        std::pair{"min_p", "general.sampling.min_p"},
        std::pair{"repetition_penalty", "general.sampling.penalty_repeat"},
    };
    if (!config.is_object())
        return;
    for (const auto& [name, key] : kNames) {
        if (const auto found = config.find(name); found != config.end() && found->is_number())
            metadata.putNumber(key, found->get<double>());
    }
}

} // namespace

Result<FolderFacts> readFolderConfig(const FolderTexts& texts, MetadataWriter& metadata)
{
    if (!texts.config.is_object())
        return fail(ErrorCode::FileCorrupt,
            "This folder's config.json holds no object. It is damaged; download it again.");
    const auto architecture = findArchitecture(texts.config);
    if (!architecture)
        return tl::unexpected(architecture.error());
    FolderFacts facts;
    facts.architecture = (*architecture)->gguf;
    metadata.putText("general.architecture", facts.architecture);
    ConfigReader config(texts.config, metadata, facts.architecture);
    readQuantisation(config, facts);
    copy(config, kOfAll);
    facts.layers = static_cast<std::uint32_t>(
        std::clamp<std::int64_t>(config.integer("num_hidden_layers").value_or(0), 0, 1 << 20));
    facts.tiedEmbeddings = config.flag("tie_word_embeddings").value_or(false);
    const std::string activation = config.text("hidden_act").value_or("silu");
    refuseUnless(
        activation == "silu", config, "uses the activation \"" + printable(activation) + '"');
    (*architecture)->read(config, facts);
    readRope(config, facts.architecture == "deepseek2", facts.ropeFactors);
    if (config.error())
        return tl::unexpected(*config.error());
    readSampling(texts.generationConfig, metadata);
    if (!texts.chatTemplate.empty())
        metadata.putText("tokenizer.chat_template", texts.chatTemplate);
    return facts;
}

} // namespace ponder
