#include <algorithm>
#include <cstdio>
#include <string>

#include "app/analyse_input.h"
#include "app/cli.h"
#include "app/terminal_text.h"

namespace ponder::cli {

namespace {

using Json = nlohmann::ordered_json;

Json toJson(const Finding& finding)
{
    Json object = {{"kind", findingKindName(finding.kind)}, {"severity", severityName(finding.severity)},
        {"in", textPartName(finding.part)}, {"start", finding.start}, {"end", finding.end},
        {"text", finding.text}, {"message", finding.message}};
    if (!finding.expression.empty())
        object["expression"] = finding.expression;
    if (!finding.written.empty())
        object["written"] = finding.written;
    if (!finding.value.empty())
        object["value"] = finding.value;
    return object;
}

Json toJson(const AnalyseInput& input, const Analysis& analysis)
{
    Json object = {{"id", input.id}, {"steps", Json::array()}, {"candidates", Json::array()},
        {"findings", Json::array()}};
    if (input.reasoningStart)
        object["reasoning_start"] = *input.reasoningStart;
    if (input.answerStart)
        object["answer_start"] = *input.answerStart;
    for (const AnalysedStep& step : analysis.steps)
        object["steps"].push_back({{"start", step.start}, {"end", step.end},
            {"kind", stepKindName(step.kind)}, {"move", step.move}, {"attempt", step.attempt}});
    for (const Candidate& candidate : analysis.candidates)
        object["candidates"].push_back({{"start", candidate.start}, {"end", candidate.end},
            {"value", candidate.value}, {"in", textPartName(candidate.part)}});
    for (const Finding& finding : analysis.findings)
        object["findings"].push_back(toJson(finding));
    return object;
}

/// The number of the step that a place stands in, from 1.
std::size_t stepAt(const Analysis& analysis, std::size_t place)
{
    std::size_t number = 0;
    for (const AnalysedStep& step : analysis.steps) {
        if (step.start > place)
            break;
        ++number;
    }
    return std::max<std::size_t>(number, 1);
}

/// On one line, and not too long.
std::string oneLine(const std::string& text)
{
    constexpr std::size_t kLongest = 100;
    std::string line;
    for (const char c : text)
        line += c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
    if (line.size() > kLongest) {
        std::size_t end = kLongest;
        while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U)
            --end;
        line = line.substr(0, end) + "…";
    }
    return line;
}

void print(const AnalyseInput& input, const Analysis& analysis, bool many)
{
    std::string out;
    if (many && !input.id.is_null())
        out += "== " + (input.id.is_string() ? input.id.get<std::string>() : input.id.dump()) + "\n";
    out += std::to_string(analysis.steps.size()) + " steps, "
        + std::to_string(analysis.findings.size())
        + (analysis.findings.size() == 1 ? " finding" : " findings") + "\n";
    for (const Finding& finding : analysis.findings) {
        const std::string place = finding.part == TextPart::Answer
            ? "answer"
            : "step " + std::to_string(stepAt(analysis, finding.start));
        out += "  " + place + ", " + std::string(severityName(finding.severity)) + " ("
            + std::string(findingKindName(finding.kind)) + "): " + oneLine(finding.text) + "\n      "
            + oneLine(finding.message) + "\n";
    }
    std::fputs(safeText(out).c_str(), stdout);
}

} // namespace

Result<void> analyse(const AnalyseOptions& options)
{
    const auto text = readAll(options.file.value_or("-"));
    if (!text)
        return tl::unexpected(text.error());
    const auto inputs = readAnalyseInput(*text);
    if (!inputs)
        return tl::unexpected(inputs.error());
    for (const AnalyseInput& input : *inputs) {
        const Analysis analysis = ponder::analyse(input.record);
        if (options.json)
            std::printf("%s\n",
                toJson(input, analysis).dump(-1, ' ', false, Json::error_handler_t::replace).c_str());
        else
            print(input, analysis, inputs->size() > 1);
    }
    return {};
}

} // namespace ponder::cli
