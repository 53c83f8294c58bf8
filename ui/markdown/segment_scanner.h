#pragma once

#include <QByteArrayView>
#include <QList>

namespace ponder {

/// A stretch of the source that can be parsed on its own: what comes before and after changes
/// nothing in it. Whole items of a list, a fenced block, a paragraph and the like.
struct SourceSegment {
    enum Kind { Text, ListItem, Quote, Fence, IndentedCode, Math, Heading, Reference };

    Kind kind = Text;
    qsizetype begin = 0; ///< bytes; at the first character of a line, unless continued
    qsizetype end = 0; ///< begin of the next
    bool continued = false; ///< the rest of a paragraph that was too long for one
    bool joined = false; ///< Quote: goes on with the quote before, which was too long for one
    bool ordered = false; ///< ListItem: numbered
    char delimiter = 0; ///< ListItem: '-', '*', '+', '.' or ')'
    int number = 0; ///< ListItem: what it shows, counted from the list's first
    /// ListItem: not empty where an item goes on that was too long for one. Columns at which the content of
    /// the items begins that the text stands in, from the outermost.
    QList<int> offsets = {};
    qsizetype headerBegin = -1; ///< of a table's rows whose header is in an earlier segment
    qsizetype headerEnd = -1;

    friend bool operator==(const SourceSegment&, const SourceSegment&) = default;
};

/// Cuts Markdown into segments, without parsing what is in them. The cuts depend on the text
/// alone, never on how it arrived.
///
/// Two liberties against CommonMark make that possible: whether a list is loose does not matter, and a
/// line that defines a reference is a segment of its own, which is shown (reference.h). Longer than
/// kLongest bytes no segment of text grows, so that hostile input stays cheap; code does, and what holds
/// code or a table that is still open.
class SegmentScanner {
public:
    static constexpr qsizetype kLongestParagraph = 4096;
    static constexpr qsizetype kLongestTable = 8192; ///< its header is repeated after that
    static constexpr qsizetype kLongest = 16384;

    /// Scans `source` from the beginning of `first`; `before` is the segment before it, if any.
    /// Without `first` it scans from the start.
    [[nodiscard]] static QList<SourceSegment> scan(
        QByteArrayView source, const SourceSegment* first, const SourceSegment* before);
};

} // namespace ponder
