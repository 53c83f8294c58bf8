#include "app/cli.h"

#include <cstdio>
#include <map>

#include <nlohmann/json.hpp>

#include "engine/file/model_file.h"
#include "engine/model/model.h"
#include "engine/run/placement_plan.h"

namespace ponder::cli {

namespace {

using Json = nlohmann::ordered_json;

std::string gib(uint64_t bytes)
{
    char text[32];
    if (bytes < (1U << 30))
        std::snprintf(text, sizeof text, "%.1f MiB", double(bytes) / (1 << 20));
    else
        std::snprintf(text, sizeof text, "%.2f GiB", double(bytes) / (1 << 30));
    return text;
}

std::string shapeText(const ModelTensor& tensor)
{
    std::string text = "[";
    for (uint32_t i = 0; i < tensor.dimensionCount; ++i)
        text += (i ? ", " : "") + std::to_string(tensor.dimensions[i]);
    return text + "]";
}

Json metadataJson(const ModelFile& file)
{
    Json metadata = Json::object();
    for (const auto& entry : file.entries()) {
        const std::string key(entry.key);
        if (entry.isArray)
            metadata[key] = Json{{"elements", entry.count}};
        else if (const auto text = file.getString(entry.key))
            metadata[key] = *text;
        else if (const auto flag = file.getBool(entry.key))
            metadata[key] = *flag;
        else if (const auto integer = file.getInt(entry.key))
            metadata[key] = *integer;
        else if (const auto natural = file.getUint(entry.key))
            metadata[key] = *natural;
        else if (const auto number = file.getFloat(entry.key))
            metadata[key] = *number;
    }
    return metadata;
}

Json planJson(const PlacementPlan& plan)
{
    return {{"device", "cpu"}, {"threads", plan.threads}, {"context_length", plan.contextLength},
        {"weight_bytes", plan.weightBytes}, {"cache_bytes", plan.cacheBytes},
        {"work_bytes", plan.workBytes}, {"available_bytes", plan.availableBytes},
        {"bytes_per_token", plan.bytesPerToken}, {"estimated_tok_s", plan.tokensPerSecond}};
}

void printJson(const std::filesystem::path& path, const ModelFile& file,
    const Result<std::shared_ptr<const Model>>& model,
    const std::optional<Result<PlacementPlan>>& plan)
{
    Json result{{"file", path.string()}, {"bytes", file.fileBytes()}, {"format", file.format()}};
    if (model) {
        const ModelInfo& info = (*model)->info();
        result.update(Json{{"name", info.name}, {"architecture", info.architecture},
            {"quantisation", info.quantisation}, {"fingerprint", info.fingerprint},
            {"parameters", info.parameters}, {"active_parameters", info.activeParameters},
            {"context_length", info.contextLength}, {"layers", info.layers},
            {"vocabulary", info.vocabularySize}, {"experts", info.experts},
            {"experts_used", info.expertsUsed}});
    } else {
        result["problem"] = model.error().message;
    }
    if (plan)
        result["plan"] = *plan ? planJson(**plan) : Json{{"problem", plan->error().message}};
    result["metadata"] = metadataJson(file);
    Json tensors = Json::array();
    for (const auto& tensor : file.tensors()) {
        Json shape = Json::array();
        for (uint32_t i = 0; i < tensor.dimensionCount; ++i)
            shape.push_back(tensor.dimensions[i]);
        tensors.push_back(Json{{"name", tensor.name}, {"type", tensorTypeName(tensor.type)},
            {"shape", shape}, {"bytes", tensor.bytes}});
    }
    result["tensors"] = std::move(tensors);
    std::printf("%s\n", result.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
}

void printText(const std::filesystem::path& path, const ModelFile& file,
    const Result<std::shared_ptr<const Model>>& model,
    const std::optional<Result<PlacementPlan>>& plan)
{
    std::printf("%s: %s, %s\n", path.c_str(), file.format().c_str(), gib(file.fileBytes()).c_str());
    if (model) {
        const ModelInfo& info = (*model)->info();
        std::printf("\n%s (%s)\n", info.name.c_str(), info.architecture.c_str());
        std::printf("  parameters    %.2f million, %.2f million active per token\n",
            double(info.parameters) / 1e6, double(info.activeParameters) / 1e6);
        std::printf("  quantisation  %s\n", info.quantisation.c_str());
        std::printf("  layers        %u; %u experts, %u used\n", info.layers, info.experts,
            info.expertsUsed);
        std::printf(
            "  context       %u tokens; vocabulary %u\n", info.contextLength, info.vocabularySize);
        std::printf("  fingerprint   %s\n", info.fingerprint.c_str());
    } else {
        std::printf("\nPonder cannot run it: %s\n", model.error().message.c_str());
    }
    if (plan)
        std::printf(
            "\nPlan: %s\n", *plan ? (*plan)->summary().c_str() : plan->error().message.c_str());
    std::printf("\nMetadata (%zu)\n", file.entries().size());
    for (const auto& entry : file.entries())
        std::printf(
            "  %.*s = %s\n", int(entry.key.size()), entry.key.data(), describeValue(entry).c_str());
    std::printf("\nTensors (%zu)\n", file.tensors().size());
    for (const auto& tensor : file.tensors())
        std::printf("  %-36.*s %-5s %-22s %s\n", int(tensor.name.size()), tensor.name.data(),
            std::string(tensorTypeName(tensor.type)).c_str(), shapeText(tensor).c_str(),
            gib(tensor.bytes).c_str());
}

} // namespace

Result<void> inspect(const InspectOptions& options)
{
    const auto file = ModelFile::open(options.file);
    if (!file)
        return tl::unexpected(file.error());
    // A sound file of an unknown family is still worth looking into, so its problem is printed, not returned.
    const auto model = Model::open(options.file);
    std::optional<Result<PlacementPlan>> plan;
    if (model)
        plan = planPlacement((*model)->network(), Machine::detect());
    (options.json ? printJson : printText)(options.file, *file, model, plan);
    return {};
}

} // namespace ponder::cli
