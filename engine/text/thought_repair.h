#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/text/thought_format.h"

namespace ponder {

/// A thought that holds its answer, taken apart.
struct RepairedThought {
    std::string reasoning;
    std::string content; ///< may be empty: there was a closing tag and nothing after it
};

/// Looks for the answer in a thought that was never closed: after a closing tag that the model wrote letter by letter, or
/// after the header of gpt-oss's final message. A tag in code or between quotation marks is only mentioned, and so is one
/// in the middle of a sentence. The last tag that is not only mentioned counts. Where there is none, another format's closing tag does that
/// begins its line, in upper or lower case.
///
/// thought: without white space around it; what is before `from` is never touched. ended: the model ended by itself, so
/// that there ought to be an answer; else only a tag that begins its line counts.
[[nodiscard]] std::optional<RepairedThought> repairThought(
    std::string_view thought, std::size_t from, const ThoughtFormat& format, bool ended);

} // namespace ponder
