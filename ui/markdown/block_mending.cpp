#include "ui/markdown/block_mending.h"

#include <algorithm>
#include <utility>

#include "ui/markdown/container_scan.h"
#include "ui/markdown/reference.h"

namespace ponder {

namespace {

bool hasOperator(QByteArrayView words)
{
    constexpr QByteArrayView kOperators[]
        = {"+", "*", "=", " - ", " / ", " x ", "\u00d7", "\u00f7", "\u2212", "\u00b7"};
    return std::any_of(std::begin(kOperators), std::end(kOperators),
        [=](QByteArrayView one) { return words.contains(one); });
}

class Mender {
public:
    explicit Mender(QByteArrayView source)
        : m_source(source)
    {
    }

    QByteArray run()
    {
        m_out.reserve(m_source.size() + 64);
        for (qsizetype at = 0; at < m_source.size();) {
            const SourceLine line = SourceLine::at(m_source, at);
            at = line.next;
            if (m_inCode)
                codeLine(line);
            else
                textLine(line);
        }
        if (m_inCode && m_fence.longestInside() > 0)
            lengthenFence();
        return std::move(m_out);
    }

private:
    void write(const SourceLine& line)
    {
        m_out += m_source.sliced(line.begin, line.next - line.begin);
    }

    void codeLine(const SourceLine& line)
    {
        InnerLine inner;
        inner.line = line;
        if (m_codeQuotes > 0) {
            inner = InnerLine::of(m_source, line);
            if (inner.quotes == 0) {
                m_inCode = false;
                textLine(line);
                return;
            }
        }
        inner.line.indent = qMax(inner.line.indent - m_codeIndent, 0);
        if (m_fence.closedBy(inner.line)) {
            m_inCode = false;
            if (m_fence.longestInside() > 0) {
                lengthenFence();
                // The closing line, as long as the opening one now.
                const qsizetype words = inner.line.words.data() - m_source.data();
                m_out += m_source.sliced(line.begin, words - line.begin);
                m_out += QByteArray(m_fence.longestInside(), m_fence.fence().mark);
                m_out += m_source.sliced(words, line.next - words);
                return;
            }
        }
        write(line);
    }

    void lengthenFence()
    {
        m_out.insert(m_fenceAt, QByteArray(m_fence.longestInside(), m_fence.fence().mark));
    }

    void textLine(const SourceLine& line)
    {
        InnerLine inner = InnerLine::of(m_source, line);
        const SourceLine& content = inner.line;
        if (content.isBlank()) {
            write(line);
            m_above = m_previous = {};
            return;
        }
        inner.line.indent = 0;
        if (const Fence fence = content.fence(); fence.length > 0) {
            m_fence = OpenFence(fence);
            m_inCode = true;
            m_codeQuotes = inner.quotes;
            m_codeIndent = inner.quotes > 0
                ? 0
                : line.indent + int(content.words.data() - line.words.data());
            m_fenceAt = m_out.size() + (content.words.data() - m_source.data()) - line.begin;
            write(line);
            m_above = m_previous = {};
            return;
        }
        if (isTableHeader(inner))
            m_out.insert(m_previous.at, QByteArray(m_previous.quotes, '>') + '\n');
        const bool bars = content.words.contains('|');
        const bool barFirst = content.words.startsWith('|');
        const bool term = isTerm(line, inner);
        const Row row{true, inner.marked, inner.quotes, m_out.size(), bars, barFirst,
            content.tableColumns(), term || (content.isSum() && !inner.marked),
            hasOperator(content.words),
            bars && (m_previous.table || (m_previous.bars && content.isTableDelimiter()))};
        if (!writeDetails(line, content))
            writeContent(line, inner);
        const qsizetype column = content.words.data() - m_source.data() - line.begin;
        if (inner.marked || (!m_previous.found && column < m_itemColumn))
            m_itemColumn = inner.marked ? column : 0;
        m_above = std::exchange(m_previous, row);
    }

    /// "- 3" under "10".
    [[nodiscard]] bool isTerm(const SourceLine& line, const InnerLine& inner) const
    {
        return m_previous.found && m_previous.sum && inner.marked && line.isSum()
            && !line.listMarker().ordered;
    }

