#pragma once

#include <QByteArrayView>
#include <QVarLengthArray>

namespace ponder {

/// How a fenced code block begins.
struct Fence {
    char mark = 0; ///< '`' or '~'
    int length = 0; ///< 0: no fence
    int indent = 0;
    QByteArrayView info; ///< what follows the fence, trimmed
};

struct SourceLine;

/// A fenced block whose end is looked for, line by line.
///
/// Models show Markdown in a fence, and forget to make that fence longer than those inside: in a block of
/// "markdown" a fence with a language can only open one, so the next bare fence closes that.
class OpenFence {
public:
    OpenFence() = default;
    explicit OpenFence(const Fence& fence);

    [[nodiscard]] const Fence& fence() const { return m_fence; }
    /// Takes the next line in. Whether it closes the block.
    bool closedBy(const SourceLine& line);
    /// The longest fence that was found inside; 0 for none.
    [[nodiscard]] int longestInside() const { return m_longest; }

private:
    Fence m_fence;
    bool m_nests = false;
    QVarLengthArray<int, 4> m_inside; ///< lengths of the open ones
    int m_longest = 0;
};

/// How an item of a list begins.
struct ListMarker {
    bool found = false;
    bool ordered = false;
    char delimiter = 0; ///< '-', '*', '+', '.' or ')'
    int number = 0;
    int contentOffset = 0; ///< columns that a line must be indented by to belong to the item
    bool empty = false;
};

/// `line` without as many columns of white space at its begin, or all that it has.
[[nodiscard]] QByteArray withoutIndent(QByteArrayView line, int columns);

/// One line of Markdown, and what CommonMark says that it could begin. Offsets are in bytes. Lines past
/// kLongestMark are never rules or fences, so that a verdict cannot change late in a long line.
struct SourceLine {
    static constexpr qsizetype kLongestMark = 200;

    qsizetype begin = 0;
    qsizetype end = 0; ///< without the line's end
    qsizetype next = 0; ///< begin of the next line
    int indent
        = 0; ///< columns of white space at the begin; a tab goes to the next multiple of four
    QByteArrayView words; ///< without white space around

    [[nodiscard]] static SourceLine at(QByteArrayView source, qsizetype begin);

    [[nodiscard]] QByteArrayView text(QByteArrayView source) const
    {
        return source.sliced(begin, end - begin);
    }
    [[nodiscard]] bool isBlank() const { return words.isEmpty(); }
    [[nodiscard]] bool endsWith(QByteArrayView closer) const { return words.endsWith(closer); }
    [[nodiscard]] Fence fence() const;
    [[nodiscard]] bool closesFence(const Fence& fence) const;
    [[nodiscard]] bool isHeading() const; ///< an ATX heading: "## …"
    [[nodiscard]] bool isQuote() const { return indent <= 3 && words.startsWith('>'); }
    [[nodiscard]] bool isRule() const; ///< "---", "* * *", "___"
    [[nodiscard]] bool isTableDelimiter() const; ///< "|---|:-:|"
    [[nodiscard]] int tableColumns() const; ///< cells of the line as a row of a table
    /// Whether it is the delimiter under such a header. Models count the cells wrong: where both lines begin
    /// with a bar, there may be too few.
    [[nodiscard]] bool delimits(const SourceLine& header) const;
    /// Nothing but figures and signs, such as "10", "- 3" or "= 7,5": a line of a sum.
    [[nodiscard]] bool isSum() const;
    /// What a setext heading is underlined with: "---" or "===".
    [[nodiscard]] bool isUnderline() const;
    [[nodiscard]] ListMarker listMarker() const;
    /// What closes the display formula that the line begins with; empty if it begins with none, or one
    /// that ends before the line does.
    [[nodiscard]] QByteArrayView mathCloser() const;
};

} // namespace ponder
