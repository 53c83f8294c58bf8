#include "ui/markdown/math_spans.h"

#include <QList>
#include <QString>
#include <algorithm>
#include <array>
#include <initializer_list>

#include "ui/markdown/ascii.h"

namespace ponder {

namespace {

// Longer than this no inline formula is.
constexpr qsizetype kLongestSpan = 1000;

bool isWord(char c)
{
    return isDigit(c) || isLetter(c);
}

bool contains(QByteArrayView text, std::initializer_list<QByteArrayView> any)
{
    return std::any_of(
        any.begin(), any.end(), [=](QByteArrayView one) { return text.contains(one); });
}

/// "\frac", and "\{", "\," and their like.
bool hasCommand(QByteArrayView text)
{
    for (qsizetype at = text.indexOf('\\'); at >= 0 && at + 1 < text.size();
        at = text.indexOf('\\', at + 2)) {
        if (isLetter(text.at(at + 1)) || QByteArrayView("{},;!|\\").contains(text.at(at + 1)))
            return true;
    }
    return false;
}

/// "x^2", "a_1".
bool hasScript(QByteArrayView text)
{
    for (qsizetype at = 1; at + 1 < text.size(); ++at) {
        const char c = text.at(at);
        const char left = text.at(at - 1);
        const char right = text.at(at + 1);
        const bool base = isWord(left) || QByteArrayView(")]}'|").contains(left);
        const bool single = at < 2 || !isWord(text.at(at - 2)) || isDigit(left);
        if (base && (isWord(right) || QByteArrayView("{\\-+*'").contains(right))
            && (c == '^' || (c == '_' && (single || right == '{'))))
            return true;
    }
    return false;
}

bool isBalanced(QByteArrayView text, QByteArrayView open, QByteArrayView close)
{
    int depth = 0;
    for (qsizetype at = 0; at < text.size() && depth >= 0; ++at) {
        if (text.at(at) == '\\')
            ++at;
        else
            depth += int(open.contains(text.at(at))) - int(close.contains(text.at(at)));
    }
    return depth == 0;
}

bool isFunction(QByteArrayView word)
{
    constexpr std::array kNames = {"sin", "cos", "tan", "cot", "sec", "csc", "log", "ln", "exp",
        "max", "min", "mod", "gcd", "lcm", "det", "lim", "sup", "inf", "deg", "arg", "dim", "ker"};
    return std::any_of(
        kNames.begin(), kNames.end(), [=](const char* name) { return word == name; });
}

qsizetype lettersAtEnd(QByteArrayView word)
{
    qsizetype count = 0;
    while (count < word.size() && isLetter(word.at(word.size() - 1 - count)))
        ++count;
    return count;
}

qsizetype lettersAtBegin(QByteArrayView word)
{
    return std::find_if_not(word.begin(), word.end(), isLetter) - word.begin();
}

/// Two words, or a number and a word, with nothing but a space between: no formula has them.
bool hasProse(QByteArrayView text)
{
    QByteArrayView last;
    qsizetype at = 0;
    while (at < text.size()) {
        while (at < text.size() && isSpaceByte(text.at(at)))
            ++at;
        qsizetype end = at;
        while (end < text.size() && !isSpaceByte(text.at(end)))
            ++end;
        const QByteArrayView word = text.sliced(at, end - at);
        if (!last.isEmpty() && !word.isEmpty()) {
            const qsizetype ends = lettersAtEnd(last);
            const qsizetype begins = lettersAtBegin(word);
            const bool wordBefore = ends >= 2 && !isFunction(last.last(ends));
            const bool wordAfter = begins >= 2 && !isFunction(word.first(begins));
            const bool unit
                = isDigit(last.back()) && begins == 2 && word.size() == 2 && end == text.size();
            if ((wordBefore && isWord(word.front())) || (wordAfter && isWord(last.back()) && !unit))
                return true;
        }
        last = word;
        at = end;
    }
    return false;
}

/// Letters of a language, as opposed to Greek and the alphabets of mathematics.
bool hasForeignLetters(QByteArrayView text)
{
    if (std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; }))
        return false;
    const QString decoded = QString::fromUtf8(text);
    return std::any_of(decoded.begin(), decoded.end(), [](QChar c) {
        const char16_t code = c.unicode();
        return code >= 0x80 && c.isLetter() && !(code >= 0x370 && code < 0x400)
            && !(code >= 0x2100 && code < 0x2150);
    });
}

