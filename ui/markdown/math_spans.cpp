#include "ui/markdown/math_spans.h"

namespace ponder {

namespace {

// Longer than this no inline formula is; it also bounds the search for a closing dollar.
constexpr qsizetype kLongestSpan = 1000;

bool isSpace(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

qsizetype findCloser(QByteArrayView text, qsizetype from, QByteArrayView closer)
{
    const QByteArrayView window = text.first(qMin(text.size(), from + kLongestSpan));
    for (qsizetype at = window.indexOf(closer, from); at >= 0;
        at = window.indexOf(closer, at + 1)) {
        if (closer.size() == 2)
            return at;
        const bool digitAfter
            = at + 1 < text.size() && text.at(at + 1) >= '0' && text.at(at + 1) <= '9';
        if (!isSpace(text.at(at - 1)) && text.at(at - 1) != '\\' && !digitAfter)
            return at;
    }
    return -1;
}

/// Where the formula that begins at `at` ends; `at` if none does.
qsizetype spanEnd(QByteArrayView text, qsizetype at)
{
    const QByteArrayView rest = text.sliced(at);
    QByteArrayView closer;
    if (rest.startsWith("\\("))
        closer = "\\)";
    else if (rest.startsWith("\\["))
        closer = "\\]";
    else if (rest.startsWith("$$"))
        closer = "$$";
    else if (rest.size() > 1 && rest.front() == '$' && !isSpace(rest.at(1)))
        closer = "$";
    else
        return at;
    const qsizetype from = at + closer.size();
    const qsizetype end = findCloser(text, closer.size() == 1 ? from + 1 : from, closer);
    // A blank line ends a paragraph, and no formula reaches across it.
    if (end < 0 || text.sliced(from, end - from).contains("\n\n"))
        return at;
    return end + closer.size();
}

void appendMark(QByteArray& out, qsizetype number)
{
    QString mark = QChar(kMathMarkBegin);
    for (const QChar digit : QString::number(number))
        mark += QChar(char16_t(kMathMarkZero + digit.digitValue()));
    out += (mark + QChar(kMathMarkEnd)).toUtf8();
}

} // namespace

MathSpans extractMath(QByteArrayView markdown)
{
    MathSpans result;
    result.text.reserve(markdown.size());
    qsizetype at = 0;
    while (at < markdown.size()) {
        const char c = markdown.at(at);
        if (c == '`') {
            qsizetype length = 1;
            while (at + length < markdown.size() && markdown.at(at + length) == '`')
                ++length;
            const QByteArray fence(length, '`');
            qsizetype end = markdown.indexOf(fence, at + length);
            // A run of exactly as many closes it.
            while (end >= 0 && end + length < markdown.size() && markdown.at(end + length) == '`') {
                qsizetype past = end + length;
                while (past < markdown.size() && markdown.at(past) == '`')
                    ++past;
                end = markdown.indexOf(fence, past);
            }
            const qsizetype stop = end < 0 ? at + length : end + length;
            result.text += markdown.sliced(at, stop - at);
            at = stop;
        } else if (c == '$' || c == '\\') {
            const qsizetype end = spanEnd(markdown, at);
            if (end > at) {
                appendMark(result.text, result.spans.size());
                result.spans.append(markdown.sliced(at, end - at).toByteArray());
                at = end;
            } else {
                // An escape takes its character along: \$ opens nothing.
                const qsizetype step = c == '\\' && at + 1 < markdown.size() ? 2 : 1;
                result.text += markdown.sliced(at, step);
                at += step;
            }
        } else if (markdown.sliced(at).startsWith("\xEE\x80")) {
            // U+E000 to U+E03F, where the marks live: nobody else's may come through.
            result.text += "\xEF\xBF\xBD";
            at = qMin(at + 3, markdown.size());
        } else {
            result.text += c;
            ++at;
        }
    }
    return result;
}

QByteArrayView displayMath(QByteArrayView block)
{
    const QByteArrayView words = block.trimmed();
    const QByteArrayView closer = words.startsWith("$$") ? "$$"
        : words.startsWith("\\[")                        ? "\\]"
                                                         : "";
    if (closer.isEmpty())
        return {};
    const qsizetype end = words.indexOf(closer, 2);
    if (end == words.size() - 2)
        return words.sliced(2, end - 2).trimmed();
    // Still being written: its first line holds nothing but what opens it.
    const qsizetype newline = words.indexOf('\n');
    if (end < 0 && words.first(newline < 0 ? words.size() : newline).trimmed().size() == 2)
        return words.size() == 2 ? words.last(0) : words.sliced(2).trimmed();
    return {};
}

} // namespace ponder
