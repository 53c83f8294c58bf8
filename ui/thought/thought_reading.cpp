#include "ui/thought/thought_reading.h"

#include <QCoreApplication>

#include <algorithm>
#include <vector>

#include "engine/reasoning/analysis.h"

namespace ponder {

namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("ThoughtReading", text);
}

QString kindName(StepKind kind)
{
    switch (kind) {
    case StepKind::Setup:
        return tr("sets up");
    case StepKind::Plan:
        return tr("plans");
    case StepKind::Work:
        return tr("works out");
    case StepKind::Check:
        return tr("checks");
    case StepKind::TurnBack:
        return tr("turns back");
    case StepKind::Conclude:
        return tr("concludes");
    }
    return {};
}

QString findingName(const Finding& finding)
{
    switch (finding.kind) {
    case FindingKind::Arithmetic:
        return finding.severity == Severity::Wrong ? tr("wrong sum") : tr("last digits off");
    case FindingKind::Loop:
        return tr("goes round in circles");
    case FindingKind::AnswerDiffers:
        return tr("answer differs");
    case FindingKind::ChangedMind:
        return tr("changed its mind");
    case FindingKind::Given:
        return tr("number that the question does not have");
    case FindingKind::Contradiction:
        return tr("two values for one quantity");
    case FindingKind::Count:
        return tr("wrong count");
    }
    return {};
}

Weight::Value weightOf(Severity severity)
{
    switch (severity) {
    case Severity::Wrong:
        return Weight::Wrong;
    case Severity::Rounding:
        return Weight::Rounding;
    case Severity::Hint:
        return Weight::Hint;
    }
    return Weight::Hint;
}

/// Bytes of UTF-8 for each of the ascending UTF-16 offsets.
std::vector<std::size_t> byteOffsets(QStringView text, const QList<qsizetype>& offsets)
{
    std::vector<std::size_t> bytes;
    bytes.reserve(std::size_t(offsets.size()));
    qsizetype at = 0;
    std::size_t before = 0;
    for (const qsizetype offset : offsets) {
        const qsizetype end = std::clamp(offset, at, text.size());
        before += std::size_t(text.sliced(at, end - at).toUtf8().size());
        at = end;
        bytes.push_back(before);
    }
    return bytes;
}

/// The step that a code point of the thought is in; -1 before the first.
int stepAt(const std::vector<AnalysedStep>& steps, std::size_t codePoint)
{
    const auto after = std::upper_bound(steps.begin(), steps.end(), codePoint,
        [](std::size_t at, const AnalysedStep& step) { return at < step.start; });
    return int(after - steps.begin()) - 1;
}

} // namespace

ThoughtReading readThought(const ThoughtTexts& texts)
{
    ReasoningRecord record;
    record.reasoning = texts.thought.toStdString();
    record.answer = texts.answer.toStdString();
    record.question = texts.question.toStdString();
    record.stepBegins = byteOffsets(texts.thought, texts.stepBegins);
    const Analysis analysis = analyse(record);

    ThoughtReading reading;
    for (const AnalysedStep& step : analysis.steps)
        reading.steps.append({kindName(step.kind), int(step.move), int(step.attempt)});
    const auto placeOf = [&](TextPart part, std::size_t start) {
        return part == TextPart::Answer ? -1 : std::max(stepAt(analysis.steps, start), 0);
    };
    for (const Finding& finding : analysis.findings) {
        reading.findings.append({weightOf(finding.severity), findingName(finding),
            QString::fromStdString(finding.message), QString::fromStdString(finding.text),
            placeOf(finding.part, finding.start)});
        if (finding.kind == FindingKind::AnswerDiffers)
            reading.difference = reading.findings.last().message;
    }
    for (const Candidate& candidate : analysis.candidates)
        reading.values.append(
            {QString::fromStdString(candidate.value), placeOf(candidate.part, candidate.start)});
    return reading;
}

} // namespace ponder

#include "moc_thought_reading.cpp"