/// Whether "$" + inside + "$" is mathematics.
bool isFormula(QByteArrayView inside, char before, QByteArrayView after)
{
    if (contains(inside, {"`", "**", ":\\", "://"}) || !isBalanced(inside, "{", "}"))
        return false;
    const bool command = hasCommand(inside);
    const bool script = hasScript(inside);
    if (!after.isEmpty() && isWord(after.front())) {
        // "the $n$th term"
        const qsizetype letters = lettersAtBegin(after);
        const QByteArrayView suffix = after.first(letters);
        const bool ordinal = suffix == "th" || suffix == "st" || suffix == "nd" || suffix == "rd";
        if (!ordinal || !(command || script || inside.size() == 1)
            || (letters < after.size() && isDigit(after.at(letters))))
            return false;
    }
    if (!after.isEmpty() && (after.front() == '{' || after.front() == '_'))
        return false;
    if (command)
        return true;
    if (isWord(before) || inside.front() == '{' || hasForeignLetters(inside) || hasProse(inside))
        return false;
    if (contains(inside, {"->", "=>", "\"", ". ", "; ", "? ", "! ", ": ", "@", "#", "//"})
        || !isBalanced(inside, "([", ")]"))
        return false;
    if (QByteArrayView("-(,:;/=+*<>&|.").contains(inside.back())
        || QByteArrayView(")]},.;:/&*?!@").contains(inside.front()))
        return false;
    if (script)
        return true;
    // What begins with a figure could be a price: no words then.
    if (isDigit(inside.front())) {
        for (qsizetype at = 1; at + 1 < inside.size(); ++at) {
            const bool unit = at + 2 == inside.size() && inside.at(at - 1) == ' ';
            if (isLetter(inside.at(at)) && isLetter(inside.at(at + 1)) && !unit)
                return false;
        }
    }
    return true;
}

} // namespace

qsizetype FormulaFinder::find(Found& found, qsizetype from) const
{
    if (found.next < from) {
        const qsizetype next = m_text.indexOf(found.what, from);
        found.next = next < 0 ? m_text.size() : next;
    }
    return found.next;
}

qsizetype FormulaFinder::end(qsizetype at)
{
    const QByteArrayView rest = m_text.sliced(at);
    Found* closer = rest.startsWith("\\(") ? &m_round
        : rest.startsWith("\\[")           ? &m_square
        : rest.startsWith("$$")            ? &m_dollars
                                           : nullptr;
    if (!closer)
        return rest.startsWith('$') ? dollarEnd(at) : at;
    const qsizetype found = find(*closer, at + 2);
    // A blank line ends a paragraph, and no formula reaches across it.
    if (found == m_text.size() || found - at > kLongestSpan || find(m_blankLine, at) < found)
        return at;
    return found + 2;
}

qsizetype FormulaFinder::dollarEnd(qsizetype at)
{
    const qsizetype from = at + 1;
    if (from >= m_text.size() || isSpaceByte(m_text.at(from)))
        return at;
    // The next dollar decides.
    qsizetype next = find(m_dollar, from);
    while (next < m_text.size() && m_text.at(next - 1) == '\\')
        next = find(m_dollar, next + 1);
    if (next == m_text.size() || next == from || next - at > kLongestSpan
        || isSpaceByte(m_text.at(next - 1)) || find(m_blankLine, at) < next)
        return at;
    const char before = at > 0 ? m_text.at(at - 1) : ' ';
    return isFormula(m_text.sliced(from, next - from), before, m_text.sliced(next + 1)) ? next + 1
                                                                                        : at;
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
