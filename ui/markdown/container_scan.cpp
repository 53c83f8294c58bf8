#include "ui/markdown/container_scan.h"

namespace ponder {

namespace {

constexpr int kDeepest = 40; // marks on one line; more are content

} // namespace

InnerLine InnerLine::of(QByteArrayView source, const SourceLine& line)
{
    InnerLine inner;
    inner.line = line;
    for (int marks = 0; marks < kDeepest && !inner.line.isBlank(); ++marks) {
        const SourceLine& at = inner.line;
        qsizetype skipped = 0;
        if (at.words.startsWith('>')) {
            ++inner.quotes;
            skipped = 1;
        } else {
            SourceLine flat = at;
            flat.indent = 0;
            const ListMarker marker = flat.listMarker();
            if (!marker.found || marker.empty || flat.isRule())
                break;
            inner.marked = true;
            skipped = at.words.indexOf(marker.delimiter) + 1;
        }
        const qsizetype begin = (at.words.data() - source.data()) + skipped;
        inner.line = SourceLine::at(source.first(line.end), begin);
        inner.line.next = line.next;
        if (inner.line.indent > 0 && skipped == 1 && inner.quotes > 0 && !inner.marked)
            --inner.line.indent; // the space that belongs to the mark
    }
    return inner;
}

void ContainerScan::begin(const QList<int>& offsets)
{
    *this = {};
    m_offsets = offsets;
}

QList<int> ContainerScan::offsetsAt(int indent) const
{
    QList<int> open = m_offsets;
    while (open.size() > 1 && indent < open.last())
        open.removeLast();
    return open;
}

void ContainerScan::add(QByteArrayView source, const SourceLine& line)
{
    if (m_inCode) {
        const bool left
            = m_codeQuoted ? !line.isQuote() : !line.isBlank() && line.indent < m_codeIndent;
        if (!left) {
            SourceLine content = m_codeQuoted ? InnerLine::of(source, line).line : line;
            content.indent = qMax(content.indent - m_codeIndent, 0);
            m_inCode = !m_fence.closedBy(content);
            return;
        }
        m_inCode = false;
    }
    if (line.isBlank()) {
        m_inTable = m_headerBefore = false;
        return;
    }
    m_offsets = offsetsAt(line.indent);
    if (!m_offsets.isEmpty() && line.indent >= m_offsets.last()) {
        SourceLine content = line;
        content.indent -= m_offsets.last();
        if (const ListMarker marker = content.listMarker(); marker.found && !content.isRule())
            m_offsets.append(m_offsets.last() + marker.contentOffset);
    }
    InnerLine inner = InnerLine::of(source, line);
    inner.line.indent = 0;
    if (const Fence fence = inner.line.fence(); fence.length > 0) {
        m_fence = OpenFence(fence);
        m_inCode = true;
        m_codeQuoted = inner.quotes > 0;
        m_codeIndent = m_codeQuoted || m_offsets.isEmpty() ? 0 : m_offsets.last();
        m_inTable = m_headerBefore = false;
        return;
    }
    const bool bars = inner.line.words.contains('|');
    m_inTable = bars && (m_inTable || (m_headerBefore && inner.line.isTableDelimiter()));
    m_headerBefore = bars;
}

} // namespace ponder