    /// Whether the line above is a table's header, and text is right over it.
    [[nodiscard]] bool isTableHeader(const InnerLine& inner) const
    {
        return m_previous.found && m_previous.bars && !m_previous.marked && !inner.marked
            && m_above.found && !m_previous.table && m_previous.quotes == inner.quotes
            && inner.line.isTableDelimiter()
            && (m_previous.columns == inner.line.tableColumns() || missingCells(inner) > 0);
    }

    /// How many cells of the header above have none in this delimiter: without them, their columns would be
    /// dropped.
    [[nodiscard]] int missingCells(const InnerLine& inner) const
    {
        const SourceLine& content = inner.line;
        if (!m_previous.found || !m_previous.barFirst || m_previous.table || inner.marked
            || m_previous.quotes != inner.quotes || !content.words.startsWith('|')
            || !content.isTableDelimiter())
            return 0;
        return qMax(m_previous.columns - content.tableColumns(), 0);
    }

    void writeContent(const SourceLine& line, const InnerLine& inner)
    {
        const SourceLine& content = inner.line;
        const qsizetype words = content.words.data() - m_source.data();
        // In a sum the line's first sign is a sign.
        bool underlines = m_previous.found && m_previous.sum && content.isUnderline()
            && (m_previous.calculates || m_above.sum);
        // The first letters of what is still coming are most often a list's.
        underlines |= m_previous.found && content.isUnderline() && content.words.size() < 3
            && line.end == m_source.size() && words - line.begin >= m_itemColumn;
        const bool defines = Definition::of(content).found;
        if (isTerm(line, inner)) {
            const qsizetype sign = line.words.data() - m_source.data();
            m_out += m_source.sliced(line.begin, sign - line.begin);
            m_out += '\\';
            m_out += m_source.sliced(sign, line.next - sign);
            return;
        }
        m_out += m_source.sliced(line.begin, words - line.begin);
        if (underlines || defines)
            m_out += '\\';
        if (const int missing = missingCells(inner); missing > 0) {
            m_out += content.words;
            m_out += content.words.endsWith('|') ? "" : "|";
            m_out += QByteArray("---|").repeated(missing);
            m_out += m_source.sliced(line.end, line.next - line.end);
            return;
        }
        m_out += m_source.sliced(words, line.next - words);
    }

    /// <details> and its like; false where the line has none of it.
    bool writeDetails(const SourceLine& line, const SourceLine& content)
    {
        if (!content.words.startsWith('<'))
            return false;
        QByteArray words = content.words.toByteArray();
        const QByteArray before = words;
        for (const char* tag : {"<details>", "<details open>", "</details>"})
            words.replace(tag, "");
        const qsizetype open = words.indexOf("<summary>");
        const qsizetype close = words.indexOf("</summary>");
        if (open >= 0 && close > open + 9) {
            const QByteArray title = words.sliced(open + 9, close - open - 9).trimmed();
            words
                = words.first(open) + "**" + title + "**\n\n" + words.sliced(close + 10).trimmed();
        }
        if (words == before)
            return false;
        m_out += m_source.sliced(line.begin, (content.words.data() - m_source.data()) - line.begin);
        m_out += words.trimmed() + "\n\n";
        return true;
    }

    struct Row {
        bool found = false;
        bool marked = false; ///< begins a list item
        int quotes = 0;
        qsizetype at = 0; ///< in what is written
        bool bars = false;
        bool barFirst = false;
        int columns = 0;
        bool sum = false;
        bool calculates = false; ///< has an operator: a year alone may be a heading
        bool table = false;
    };

    QByteArrayView m_source;
    QByteArray m_out;
    Row m_previous;
    Row m_above;
    OpenFence m_fence;
    bool m_inCode = false;
    int m_codeQuotes = 0;
    int m_codeIndent = 0;
    qsizetype m_fenceAt = 0;
    qsizetype m_itemColumn = 0; ///< where the text of the item begins that is open
};

} // namespace

QByteArray mendBlocks(QByteArrayView markdown)
{
    return Mender(markdown).run();
}

} // namespace ponder
