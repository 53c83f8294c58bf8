#include "ui/markdown/segment_scanner.h"

#include "ui/markdown/container_scan.h"
#include "ui/markdown/reference.h"
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
        if (first
            && (first->continued || first->joined || first->headerBegin >= 0
                || !first->offsets.isEmpty())) {
            m_segment = *first;
            m_open = resumed = true;
            m_table = first->headerBegin >= 0;
            m_contentOffset = first->offsets.value(first->offsets.size() - 1);
            m_inside.begin(first->offsets);
        }
        while (at < m_source.size()) {
            const SourceLine line = SourceLine::at(m_source, at);
            at = line.next;
            if (m_open && m_segment.kind == SourceSegment::Fence && !m_closed) {
                m_closed = m_fence.closedBy(line);
            } else if (line.isBlank()) {
                m_blankBefore = true;
                m_closed = m_closed || m_segment.kind == SourceSegment::Math;
                if (isContainer())
                    m_inside.add(m_source, line);
            } else {
                if (!resumed)
                    place(line);
                const bool grows = isContainer() && !m_inside.canBeCut();
                if (isContainer())
                    m_inside.add(m_source, line);
                if (!grows)
                    cutInside(line);
                m_blankBefore = false;
                m_previous = line;
            }
            resumed = false;
        }
        if (m_open)
            close(m_source.size());
        return std::move(m_done);
    }

private:
    [[nodiscard]] bool isContainer() const
    {
        return m_open
            && (m_segment.kind == SourceSegment::ListItem
                || m_segment.kind == SourceSegment::Quote);
    }

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
            if (!m_table && headerIsBefore(line)) {
                // A table may stand right under a line of text.
                if (m_previous.begin > m_segment.begin) {
                    close(m_previous.begin);
                    m_segment = {.begin = m_previous.begin};
                }
                m_table = true;
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
            cutContainer(line);
        }
    }

    [[nodiscard]] bool headerIsBefore(const SourceLine& line) const
    {
        return !m_blankBefore && m_previous.begin >= m_segment.begin
            && m_previous.words.contains('|') && line.delimits(m_previous);
    }

    /// A list item or quote that is too long goes on in another segment, which knows where it stands.
    void cutContainer(const SourceLine& line)
    {
        if (m_segment.kind == SourceSegment::Reference) {
            continueAt(line.begin);
        } else if (m_segment.kind == SourceSegment::Quote) {
            if (line.isQuote() && m_inside.canBeCut()) {
                close(line.begin);
                m_segment = {.kind = SourceSegment::Quote, .begin = line.begin, .joined = true};
            }
        } else if (m_segment.kind == SourceSegment::ListItem && m_inside.canBeCut()
            && line.indent >= m_contentOffset) {
            continueItem(line);
        }
    }

    void continueItem(const SourceLine& line)
    {
        const QList<int> offsets = m_inside.offsetsAt(line.indent);
        close(line.begin);
        m_segment.begin = line.begin;
        m_segment.offsets = offsets;
        m_segment.continued = false;
        m_contentOffset = offsets.last();
        m_inside.begin(offsets);
    }

    /// Whether a line that is not blank, outside of fences, begins a segment.
    [[nodiscard]] bool begins(const SourceLine& line) const
    {
        if (m_closed || m_segment.kind == SourceSegment::Heading)
            return true;
        if (m_segment.kind == SourceSegment::Math)
            return false;
        if (m_segment.kind == SourceSegment::IndentedCode)
            return line.indent <= 3;
        if ((m_segment.kind == SourceSegment::ListItem
                || m_segment.kind == SourceSegment::Reference)
            && line.indent >= m_contentOffset)
            return false;
        if (m_blankBefore)
            return true;
        if (line.indent > 3)
            return false;
        if (line.fence().length > 0 || line.isHeading() || !line.mathCloser().isEmpty())
            return true;
        const Definition definition = Definition::of(line);
        if (definition.found && (m_segment.kind == SourceSegment::Reference || definition.isSure()))
            return true;
        if (line.isQuote())
            return m_segment.kind != SourceSegment::Quote;
        if (line.isRule())
            return m_segment.kind == SourceSegment::ListItem;
        const ListMarker marker = line.listMarker();
        if (!marker.found)
            return false;
        // "10" and "- 3" below are a sum.
        if (m_segment.kind == SourceSegment::Text && !marker.ordered && line.isSum()
            && m_previous.isSum())
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
        m_closed = m_table = false;
        if (hasBefore && goesOn(before, line))
            return;
        if (line.indent > 3) {
            m_segment.kind = SourceSegment::IndentedCode;
            return;
        }
        const Fence fence = line.fence();
        m_mathCloser = line.mathCloser();
        if (fence.length > 0) {
            m_segment.kind = SourceSegment::Fence;
            m_fence = OpenFence(fence);
        } else if (line.isHeading()) {
            m_segment.kind = SourceSegment::Heading;
        } else if (line.isQuote()) {
            m_segment.kind = SourceSegment::Quote;
            m_inside.begin({});
        } else if (!m_mathCloser.isEmpty()) {
            m_segment.kind = SourceSegment::Math;
            m_closed = line.words.size() > m_mathCloser.size() && line.endsWith(m_mathCloser);
        } else if (const ListMarker marker = line.listMarker(); marker.found && !line.isRule()) {
            m_segment.kind = SourceSegment::ListItem;
            m_segment.ordered = marker.ordered;
            m_segment.delimiter = marker.delimiter;
            m_contentOffset = marker.contentOffset;
            m_inside.begin({m_contentOffset});
            const bool sameList = hasBefore && before.kind == SourceSegment::ListItem
                && before.ordered == marker.ordered && before.delimiter == marker.delimiter;
            m_segment.number = sameList ? before.number + 1 : marker.number;
        } else if (const Definition definition = Definition::of(line); definition.found) {
            m_segment.kind = SourceSegment::Reference;
            m_contentOffset = Definition::kIndent;
            m_closed = !definition.isFootnote();
        }
    }

    /// Whether the line stands in an outer item of one that was cut where an inner one was open.
    [[nodiscard]] bool goesOn(const SourceSegment& before, const SourceLine& line)
    {
        if (before.kind != SourceSegment::ListItem || before.offsets.size() < 2
            || line.indent < before.offsets.first() || line.indent >= before.offsets.last())
            return false;
        m_segment = before;
        m_segment.begin = line.begin;
        while (m_segment.offsets.size() > 1 && line.indent < m_segment.offsets.last())
            m_segment.offsets.removeLast();
        m_contentOffset = m_segment.offsets.last();
        m_inside.begin(m_segment.offsets);
        return true;
    }

    void continueAt(qsizetype begin)
    {
        close(begin);
        m_segment = {.begin = begin, .continued = true};
        m_closed = m_table = false;
    }

    /// Cuts a line that is longer than a segment may be.
    void cutInside(const SourceLine& line)
    {
        if (m_segment.kind == SourceSegment::Fence || m_segment.kind == SourceSegment::IndentedCode)
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
            cut = qMax(cut, qMax(line.begin, m_segment.begin + 1));
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
    SourceLine m_previous; ///< the last line that is not blank
    OpenFence m_fence;
    ContainerScan m_inside;
    QByteArrayView m_mathCloser;
    int m_contentOffset = 0; ///< of the open list item
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
