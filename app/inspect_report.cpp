#include "app/inspect_report.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "app/cli.h"
#include "engine/plan/plan_model.h"
#include "kernels/cpu/bandwidth/bandwidth.h"
#include "kernels/cpu/cpu.h"

namespace ponder::cli {
namespace {

constexpr std::size_t kMeasuredBytes = std::size_t{128} << 20U;

bool contains(const std::string& text, std::string_view piece)
{
    return text.find(piece) != std::string::npos;
}

std::string thinkingOf(const ModelText& text)
{
    const std::string& source = text.chatTemplate->source();
    std::string kind = std::string(text.format->name);
    RenderOptions options;
    const std::array messages = {ChatMessage{"user", "?", ""}};
    const auto prompt = text.chatTemplate->render(messages, options);
    const bool isNamed = contains(source, text.format->thoughtOpened);
    const bool hasTokens = text.tokenizer->find(text.format->thoughtOpened) >= 0;
    if (prompt && prompt->start == ThoughtStart::InThought)
        return kind + ": the template opens the thought";
    if (contains(source, "enable_thinking"))
        return kind + ": can be switched off (enable_thinking)";
    if (isNamed || hasTokens || text.format->hasHeaders)
        return kind + ": the model opens the thought itself";
    return "none: neither template nor vocabulary knows a thought";
}

std::vector<std::string> lacksOf(const InspectReport& report)
{
    const ModelFile& file = report.contents();
    std::vector<std::string> lacks;
    const auto note = [&lacks](bool absent, const char* sentence) {
        if (absent)
            lacks.emplace_back(sentence);
    };
    if (report.text && !report.text->chatTemplate->remark().empty())
        lacks.push_back(report.text->chatTemplate->remark());
    if (file.entry("general.sampling.temp") == nullptr) {
        const SamplingOptions advice = recommendedSampling(file);
        const std::string family(samplingFamily(file));
        std::array<char, 160> words{};
        std::snprintf(words.data(), words.size(),
            "Recommended sampling: %s, temperature %.2g and top-p %.2g.",
            family.empty() ? "Ponder's defaults are used"
                           : ("what is advised for " + family + " is used").c_str(),
            static_cast<double>(advice.temperature), static_cast<double>(advice.topP));
        lacks.emplace_back(words.data());
    }
    if (report.text && !report.text->tokenizer->remark().empty())
        lacks.push_back(report.text->tokenizer->remark());
    const std::string architecture{file.getString("general.architecture").value_or("")};
    if (architecture == "deepseek2") {
        note(file.kind() != ModelFile::Kind::Folder
                && file.entry("deepseek2.expert_group_count") == nullptr
                && file.entry("deepseek2.expert_count") != nullptr,
            "The groups of experts (an older file): those of the published models are used.");
        note(file.kind() != ModelFile::Kind::Folder
                && file.entry("deepseek2.expert_gating_func") == nullptr
                && file.entry("deepseek2.expert_count") != nullptr,
            "How experts are scored (an older file): by softmax, as all models then were.");
        note(report.model && report.model->network().predictions.empty(),
            "The layer that predicts a second token. It is only needed for speed.");
    }
    return lacks;
}

} // namespace

Result<InspectReport> makeReport(const std::filesystem::path& path, const DeviceChoice& device,
    const TemplateChoice& chatTemplate)
{
    InspectReport report;
    report.path = path;
    auto model = Model::open(path);
    if (model) {
        report.model = std::move(*model);
    } else {
        // A sound file of an unknown family is still worth looking into.
        report.problem = model.error().message;
        auto file = ModelFile::open(path);
        if (!file)
            return tl::unexpected(file.error());
        report.file = std::move(*file);
    }
    auto text = ModelText::load(report.contents(), chatTemplate);
    if (text) {
        report.text = std::move(*text);
        report.thinking = thinkingOf(*report.text);
    } else {
        report.textProblem = text.error().message;
    }
    if (report.model) {
        Machine machine = Machine::detect();
        kernels::Cpu cpu(kernels::ThreadPool::Options{.threads = machine.cores});
        report.bandwidth = kernels::measureReadBandwidth(cpu, kMeasuredBytes, 3);
        machine.bandwidth = report.bandwidth;
        auto gpus = openGpus(device);
        if (!gpus)
            return tl::unexpected(gpus.error());
        report.gpuRemark = gpus->remark;
        if (gpus->cuda != nullptr) {
            if (auto found = gpus->cuda->devices())
                machine.gpus = report.gpus = std::move(*found);
            else
                report.gpuRemark = found.error().message;
        }
        report.plan = planModel(*report.model, machine, {.device = device});
    }
    report.lacks = lacksOf(report);
    if (report.model)
        report.ignored = ignoredParts(report.contents(), report.model->network());
    return report;
}

} // namespace ponder::cli
