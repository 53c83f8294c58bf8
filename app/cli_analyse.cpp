#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>

#include "app/analyse_input.h"
#include "app/cli.h"
#include "app/terminal_text.h"

namespace ponder::cli {

namespace {

using Json = nlohmann::ordered_json;

/// Writes objects piece by piece: a tree of a long thought's steps would take longer than all that was found in it.
class LineWriter {
public:
    void open(char bracket)
    {
        comma();
        m_line += bracket;
        m_first = true;
    }
    void close(char bracket)
    {
        m_line += bracket;
        m_first = false;
    }
    void key(std::string_view name)
    {
        comma();
        m_line.append("\"").append(name).append("\":");
        m_first = true;
    }
    void add(std::string_view name, std::size_t number)
    {
        key(name);
        m_line += std::to_string(number);
        m_first = false;
    }
    void add(std::string_view name, const Json& value)
    {
        key(name);
        m_line += value.dump(-1, ' ', false, Json::error_handler_t::replace);
        m_first = false;
    }
    void addNamed(
        std::string_view name, std::string_view plain) ///< a word of ours, with nothing to escape
    {
        key(name);
        m_line.append("\"").append(plain).append("\"");
        m_first = false;
    }
    [[nodiscard]] const std::string& line() const { return m_line; }

private:
    void comma()
    {
        if (!m_first)
            m_line += ',';
        m_first = false;
    }

    std::string m_line;
    bool m_first = true;
};

void write(LineWriter& out, const Finding& finding)
{
    out.open('{');
    out.addNamed("kind", findingKindName(finding.kind));
    out.addNamed("severity", severityName(finding.severity));
    out.addNamed("in", textPartName(finding.part));
    out.add("start", finding.start);
    out.add("end", finding.end);
    out.add("text", Json(finding.text));
    out.add("message", Json(finding.message));
    if (!finding.expression.empty())
        out.add("expression", Json(finding.expression));
    if (!finding.written.empty())
        out.add("written", Json(finding.written));
    if (!finding.value.empty())
        out.add("value", Json(finding.value));
    out.close('}');
}

std::string jsonLine(const AnalyseInput& input, const Analysis& analysis)
{
    LineWriter out;
    out.open('{');
    out.add("id", input.id);
    out.key("steps");
    out.open('[');
    for (const AnalysedStep& step : analysis.steps) {
        out.open('{');
        out.add("start", step.start);
        out.add("end", step.end);
        out.addNamed("kind", stepKindName(step.kind));
        out.add("move", step.move);
        out.add("attempt", step.attempt);
        out.close('}');
    }
    out.close(']');
    out.key("candidates");
    out.open('[');
    for (const Candidate& candidate : analysis.candidates) {
        out.open('{');
        out.add("start", candidate.start);
        out.add("end", candidate.end);
        out.add("value", Json(candidate.value));
        out.addNamed("in", textPartName(candidate.part));
        out.close('}');
    }
    out.close(']');
    out.key("findings");
    out.open('[');
    for (const Finding& finding : analysis.findings)
        write(out, finding);
    out.close(']');
    if (input.reasoningStart)
        out.add("reasoning_start", *input.reasoningStart);
    if (input.answerStart)
        out.add("answer_start", *input.answerStart);
    out.close('}');
    return out.line();
}

/// The number of the step that has this offset, from 1.
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
        out += "== " + (input.id.is_string() ? input.id.get<std::string>() : input.id.dump())
            + "\n";
    out += std::to_string(analysis.steps.size())
        + (analysis.steps.size() == 1 ? " step, " : " steps, ")
        + std::to_string(analysis.findings.size())
        + (analysis.findings.size() == 1 ? " finding" : " findings") + "\n";
    for (const Finding& finding : analysis.findings) {
        const std::string place = finding.part == TextPart::Answer
            ? "answer"
            : "step " + std::to_string(stepAt(analysis, finding.start));
        out += "  " + place + ", " + std::string(severityName(finding.severity)) + " ("
            + std::string(findingKindName(finding.kind)) + "): " + oneLine(finding.text)
            + "\n      " + oneLine(finding.message) + "\n";
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
            std::printf("%s\n", jsonLine(input, analysis).c_str());
        else
            print(input, analysis, inputs->size() > 1);
    }
    return {};
}

} // namespace ponder::cli
