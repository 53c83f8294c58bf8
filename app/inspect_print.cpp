#include <cstdio>
#include <string>
#include <vector>

#include "app/inspect_report.h"
#include "engine/file/printable.h"
#include "engine/model/agreement.h"

namespace ponder::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string shapeText(const ModelTensor& tensor)
{
    std::string text = "[";
    for (std::uint32_t i = 0; i < tensor.dimensionCount; ++i)
        text += (i > 0 ? ", " : "") + std::to_string(tensor.dimensions[i]);
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
    Json json{{"device", plan.device()}, {"threads", plan.threads},
        {"context_length", plan.contextLength}, {"weight_bytes", plan.weightBytes},
        {"cache_bytes", plan.cacheBytes}, {"work_bytes", plan.workBytes},
        {"available_bytes", plan.availableBytes}, {"bytes_per_token", plan.bytesPerToken},
        {"estimated_tok_s", plan.tokensPerSecond}, {"missing_bytes", plan.missingBytes},
        {"disk_bytes_per_token", plan.diskBytesPerToken}, {"remark", plan.remark}};
    if (plan.gpu) {
        const GpuShare& share = *plan.gpu;
        json["gpu"] = Json{{"name", share.gpu.name}, {"weight_bytes", share.weightBytes},
            {"cache_bytes", share.cacheBytes}, {"cache", cacheTypeText(share.cache)},
            {"work_bytes", share.workBytes}, {"stream_bytes", share.streamBytes},
            {"expert_cache_bytes", share.expertCacheBytes}, {"reserve_bytes", share.reserveBytes},
            {"available_bytes", share.gpu.availableBytes}, {"bytes_per_token", share.bytesPerToken},
            {"layers", share.layers.size()}, {"attention_layers", share.attentionLayers()},
            {"feed_forward_layers", share.feedForwardLayers()}};
    }
    return json;
}

Json gpusJson(const InspectReport& report)
{
    Json gpus = Json::array();
    for (const Gpu& gpu : report.gpus)
        gpus.push_back(Json{{"device", "cuda:" + std::to_string(gpu.index)}, {"name", gpu.name},
            {"memory_bytes", gpu.memoryBytes}, {"available_bytes", gpu.availableBytes},
            {"bandwidth_gb_s", gpu.bandwidth / 1e9}});
    return gpus;
}

Json textJson(const InspectReport& report)
{
    if (!report.text)
        return {{"problem", report.textProblem}};
    const Tokenizer& tokenizer = *report.text->tokenizer;
    return {{"tokens", tokenizer.vocabSize()}, {"bos", tokenizer.bos()}, {"eos", tokenizer.eos()},
        {"end_of_generation", tokenizer.endOfGeneration()},
        {"chat_template", report.text->chatTemplate->name()},
        {"thought_format", report.text->format->name}, {"thinking", report.thinking}};
}

std::string tokenizerText(const InspectReport& report)
{
    const ModelFile& file = report.contents();
    if (!report.text)
        return "cannot be used: " + report.textProblem;
    std::string text = std::to_string(report.text->tokenizer->vocabSize()) + " tokens, ";
    if (file.folder() != nullptr)
        return text + "tokenizer.json";
    text += printable(file.getString("tokenizer.ggml.model").value_or("?"));
    if (const auto pre = file.getString("tokenizer.ggml.pre"))
        text += ", " + printable(*pre);
    return text;
}

std::string templateText(const InspectReport& report)
{
    const auto source = report.contents().getString("tokenizer.chat_template").value_or("");
    std::string text
        = source.empty() ? "none in the file" : std::to_string(source.size()) + " bytes of Jinja";
    if (report.text)
        text += "; used: " + report.text->chatTemplate->name();
    return text;
}

void printModel(const InspectReport& report)
{
    const ModelInfo& info = report.model->info();
    std::printf(
        "\n%s (%s)\n", printable(info.name, 200).c_str(), printable(info.architecture).c_str());
    std::printf("  parameters    %.2f million, %.2f million active per token\n",
        static_cast<double>(info.parameters) / 1e6,
        static_cast<double>(info.activeParameters) / 1e6);
    std::printf("  quantisation  %s\n", info.quantisation.c_str());
    if (info.experts > 0)
        std::printf("  layers        %u; %u experts, %u used\n", info.layers, info.experts,
            info.expertsUsed);
    else
        std::printf("  layers        %u\n", info.layers);
    std::printf(
        "  context       %u tokens; vocabulary %u\n", info.contextLength, info.vocabularySize);
    std::printf("  fingerprint   %s\n", info.fingerprint.c_str());
}

