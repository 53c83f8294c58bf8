#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/text/regex.h"

namespace ponder {

/// Splits text into the pieces inside which BPE merges: words with the space before them, numbers,
/// punctuation. A sequence of regular expressions, each on the pieces that those before it left.
///
/// Immutable and cheap to copy; any number of threads may use one, each with a Workspace of its own.
class PreTokenizer {
public:
    /// One split: every match is a piece.
    struct Split {
        std::string pattern; ///< as tokenizer.json writes it
        bool dropRest
            = false; ///< what lies between the matches is left out, not a piece of its own
    };

    struct Workspace {
        Regex::Workspace regex;
        std::vector<std::string_view> pieces;
        std::vector<std::string_view> finer;
    };

    /// Fails with UnsupportedTokenizer, see Regex::create.
    [[nodiscard]] static Result<PreTokenizer> create(std::span<const Split> splits);

    /// text: valid UTF-8. The pieces, views into text, in order; valid until the workspace's next use.
    [[nodiscard]] std::span<const std::string_view> split(
        std::string_view text, Workspace& workspace) const;

private:
    struct Step {
        Regex regex;
        bool dropRest;
    };
    std::vector<Step> m_steps;
};

} // namespace ponder
