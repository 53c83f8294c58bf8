#include "ui/markdown/segment_scanner.h"

#include "ui/markdown/source_line.h"

namespace ponder {

namespace {

// How far before the limit a cut looks for a space.
constexpr qsizetype kSlack = 512;

class Scan {
public:
    explicit Scan(QByteArrayView source, const SourceSegment* before)
        : m_source(source)
        , m_before(before)
    {
    }

    QList<SourceSegment> run(const SourceSegment* first)
    {
        qsizetype at = first ? first->begin : 0;
        bool resumed = false;
        if (first && (first->continued || first->headerBegin >= 0)) {
            m_segment = *first;
            m_open = resumed = m_secondSeen = true;
            m_table = first->headerBegin >= 0;
        }
        while (at < m_source.size()) {
            const SourceLine line = SourceLine::at(m_source, at);
            at = line.next;
            if (m_open && m_segment.kind == SourceSegment::Fence && !m_closed) {
                m_closed = line.closesFence(m_fence);
            } else if (line.isBlank()) {
                m_blankBefore = true;
                m_closed = m_closed || m_segment.kind == SourceSegment::Math;
            } else {
                if (!resumed)
                    place(line);
                cutInside(line);
                m_blankBefore = false;
            }
            resumed = false;
        }
        if (m_open)
            close(m_source.size());
        return std::move(m_done);
    }

private:
    void close(qsizetype end)
    {
        m_segment.end = end;
        m_done.append(m_segment);
    }

    /// The line goes on with the open segment, or begins the next.
    void place(const SourceLine& line)
    {
        if (!m_open || begins(line)) {
            open(line);
            return;
        }
        const qsizetype length = line.begin - m_segment.begin;
        if (m_segment.kind == SourceSegment::Text) {
            if (!m_secondSeen) {
                m_secondSeen = true;
                m_table = m_headerLine && line.isTableDelimiter();
                m_tableHeader = {m_segment.begin, line.end};
            } else if (m_table && length > SegmentScanner::kLongestTable) {
                close(line.begin);
                m_segment = {.begin = line.begin,
                    .headerBegin
                    = m_segment.headerBegin >= 0 ? m_segment.headerBegin : m_tableHeader.begin,
                    .headerEnd
                    = m_segment.headerBegin >= 0 ? m_segment.headerEnd : m_tableHeader.end};
            } else if (!m_table && length > SegmentScanner::kLongestParagraph) {
                continueAt(line.begin);
            }
        } else if (m_segment.kind == SourceSegment::Math) {
            m_closed = line.endsWith(m_mathCloser);
        } else if (length > SegmentScanner::kLongest) {
            open(line);
        }
    }

    /// Whether a line that is not blank, outside of fences, begins a segment.
    [[nodiscard]] bool begins(const SourceLine& line) const
    {
        if (m_closed || m_segment.kind == SourceSegment::Heading)
            return true;
        if (m_segment.kind == SourceSegment::Math)
            return false;
        if (m_segment.kind == SourceSegment::ListItem && line.indent >= m_contentOffset)
            return false;
        if (m_blankBefore)
            return true;
        if (line.indent > 3)
            return false;
        if (line.fence().length > 0 || line.isHeading() || !line.mathCloser().isEmpty())
            return true;
        if (line.isQuote())
            return m_segment.kind != SourceSegment::Quote;
        if (line.isRule())
            return m_segment.kind == SourceSegment::ListItem;
        const ListMarker marker = line.listMarker();
        if (!marker.found)
            return false;
        // A sibling needs no more; a paragraph is interrupted only by a first item with content.
        return m_segment.kind == SourceSegment::ListItem
            || (!marker.empty && (!marker.ordered || marker.number == 1));
    }

    void open(const SourceLine& line)
    {
        SourceSegment before = m_segment;
        const bool hasBefore = m_open || m_before;
        if (m_open)
            close(line.begin);
        else if (m_before)
            before = *m_before;
        m_segment = {.begin = line.begin};
        m_open = true;
        m_closed = m_table = m_secondSeen = false;
        m_headerLine = line.text(m_source).contains('|');
        if (line.indent > 3)
            return;
        m_fence = line.fence();
        m_mathCloser = line.mathCloser();
        if (m_fence.length > 0) {
            m_segment.kind = SourceSegment::Fence;
        } else if (line.isHeading()) {
            m_segment.kind = SourceSegment::Heading;
        } else if (line.isQuote()) {
            m_segment.kind = SourceSegment::Quote;
        } else if (!m_mathCloser.isEmpty()) {
            m_segment.kind = SourceSegment::Math;
            m_closed = line.words.size() > m_mathCloser.size() && line.endsWith(m_mathCloser);
        } else if (const ListMarker marker = line.listMarker(); marker.found && !line.isRule()) {
            m_segment.kind = SourceSegment::ListItem;
            m_segment.ordered = marker.ordered;
            m_segment.delimiter = marker.delimiter;
            m_contentOffset = marker.contentOffset;
            const bool sameList = hasBefore && before.kind == SourceSegment::ListItem
                && before.ordered == marker.ordered && before.delimiter == marker.delimiter;
            m_segment.number = sameList ? before.number + 1 : marker.number;
        }
    }

    void continueAt(qsizetype begin)
    {
        close(begin);
        m_segment = {.begin = begin, .continued = true};
        m_closed = m_table = m_headerLine = false;
        m_secondSeen = true;
    }

    /// Cuts a line that is longer than a segment may be.
    void cutInside(const SourceLine& line)
    {
        if (m_segment.kind == SourceSegment::Fence)
            return;
        for (;;) {
            const bool paragraph = m_segment.kind == SourceSegment::Text && !m_table;
            const qsizetype limit = kSlack
                + (paragraph ? SegmentScanner::kLongestParagraph : SegmentScanner::kLongest);
            if (line.end - m_segment.begin <= limit)
                return;
            const qsizetype last = m_segment.begin + limit;
            const qsizetype space = m_source.first(last).lastIndexOf(' ');
            qsizetype cut = space >= last - kSlack ? space + 1 : last;
            while ((m_source.at(cut) & 0xC0) == 0x80) // not inside of a character
                --cut;
            continueAt(cut);
        }
    }

    QByteArrayView m_source;
    const SourceSegment* m_before;
    QList<SourceSegment> m_done;
    SourceSegment m_segment;
    bool m_open = false;
    bool m_closed = false; ///< nothing but blank lines can be added
    bool m_blankBefore = true;
    Fence m_fence;
    QByteArrayView m_mathCloser;
    int m_contentOffset = 0; ///< of the open list item
    bool m_headerLine = false; ///< the first line could be a table's header
    bool m_secondSeen = false;
    bool m_table = false;
    struct {
        qsizetype begin = 0, end = 0;
    } m_tableHeader;
};

} // namespace

QList<SourceSegment> SegmentScanner::scan(
    QByteArrayView source, const SourceSegment* first, const SourceSegment* before)
{
    return Scan(source, before).run(first);
}

} // namespace ponder
