#include "engine/reasoning/analysis.h"

#include <algorithm>
#include <utility>

#include "engine/reasoning/candidates.h"
#include "engine/reasoning/characters.h"
#include "engine/reasoning/column_sums.h"
#include "engine/reasoning/equations.h"
#include "engine/reasoning/hints.h"
#include "engine/reasoning/loop_detector.h"
#include "engine/reasoning/math_lexer.h"
#include "engine/reasoning/repetition.h"
#include "engine/reasoning/step_kind.h"

namespace ponder {

namespace {

Finding arithmeticFinding(
    const FalseEquation& equation, TextPart part, std::string_view text, const CodePoints& points)
{
    Finding finding;
    finding.kind = FindingKind::Arithmetic;
    finding.severity = equation.misprint ? Severity::Hint
        : equation.rounding              ? Severity::Rounding
                                         : Severity::Wrong;
    finding.part = part;
    finding.start = points.at(equation.begin);
    finding.end = points.at(equation.end);
    finding.text = text.substr(equation.begin, equation.end - equation.begin);
    finding.expression = equation.expression;
    finding.written = equation.written;
    finding.value = equation.value;
    finding.message = equation.solved ? "By the equation before, " : "";
    finding.message
        += equation.expression + " is " + equation.value + ", not " + equation.written + ".";
    if (equation.misprint)
        finding.message += " The sentence around it has it right.";
    return finding;
}

/// A step, in bytes; without the white space around it.
struct StepSpan {
    std::size_t begin, end;
};

std::vector<StepSpan> spansOf(std::string_view text, const std::vector<std::size_t>& begins)
{
    std::vector<StepSpan> spans;
    for (std::size_t i = 0; i < begins.size(); ++i) {
        const std::size_t limit = i + 1 < begins.size() ? begins[i + 1] : text.size();
        if (begins[i] >= limit || limit > text.size())
            continue;
        const std::string_view step = text.substr(begins[i], limit - begins[i]);
        const std::size_t size = step.find_last_not_of(" \t\r\n") + 1;
        if (size > 0)
            spans.push_back({begins[i], begins[i] + size});
    }
    return spans;
}

/// Steps of one kind that follow one another are one move; turning back begins another attempt.
void addSteps(Analysis& result, const ReasoningRecord& record, const CodePoints& points)
{
    const std::string_view text = record.reasoning;
    const std::vector<StepSpan> spans = spansOf(text, record.stepBegins);
    std::size_t move = 0;
    std::size_t attempt = 0;
    for (std::size_t i = 0; i < spans.size(); ++i) {
        const std::string_view step = text.substr(spans[i].begin, spans[i].end - spans[i].begin);
        const StepKind kind = stepKind(step, i, spans.size());
        if (i > 0 && kind != result.steps.back().kind) {
            ++move;
            attempt += kind == StepKind::TurnBack ? 1 : 0;
        }
        result.steps.push_back(
            {points.at(spans[i].begin), points.at(spans[i].end), kind, move, attempt});
    }
}

void addHints(Analysis& result, FindingKind kind, std::string_view text, const CodePoints& points,
    const std::vector<Hint>& hints)
{
    for (const Hint& hint : hints) {
        Finding finding;
        finding.kind = kind;
        finding.start = points.at(hint.begin);
        finding.end = points.at(hint.end);
        finding.text = text.substr(hint.begin, hint.end - hint.begin);
        finding.message = hint.message;
        finding.written = hint.written;
        finding.value = hint.value;
        result.findings.push_back(std::move(finding));
    }
}

/// The language of a record, else the one that the beginning of its thought is written in.
Language languageOf(const ReasoningRecord& record)
{
    if (record.language.starts_with("de"))
        return Language::German;
    if (record.language.starts_with("zh"))
        return Language::Chinese;
    if (!record.language.empty())
        return Language::English;
    const std::string_view sample = std::string_view(record.reasoning).substr(0, 4000);
    std::size_t han = 0;
    for (std::size_t at = 0; at < sample.size();) {
        const Character c = characterAt(sample, at);
        han += isHan(c.code) ? 1 : 0;
        at += c.length;
    }
    if (han * 3 * 5 > sample.size())
        return Language::Chinese;
    const std::string lower = " " + lowered(sample) + " ";
    std::size_t german = 0;
    std::size_t english = 0;
    for (const std::string_view word : {" der ", " die ", " das ", " und ", " ist ", " nicht ",
             " wir ", " ich ", " ein ", " eine "})
        for (std::size_t at = lower.find(word); at != std::string::npos;
            at = lower.find(word, at + 1))
            ++german;
    for (const std::string_view word :
        {" the ", " and ", " is ", " of ", " to ", " we ", " that ", " so ", " a ", " in "})
        for (std::size_t at = lower.find(word); at != std::string::npos;
            at = lower.find(word, at + 1))
            ++english;
    return german > english ? Language::German : Language::English;
}

/// Reports a thought that ends in a loop. A loop that the thought left by itself is not reported.
void addLoop(Analysis& result, std::string_view text, const CodePoints& points)
{
    constexpr std::size_t kShortest = 1000; // bytes
    constexpr std::size_t kShown = 200;
    const std::string_view tail = text.substr(text.size() - std::min(text.size(), kLoopEnd));
    if (tail.size() < kShortest || compressedShare(tail) >= kLoopShare)
        return;
    LoopDetector detector;
    detector.push(text);
    std::size_t begin = text.size() - tail.size();
    std::size_t length = kShown;
    if (!detector.loops().empty() && detector.loops().back().end > begin) {
        begin = detector.loops().back().begin;
        length = std::clamp<std::size_t>(detector.loops().back().period, 1, kShown);
    }
    Finding finding;
    finding.kind = FindingKind::Loop;
    finding.start = points.at(begin);
    finding.end = points.at(text.size());
    begin = points.byteAt(finding.start);
    const std::size_t end = points.byteAt(points.at(std::min(text.size(), begin + length)));
    finding.text = text.substr(begin, end - begin);
    finding.message = "From here on the thought says the same again and again.";
    result.findings.push_back(std::move(finding));
}

void addCandidates(Analysis& result, const ReasoningRecord& record, const CodePoints& points,
    const CodePoints& answerPoints)
{
    std::string last; // of the firm ones
    for (const NamedAnswer& named : namedAnswers(record.reasoning, record.question)) {
        Candidate candidate{
            TextPart::Reasoning, points.at(named.begin), points.at(named.end), named.value};
        if (named.firm && !last.empty()
            && compareAnswers(last, candidate.value) == Sameness::Different) {
            Finding finding;
            finding.kind = FindingKind::ChangedMind;
            finding.start = candidate.start;
            finding.end = candidate.end;
            finding.text = record.reasoning.substr(named.begin, named.end - named.begin);
            finding.message
                = "The answer was " + last + " before, and is " + candidate.value + " now.";
            finding.written = last;
            finding.value = candidate.value;
            result.findings.push_back(std::move(finding));
        }
        if (named.firm)
            last = named.value;
        result.candidates.push_back(std::move(candidate));
    }
    const auto answers = answersOfAnswer(record.answer, record.question);
    for (const NamedAnswer& named : answers)
        result.candidates.push_back({TextPart::Answer, answerPoints.at(named.begin),
            answerPoints.at(named.end), named.value});
    if (last.empty() || answers.empty())
        return;
    const NamedAnswer& own = answers.back();
    if (compareAnswers(last, own.value) != Sameness::Different)
        return;
    Finding finding;
    finding.kind = FindingKind::AnswerDiffers;
    finding.part = TextPart::Answer;
    finding.start = answerPoints.at(own.begin);
    finding.end = answerPoints.at(own.end);
    finding.text = record.answer.substr(own.begin, own.end - own.begin);
    finding.message = "The thought ends with " + last + ", the answer says " + own.value + ".";
    finding.written = own.value;
    finding.value = last;
    result.findings.push_back(std::move(finding));
}

} // namespace

Analysis analyse(const ReasoningRecord& record)
{
    Analysis result;
    const CodePoints points(record.reasoning);
    addSteps(result, record, points);
    const CodePoints answerPoints(record.answer);
    const Language language = languageOf(record);
    const MathText thought = readMath(record.reasoning, language);
    for (const FalseEquation& column : falseColumns(record.reasoning, language))
        result.findings.push_back(
            arithmeticFinding(column, TextPart::Reasoning, record.reasoning, points));
    const Equations equations = readEquations(thought);
    for (const FalseEquation& equation : equations.wrong)
        result.findings.push_back(
            arithmeticFinding(equation, TextPart::Reasoning, record.reasoning, points));
    addHints(result, FindingKind::Given, record.reasoning, points,
        ungivenNumbers(thought, readMath(record.question, language)));
    addHints(result, FindingKind::Count, record.reasoning, points, wrongCounts(record.reasoning));
    std::vector<std::size_t> attempts;
    for (const AnalysedStep& step : result.steps) {
        if (step.kind == StepKind::TurnBack)
            attempts.push_back(points.byteAt(step.start));
    }
    addHints(result, FindingKind::Contradiction, record.reasoning, points,
        contradictions(record.reasoning, equations.assignments, attempts));
    addLoop(result, record.reasoning, points);
    addCandidates(result, record, points, answerPoints);
    for (const FalseEquation& equation : readEquations(readMath(record.answer, language)).wrong)
        result.findings.push_back(
            arithmeticFinding(equation, TextPart::Answer, record.answer, answerPoints));
    for (const FalseEquation& column : falseColumns(record.answer, language))
        result.findings.push_back(
            arithmeticFinding(column, TextPart::Answer, record.answer, answerPoints));
    std::ranges::stable_sort(result.findings, {},
        [](const Finding& finding) { return std::pair(finding.part, finding.start); });
    return result;
}

std::string_view stepKindName(StepKind kind)
{
    switch (kind) {
    case StepKind::Setup:
        return "setup";
    case StepKind::Plan:
        return "plan";
    case StepKind::Work:
        return "work";
    case StepKind::Check:
        return "check";
    case StepKind::TurnBack:
        return "turn_back";
    case StepKind::Conclude:
        return "conclude";
    }
    return {};
}

std::string_view textPartName(TextPart part)
{
    return part == TextPart::Answer ? "answer" : "reasoning";
}

std::string_view findingKindName(FindingKind kind)
{
    switch (kind) {
    case FindingKind::Arithmetic:
        return "arithmetic";
    case FindingKind::Loop:
        return "loop";
    case FindingKind::AnswerDiffers:
        return "answer_differs";
    case FindingKind::ChangedMind:
        return "changed_mind";
    case FindingKind::Given:
        return "given";
    case FindingKind::Contradiction:
        return "contradiction";
    case FindingKind::Count:
        return "count";
    }
    return {};
}

std::string_view severityName(Severity severity)
{
    switch (severity) {
    case Severity::Wrong:
        return "wrong";
    case Severity::Rounding:
        return "rounding";
    case Severity::Hint:
        return "hint";
    }
    return {};
}

} // namespace ponder
