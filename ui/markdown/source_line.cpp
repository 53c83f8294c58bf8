#include "ui/markdown/source_line.h"

#include <QString>
#include <algorithm>

#include "ui/markdown/ascii.h"

namespace ponder {

namespace {

constexpr qsizetype kLongestSum = 60;

qsizetype run(QByteArrayView text, char mark)
{
    return std::find_if(text.begin(), text.end(), [=](char c) { return c != mark; }) - text.begin();
}

} // namespace

OpenFence::OpenFence(const Fence& fence)
    : m_fence(fence)
{
    const QByteArray info = fence.info.toByteArray().toLower();
    m_nests = info == "markdown" || info == "md" || info == "mdx" || info.startsWith("markdown ");
}

bool OpenFence::closedBy(const SourceLine& line)
{
    if (m_nests) {
        const Fence inner = line.fence();
        const bool tagged = inner.length > 0 && inner.mark == m_fence.mark && !inner.info.isEmpty()
            && !inner.info.contains(' ');
        if (tagged) {
            m_inside.append(inner.length);
            m_longest = qMax(m_longest, inner.length);
            return false;
        }
        if (!m_inside.isEmpty()) {
            // An inner fence may lack its end: what is too long for it ends the outer one.
            if (m_fence.length > m_inside.last() && line.closesFence(m_fence))
                return true;
            if (line.closesFence({m_fence.mark, m_inside.last(), 0, {}})) {
                m_longest = qMax(m_longest, int(line.words.size()));
                m_inside.removeLast();
            }
            return false;
        }
    }
    return line.closesFence(m_fence);
}

QByteArray withoutIndent(QByteArrayView line, int columns)
{
    int column = 0;
    qsizetype at = 0;
    for (; at < line.size() && column < columns; ++at) {
        if (line.at(at) == ' ')
            ++column;
        else if (line.at(at) == '\t')
            column += 4 - column % 4;
        else
            break;
    }
    // What a tab reaches past the columns stays.
    QByteArray rest(qMax(column - columns, 0), ' ');
    rest += line.sliced(at);
    return rest;
}

SourceLine SourceLine::at(QByteArrayView source, qsizetype begin)
{
    SourceLine line;
    line.begin = begin;
    const qsizetype newline = source.indexOf('\n', begin);
    line.end = newline < 0 ? source.size() : newline;
    line.next = newline < 0 ? source.size() : newline + 1;
    const QByteArrayView text = line.text(source);
    for (const char c : text) {
        if (c == ' ')
            ++line.indent;
        else if (c == '\t')
            line.indent += 4 - line.indent % 4;
        else
            break;
    }
    line.words = text.trimmed();
    return line;
}

Fence SourceLine::fence() const
{
    if (indent > 3 || words.size() < 3 || words.size() > kLongestMark)
        return {};
    const char mark = words.front();
    if (mark != '`' && mark != '~')
        return {};
    const qsizetype length = run(words, mark);
    const QByteArrayView info = words.sliced(length).trimmed();
    if (length < 3 || (mark == '`' && info.contains('`')))
        return {};
    return {mark, int(length), indent, info};
}

bool SourceLine::closesFence(const Fence& fence) const
{
    return indent <= 3 && words.size() >= fence.length && run(words, fence.mark) == words.size();
}

bool SourceLine::isHeading() const
{
    const qsizetype level = run(words, '#');
    return indent <= 3 && level >= 1 && level <= 6
        && (words.size() == level || words.at(level) == ' ' || words.at(level) == '\t');
}

bool SourceLine::isRule() const
{
    if (indent > 3 || words.size() < 3 || words.size() > kLongestMark)
        return false;
    const char mark = words.front();
    if (mark != '-' && mark != '*' && mark != '_')
        return false;
    return std::count(words.begin(), words.end(), mark) >= 3
        && std::all_of(
            words.begin(), words.end(), [=](char c) { return c == mark || c == ' ' || c == '\t'; });
}

bool SourceLine::isTableDelimiter() const
{
    return words.contains('-') && words.contains('|')
        && std::all_of(words.begin(), words.end(),
            [](char c) { return c == '|' || c == '-' || c == ':' || c == ' ' || c == '\t'; });
}

int SourceLine::tableColumns() const
{
    int columns = 1;
    bool escaped = false;
    for (const char c : words) {
        columns += c == '|' && !escaped ? 1 : 0;
        escaped = c == '\\' && !escaped;
    }
    columns -= words.startsWith('|') ? 1 : 0;
    return columns - (words.size() > 1 && words.endsWith('|') && !words.endsWith("\\|") ? 1 : 0);
}

bool SourceLine::delimits(const SourceLine& header) const
{
    if (!isTableDelimiter())
        return false;
    const int missing = header.tableColumns() - tableColumns();
    return missing == 0 || (missing > 0 && words.startsWith('|') && header.words.startsWith('|'));
}

bool SourceLine::isSum() const
{
    bool digits = false;
    if (isBlank() || words.size() > kLongestSum)
        return false;
    for (qsizetype at = 0; at < words.size(); ++at) {
        const char c = words.at(at);
        digits = digits || isDigit(c);
        // × ÷ − · are two or three bytes of which the first is not ASCII.
        if (!isDigit(c) && !QByteArrayView(" \t+-*/=.,()%$x").contains(c) && (c & 0x80) == 0)
            return false;
    }
    if (!digits)
        return false;
    const QString text = QString::fromUtf8(words);
    return std::all_of(text.begin(), text.end(), [](QChar c) {
        return c.unicode() < 0x80
            || QStringView(u"\u00d7\u00f7\u2212\u00b7\u20ac\u00a0").contains(c);
    });
}

bool SourceLine::isUnderline() const
{
    if (indent > 3 || isBlank() || (words.front() != '-' && words.front() != '='))
        return false;
    return run(words, words.front()) == words.size();
}

ListMarker SourceLine::listMarker() const
{
    if (indent > 3 || isBlank())
        return {};
    ListMarker marker;
    qsizetype at = 0;
    if (const char first = words.front(); first == '-' || first == '*' || first == '+') {
        marker.delimiter = first;
    } else {
        while (at < words.size() && at < 9 && isDigit(words.at(at)))
            marker.number = marker.number * 10 + (words.at(at++) - '0');
        if (at == 0 || at == words.size() || (words.at(at) != '.' && words.at(at) != ')'))
            return {};
        marker.ordered = true;
        marker.delimiter = words.at(at);
    }
    ++at;
    if (at < words.size() && words.at(at) != ' ' && words.at(at) != '\t')
        return {};
    marker.found = true;
    marker.empty = at == words.size();
    int spaces = 0;
    for (qsizetype i = at; i < words.size() && (words.at(i) == ' ' || words.at(i) == '\t'); ++i)
        spaces += words.at(i) == ' ' ? 1 : 4 - int(indent + at + spaces) % 4;
    if (marker.empty || spaces > 4)
        spaces = 1;
    marker.contentOffset = int(indent + at + spaces);
    return marker;
}

QByteArrayView SourceLine::mathCloser() const
{
    if (indent > 3)
        return {};
    const QByteArrayView closer = words.startsWith("$$") ? "$$"
        : words.startsWith("\\[")                        ? "\\]"
                                                         : "";
    if (closer.isEmpty())
        return {};
    const qsizetype found = words.indexOf(closer, 2);
    return found < 0 || found == words.size() - 2 ? closer : QByteArrayView();
}

} // namespace ponder
