#include <algorithm>
#include <initializer_list>
#include <string>
#include <type_traits>

#include "engine/generate/sampler.h"

namespace ponder {

namespace {

/// What a publisher recommends in its model cards and generation_config.json files.
struct Advice {
    std::string_view family; ///< for people
    std::string_view architecture; ///< how general.architecture begins; empty: any
    std::initializer_list<std::string_view>
        name; ///< all must be in the model's name, in small letters
    float temperature;
    float topP;
    int topK = 0;
    float minP = 0;
    float repetitionPenalty = 1;
};

// The first row that fits counts: a model that was distilled from R1 is asked as R1, whatever it was made of.
const Advice kAdvice[] = {
    {"gpt-oss", "gpt-oss", {}, 1.0f, 1.0f},
    {"gpt-oss", "gptoss", {}, 1.0f, 1.0f},
    {"Kimi K2 Thinking", "", {"kimi", "think"}, 1.0f, 1.0f},
    {"Kimi", "", {"kimi"}, 0.6f, 0.95f},
    {"GLM", "", {"glm-4.7"}, 1.0f, 0.95f},
    {"DeepSeek R1", "", {"deepseek", "r1"}, 0.6f, 0.95f},
    {"DeepSeek R1", "", {"r1", "distill"}, 0.6f, 0.95f},
    {"DeepSeek V3", "deepseek2", {"v3-0324"}, 0.3f, 0.95f},
    {"DeepSeek", "deepseek", {}, 0.6f, 0.95f},
    {"QwQ", "qwen2", {"qwq"}, 0.6f, 0.95f, 40},
    {"Qwen3 Coder", "qwen3", {"coder"}, 0.7f, 0.8f, 20, 0, 1.05f},
    {"Qwen3 Instruct", "qwen3", {"instruct"}, 0.7f, 0.8f, 20},
    {"Qwen3", "qwen3", {}, 0.6f, 0.95f, 20},
    {"OpenThinker", "qwen2", {"openthinker"}, 0.6f, 0.95f},
    {"Qwen2.5 Coder", "qwen2", {"qwen2.5", "coder"}, 0.7f, 0.8f, 20, 0, 1.1f},
    {"Qwen2.5", "qwen2", {"qwen2"}, 0.7f, 0.8f, 20, 0, 1.05f},
    {"Llama 4", "llama4", {}, 0.6f, 0.9f},
    {"SmolLM3", "smollm3", {}, 0.6f, 0.95f},
    {"Nemotron", "", {"nemotron"}, 0.6f, 0.95f},
    {"Magistral", "", {"magistral"}, 0.7f, 0.95f},
    {"Devstral", "", {"devstral"}, 0.15f, 1.0f},
    {"Mistral Small", "", {"mistral", "small"}, 0.15f, 1.0f},
    {"Mistral Nemo", "", {"mistral", "nemo"}, 0.3f, 1.0f},
    {"Llama 3", "llama", {"llama-3"}, 0.6f, 0.9f},
    {"Llama 3", "llama", {"llama 3"}, 0.6f, 0.9f},
    {"Gemma", "gemma", {}, 1.0f, 0.95f, 64},
    {"Phi-4 reasoning", "phi", {"phi-4", "reasoning"}, 0.8f, 0.95f, 50},
    {"GLM-4.5", "glm4", {"4.5"}, 0.6f, 0.95f},
    {"GLM Z1", "glm4", {"z1"}, 0.6f, 0.95f, 40},
    {"GLM", "glm4", {}, 1.0f, 0.95f, 40},
    {"MiniMax M2", "minimax", {}, 1.0f, 0.95f, 40},
    {"Hunyuan", "hunyuan", {}, 0.7f, 0.8f, 20, 0, 1.05f},
    {"Seed-OSS", "seed", {}, 1.1f, 0.95f},
    {"EXAONE", "exaone", {}, 0.6f, 0.95f},
    {"ERNIE 4.5", "ernie", {}, 0.8f, 0.8f},
    {"Command R", "command-r", {}, 0.3f, 1.0f},
    {"Command R", "cohere", {}, 0.3f, 1.0f},
    {"LFM2", "lfm2", {}, 0.3f, 1.0f, 0, 0.15f, 1.05f},
};

std::string lower(std::string_view text)
{
    std::string made(text);
    std::ranges::transform(made, made.begin(),
        [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return made;
}

const Advice* adviceFor(const ModelFile& file)
{
    const std::string architecture = lower(file.getString("general.architecture").value_or(""));
    std::string name;
    for (const char* key : {"general.name", "general.basename", "general.finetune"})
        name += lower(file.getString(key).value_or("")) + '\n';
    const auto* advice = std::ranges::find_if(kAdvice, [&](const Advice& row) {
        return architecture.starts_with(row.architecture)
            && std::ranges::all_of(
                row.name, [&](std::string_view part) { return name.find(part) != name.npos; });
    });
    return advice != std::end(kAdvice) ? advice : nullptr;
}

} // namespace

std::string_view samplingFamily(const ModelFile& file)
{
    const Advice* advice = adviceFor(file);
    return advice != nullptr ? advice->family : std::string_view();
}

SamplingOptions recommendedSampling(const ModelFile& file)
{
    SamplingOptions options;
    if (const Advice* advice = adviceFor(file)) {
        options.temperature = advice->temperature;
        options.topP = advice->topP;
        options.topK = advice->topK;
        options.minP = advice->minP;
        options.repetitionPenalty = advice->repetitionPenalty;
    }
    const auto read = [&](const char* key, double low, double high, auto& into) {
        const auto value = file.getFloat(key);
        if (value && *value >= low && *value <= high)
            into = static_cast<std::remove_reference_t<decltype(into)>>(*value);
    };
    read("general.sampling.temp", 0, 10, options.temperature);
    read("general.sampling.top_p", 0, 1, options.topP);
    read("general.sampling.top_k", 0, 1e9, options.topK);
    read("general.sampling.min_p", 0, 1, options.minP);
    read("general.sampling.penalty_repeat", 0.01, 100, options.repetitionPenalty);
    read("general.sampling.penalty_last_n", 0, 1e9, options.repetitionWindow);
    return options;
}

} // namespace ponder
