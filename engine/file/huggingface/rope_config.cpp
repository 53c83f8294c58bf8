#include "engine/file/huggingface/rope_config.h"

#include <cmath>
#include <numbers>

#include "engine/file/printable.h"

namespace ponder {
namespace {

using Json = nlohmann::json;

constexpr double kDefaultTheta = 10000;

void refuse(ConfigReader& config, const std::string& what)
{
    config.refuse(ErrorCode::UnsupportedFormat,
        what + ", which Ponder cannot compute. Choose a GGUF of this model, if there is one.");
}

double numberOf(const Json& scaling, const char* name, double fallback)
{
    const auto found = scaling.find(name);
    return found != scaling.end() && found->is_number() ? found->get<double>() : fallback;
}

/// As transformers' modeling_rope_utils.py computes it.
void llama3Factors(
    ConfigReader& config, const Json& scaling, double theta, std::vector<float>& factors)
{
    const double factor = numberOf(scaling, "factor", 0);
    const double low = numberOf(scaling, "low_freq_factor", 0);
    const double high = numberOf(scaling, "high_freq_factor", 0);
    const double context = numberOf(scaling, "original_max_position_embeddings", 0);
    const auto heads = config.integer("num_attention_heads").value_or(0);
    const auto hidden = config.integer("hidden_size").value_or(0);
    const auto dim = config.integer("head_dim").value_or(heads > 0 ? hidden / heads : 0);
    if (!(factor >= 1) || !(low > 0) || !(high > low) || !(context > 0) || !(theta > 1) || dim < 2
        || dim > 4096) {
        config.refuse(ErrorCode::FileCorrupt,
            "stretches positions in Llama 3's way with impossible numbers. Download it again.");
        return;
    }
    for (std::int64_t i = 0; i < dim / 2; ++i) {
        const double frequency
            = std::pow(theta, -2 * static_cast<double>(i) / static_cast<double>(dim));
        const double turns = context * frequency / (2 * std::numbers::pi);
        double slowdown = 1;
        if (turns <= low)
            slowdown = factor;
        else if (turns < high) {
            const double smooth = (turns - low) / (high - low);
            slowdown = 1 / ((1 - smooth) / factor + smooth);
        }
        factors.push_back(static_cast<float>(slowdown));
    }
}

void writeYarn(ConfigReader& config, const Json& scaling, bool latent)
{
    const double factor = numberOf(scaling, "factor", 0);
    const double mscale = numberOf(scaling, "mscale", 0);
    const double mscaleAll = numberOf(scaling, "mscale_all_dim", 0);
    const double longest = config.number("max_position_embeddings").value_or(0);
    const double context = numberOf(scaling, "original_max_position_embeddings", longest);
    if (!(factor >= 1) || !(context >= 1) || !(context <= 1e9)) {
        config.refuse(ErrorCode::FileCorrupt,
            "stretches positions by YaRN with impossible numbers. Download it again.");
        return;
    }
    config.putText("rope.scaling.type", "yarn");
    config.putNumber("rope.scaling.factor", factor);
    config.put("rope.scaling.original_context_length", static_cast<std::int64_t>(context));
    config.putNumber("rope.scaling.yarn_beta_fast", numberOf(scaling, "beta_fast", 32));
    config.putNumber("rope.scaling.yarn_beta_slow", numberOf(scaling, "beta_slow", 1));
    if (latent) {
        // Cosines keep their magnitude only where both are the same, as in every published model.
        if (mscale != mscaleAll)
            refuse(config, "gives YaRN an mscale that is not mscale_all_dim");
        config.putNumber("rope.scaling.yarn_log_multiplier", 0.1 * mscaleAll);
    } else if (mscale != 0 || mscaleAll != 0) {
        refuse(config, "gives YaRN an mscale");
    } else if (const double magnitude = numberOf(scaling, "attention_factor", 0); magnitude != 0) {
        // GGUF keeps it without YaRN's own magnitude; the two are multiplied when the file is read.
        config.putNumber("rope.scaling.attn_factor", magnitude / (1 + 0.1 * std::log(factor)));
    }
}

} // namespace

void readRope(ConfigReader& config, bool latent, std::vector<float>& factors)
{
    static const Json none = Json::object();
    const Json* parameters = config.object("rope_parameters");
    const Json* scaling = config.object("rope_scaling");
    if (scaling == nullptr)
        scaling = parameters != nullptr ? parameters : &none;
    double theta = config.number("rope_theta").value_or(kDefaultTheta);
    if (parameters != nullptr)
        theta = numberOf(*parameters, "rope_theta", theta);
    config.putNumber("rope.freq_base", theta);

    auto type = scaling->find("rope_type");
    if (type == scaling->end())
        type = scaling->find("type");
    const std::string kind
        = type != scaling->end() && type->is_string() ? type->get<std::string>() : "default";
    if (numberOf(*scaling, "partial_rotary_factor", 1) != 1
        || config.number("partial_rotary_factor").value_or(1) != 1)
        refuse(config, "rotates only a part of each head");
    if (kind == "yarn") {
        writeYarn(config, *scaling, latent);
    } else if (kind == "llama3" && !latent) {
        llama3Factors(config, *scaling, theta, factors);
    } else if (kind == "linear" && !latent) {
        config.putText("rope.scaling.type", "linear");
        config.putNumber("rope.scaling.factor", numberOf(*scaling, "factor", 1));
    } else if (kind != "default") {
        refuse(config, "stretches positions by \"" + printable(kind) + '"');
    }
}

} // namespace ponder