void printPlan(const InspectReport& report)
{
    const Result<PlacementPlan>& plan = *report.plan;
    if (!plan) {
        std::printf("\nIt does not run here: %s%s\n", plan.error().message.c_str(),
            opensLargerThanMemory(plan.error()) ? " Give --larger-than-memory for that." : "");
        return;
    }
    std::printf("\nIt runs here. %s.\n", plan->summary().c_str());
    if (!plan->remark.empty())
        std::printf("  %s\n", plan->remark.c_str());
    if (!report.gpuRemark.empty())
        std::printf("  %s\n", report.gpuRemark.c_str());
    std::printf("  A token reads %s; this memory gives %.1f GB a second.\n",
        describeBytes(plan->bytesPerToken).c_str(), report.bandwidth / 1e9);
}

/// "blk.61." where all of these names begin so and there are many of them, otherwise the names.
std::vector<std::string> gathered(const std::vector<std::string>& names)
{
    std::vector<std::string> lines;
    std::string layer; // of the last line
    std::size_t count = 0;
    for (const std::string& name : names) {
        const std::size_t dot = name.starts_with("blk.") ? name.find('.', 4) : std::string::npos;
        const std::string its = dot == std::string::npos ? "" : name.substr(0, dot + 1);
        if (!its.empty() && its == layer) {
            lines.back() = printable(its) + "* (" + std::to_string(++count) + " tensors)";
            continue;
        }
        layer = its;
        count = 1;
        lines.push_back(printable(name, 200));
    }
    return lines;
}

void printIgnored(const InspectReport& report)
{
    if (report.ignored.empty())
        return;
    std::printf("\nPonder does not use\n");
    const ModelFile& file = report.contents();
    for (const std::string& key : report.ignored.keys)
        std::printf(
            "  %s = %s\n", printable(key, 200).c_str(), describeValue(*file.entry(key)).c_str());
    for (const std::string& line : gathered(report.ignored.tensors))
        std::printf("  %s\n", line.c_str());
}

} // namespace

nlohmann::ordered_json toJson(const InspectReport& report)
{
    const ModelFile& file = report.contents();
    Json result{
        {"file", report.path.string()}, {"format", file.format()}, {"bytes", file.fileBytes()}};
    if (report.model) {
        const ModelInfo& info = report.model->info();
        result.update(Json{{"name", info.name}, {"architecture", info.architecture},
            {"quantisation", info.quantisation}, {"fingerprint", info.fingerprint},
            {"parameters", info.parameters}, {"active_parameters", info.activeParameters},
            {"context_length", info.contextLength}, {"layers", info.layers},
            {"vocabulary", info.vocabularySize}, {"experts", info.experts},
            {"experts_used", info.expertsUsed}});
    } else {
        result["problem"] = report.problem;
    }
    result["text"] = textJson(report);
    result["lacks"] = report.lacks;
    if (report.model)
        result["ignored"]
            = Json{{"metadata", report.ignored.keys}, {"tensors", report.ignored.tensors}};
    if (report.plan) {
        result["plan"] = *report.plan ? planJson(**report.plan)
                                      : Json{{"problem", report.plan->error().message}};
        result["plan"]["read_bandwidth_gb_s"] = report.bandwidth / 1e9;
        result["gpus"] = gpusJson(report);
    }
    result["metadata"] = metadataJson(file);
    Json tensors = Json::array();
    for (const ModelTensor& tensor : file.tensors()) {
        Json shape = Json::array();
        for (std::uint32_t i = 0; i < tensor.dimensionCount; ++i)
            shape.push_back(tensor.dimensions[i]);
        tensors.push_back(
            Json{{"name", tensor.name}, {"type", ponder::kernels::traits(tensor.type).name},
                {"shape", shape}, {"bytes", tensor.bytes}});
    }
    result["tensors"] = std::move(tensors);
    return result;
}

void print(const InspectReport& report)
{
    const ModelFile& file = report.contents();
    std::printf("%s: %s, %s\n", printableWhole(report.path.string()).c_str(), file.format().c_str(),
        describeBytes(file.fileBytes()).c_str());
    if (report.model)
        printModel(report);
    else
        std::printf("\nPonder cannot run it: %s\n", report.problem.c_str());
    std::printf("  tokenizer     %s\n", tokenizerText(report).c_str());
    std::printf("  chat template %s\n", templateText(report).c_str());
    if (report.text)
        std::printf("  thought       %s\n", report.thinking.c_str());
    if (report.plan)
        printPlan(report);
    if (!report.lacks.empty())
        std::printf("\nThe file lacks\n");
    for (const std::string& sentence : report.lacks)
        std::printf("  %s\n", sentence.c_str());
    printIgnored(report);
    std::printf("\nMetadata (%zu)\n", file.entries().size());
    for (const auto& entry : file.entries())
        std::printf("  %s = %s\n", printable(entry.key, 200).c_str(), describeValue(entry).c_str());
    std::printf("\nTensors (%zu)\n", file.tensors().size());
    for (const ModelTensor& tensor : file.tensors())
        std::printf("  %-36s %-7s %-22s %s\n", printable(tensor.name, 200).c_str(),
            std::string(ponder::kernels::traits(tensor.type).name).c_str(),
            shapeText(tensor).c_str(), describeBytes(tensor.bytes).c_str());
}

} // namespace ponder::cli
