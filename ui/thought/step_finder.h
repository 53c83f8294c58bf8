#pragma once

#include <QList>
#include <QString>

namespace ponder {

/// Finds where the steps of a thought begin, as its text grows: one a paragraph (after a blank
/// line) and one an item of a list (a line that begins, unindented, with "-", "*", "•", "1.", "1)" or
/// "Step 1"), but none inside a fenced code block. The rules are those of the engine's ThoughtReader,
/// and one more: a step that grows past kLongestStep goes on as another, so that laying it out stays cheap.
class StepFinder {
public:
    static constexpr qsizetype kLongestStep = 2000;

    /// Looks at `text` from where the last call ended; `text` begins with the text of that call.
    /// Returns the offsets, in UTF-16 units, at which new steps begin, in order. A line counts once
    /// enough of it is there to tell.
    [[nodiscard]] QList<qsizetype> advance(const QString& text);

private:
    enum class Start { No, Yes, Unsettled };

    [[nodiscard]] Start startsItem(QStringView line, bool complete) const;

    qsizetype m_step = -1; ///< where the last step begins
    qsizetype m_line = 0; ///< where the line begins that is not settled yet
    bool m_settled = false; ///< whether that line is known to begin a step, or not to
    bool m_blankBefore = true;
    bool m_inFence = false;
};

} // namespace ponder
