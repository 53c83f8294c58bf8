#pragma once

#include <QByteArrayView>

namespace ponder {

/// How a fenced code block begins.
struct Fence {
    char mark = 0; ///< '`' or '~'
    int length = 0; ///< 0: no fence
    int indent = 0;
    QByteArrayView info; ///< what follows the fence, trimmed
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
    [[nodiscard]] ListMarker listMarker() const;
    /// What closes the display formula that the line begins with; empty if it begins with none, or one
    /// that ends before the line does.
    [[nodiscard]] QByteArrayView mathCloser() const;
};

} // namespace ponder
