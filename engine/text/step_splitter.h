#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ponder {

/// Splits a thought into steps while it is written: see ThoughtReader for the rule. Whitespace at the beginning and
/// at the end is dropped. For one thought; not thread-safe.
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

} // namespace ponder
