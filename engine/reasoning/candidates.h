#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ponder {

/// A value that a text names as the final answer.
struct NamedAnswer {
    std::size_t begin = 0, end = 0; ///< bytes of the value
    std::string value; ///< without marks, separators of thousands and units
    bool firm
        = true; ///< it is said to be the answer; else a conclusion about what is asked, perhaps on the way to it
};

/// "The answer is 42", \boxed{42}, "答案是42", "die Antwort ist 42", "x = 7, done"; and, where the question is known,
/// "therefore the number of apples is 42" if that is what it asks for. In the order of the text.
[[nodiscard]] std::vector<NamedAnswer> namedAnswers(
    std::string_view text, std::string_view question);

/// The final answer of an answer: the last one that it names, or all of it where it is short.
[[nodiscard]] std::vector<NamedAnswer> answersOfAnswer(
    std::string_view answer, std::string_view question);

enum class Sameness { Same, Different, Unclear };

/// Whether two values are the same thing: 1/2 and 0.5, 5.8 and 5.83 cm; "the bank" and "a river bank".
[[nodiscard]] Sameness compareAnswers(std::string_view a, std::string_view b);

} // namespace ponder
