#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ponder {

/// What is known of one question and what a model made of it. Whole UTF-8 is best; any bytes will do.
struct ReasoningRecord {
    std::string reasoning;
    std::string answer;
    std::string question;
    std::string language; ///< "en", "de", "zh"; empty: found from the text
    /// Byte offsets of `reasoning` at which steps begin, ascending: as the engine's stepBegins() gives them. Offsets that
    /// are not ascending are left out.
    std::vector<std::size_t> stepBegins;
};

/// What a step does.
enum class StepKind : std::uint8_t { Setup, Plan, Work, Check, TurnBack, Conclude };
[[nodiscard]] std::string_view stepKindName(StepKind kind);

enum class TextPart : std::uint8_t { Reasoning, Answer };
[[nodiscard]] std::string_view textPartName(TextPart part);

struct AnalysedStep {
    std::size_t start = 0, end = 0; ///< code points of the thought
    StepKind kind = StepKind::Work;
    std::size_t move = 0; ///< steps with the same number do one thing together
    std::size_t attempt = 0; ///< turning back begins the next
};

/// A passage that names what may be the final answer.
struct Candidate {
    TextPart part = TextPart::Reasoning;
    std::size_t start = 0, end = 0; ///< code points
    std::string value; ///< as it is written, without units and marks around it
};

enum class FindingKind : std::uint8_t {
    Arithmetic,
    Loop,
    AnswerDiffers,
    ChangedMind,
    Given,
    Contradiction,
    Count,
};
[[nodiscard]] std::string_view findingKindName(FindingKind kind);

enum class Severity : std::uint8_t { Wrong, Rounding, Hint };
[[nodiscard]] std::string_view severityName(Severity severity);

struct Finding {
    FindingKind kind = FindingKind::Arithmetic;
    Severity severity = Severity::Hint;
    TextPart part = TextPart::Reasoning;
    std::size_t start = 0, end = 0; ///< code points
    std::string text; ///< the words that are meant
    std::string message; ///< a sentence that says why
    std::string expression, written,
        value; ///< of sums; written and value also of counts and changes of mind
};

struct Analysis {
    std::vector<AnalysedStep> steps;
    std::vector<Candidate>
        candidates; ///< in the order of the text: the thought's, then the answer's
    std::vector<Finding> findings; ///< by place: the thought's, then the answer's
};

/// Looks at one record. No model is needed; it takes time in proportion to the text.
[[nodiscard]] Analysis analyse(const ReasoningRecord& record);

} // namespace ponder
