#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ponder {

/// Splits a thought into steps while it is written. The only rule for steps; whoever has a whole thought asks
/// stepBegins().
///
/// A step is a paragraph (after a blank line) or an item of a list: a line that begins, unindented, with "-", "*", "•",
/// a number of at most three digits and "." or ")", or "Step" and a number. A space or a tab stands after the mark, and
/// between "Step" and its number. Digits are those of any script. None begins inside a fenced code block. The whitespace
/// between steps belongs to the earlier.
///
/// Whitespace at the beginning and at the end is dropped. For one thought; not thread-safe.
class StepSplitter {
public:
    struct Piece {
        std::string text;
        int step;
    };

    /// Whole UTF-8, cut between any two characters.
    [[nodiscard]] std::vector<Piece> push(std::string_view text);
    [[nodiscard]] std::vector<Piece> finish();

    [[nodiscard]] int step() const { return m_step; }
    [[nodiscard]] int stepCount() const { return m_started ? m_step + 1 : 0; }

private:
    enum class LineKind { Unknown, Text, Item, Fence };
    [[nodiscard]] static LineKind kindOf(std::string_view head);

    void settleLine(LineKind kind, std::vector<Piece>& pieces);
    void settleText(std::vector<Piece>& pieces);
    void write(std::string_view text, std::vector<Piece>& pieces) const;

    int m_step = 0;
    bool m_started = false; ///< some text was written
    bool m_inFence = false; ///< inside a fenced code block
    bool m_lineSettled
        = false; ///< the current line's kind is known, so its text is written as it comes
    std::string m_space; ///< whitespace that may turn out to stand at the end
    std::string m_head; ///< the current line's text while its kind is unknown
};

/// The byte offsets at which the steps of a whole thought begin, ascending; empty where it is blank. They are those at
/// which StepSplitter begins a step, however the text was cut on its way.
[[nodiscard]] std::vector<std::size_t> stepBegins(std::string_view text);

} // namespace ponder
