// Any bytes as a thought, its answer and its question: every place lies in its text, places come in order, and what is noticed of
// loops does not depend on where the stream is cut.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "engine/reasoning/analysis.h"
#include "engine/reasoning/characters.h"
#include "engine/reasoning/loop_detector.h"
#include "engine/reasoning/step_splitter.h"

namespace {

void require(bool condition)
{
    if (!condition)
        std::abort();
}

void checkPlaces(const ponder::Analysis& analysis, std::size_t reasoning, std::size_t answer)
{
    std::size_t last = 0;
    for (const ponder::AnalysedStep& step : analysis.steps) {
        require(step.start >= last && step.start < step.end && step.end <= reasoning);
        last = step.end;
    }
    for (const ponder::Candidate& candidate : analysis.candidates)
        require(candidate.start <= candidate.end
            && candidate.end <= (candidate.part == ponder::TextPart::Answer ? answer : reasoning));
    last = 0;
    auto part = ponder::TextPart::Reasoning;
    for (const ponder::Finding& finding : analysis.findings) {
        if (finding.part != part) {
            require(finding.part == ponder::TextPart::Answer);
            part = finding.part;
            last = 0;
        }
        require(finding.start >= last && finding.start <= finding.end
            && finding.end <= (part == ponder::TextPart::Answer ? answer : reasoning));
        require(!finding.message.empty());
        last = finding.start;
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0)
        return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    constexpr const char* kLanguages[] = {"", "en", "de", "zh"};
    // The record's texts stand between bytes that are in none of them.
    const std::size_t first = text.find('\x01');
    const std::size_t second
        = first == std::string_view::npos ? first : text.find('\x01', first + 1);
    ponder::ReasoningRecord record;
    record.reasoning = text.substr(0, first);
    if (first != std::string_view::npos)
        record.answer = text.substr(
            first + 1, second == std::string_view::npos ? second : second - first - 1);
    if (second != std::string_view::npos)
        record.question = text.substr(second + 1);
    record.language = kLanguages[data[0] & 3U];
    record.stepBegins = ponder::stepBegins(record.reasoning);
    checkPlaces(ponder::analyse(record),
        ponder::CodePoints(record.reasoning).at(record.reasoning.size()),
        ponder::CodePoints(record.answer).at(record.answer.size()));

    ponder::LoopDetector whole;
    whole.push(record.reasoning);
    ponder::LoopDetector pieces;
    const std::size_t most = 1 + (data[0] >> 2U);
    for (std::size_t at = 0; at < record.reasoning.size(); at += most)
        pieces.push(std::string_view(record.reasoning).substr(at, most));
    require(whole.inLoop() == pieces.inLoop() && whole.loops().size() == pieces.loops().size());
    return 0;
}
