#include "ui/markdown/safe_text.h"

#include <algorithm>

namespace ponder {

namespace {

constexpr qsizetype kLooked = 2000; // letters that decide a text's direction

bool isControl(char16_t c)
{
    return (c < 0x20 && c != u'\t' && c != u'\n') || (c >= 0x7F && c < 0xA0);
}

bool isOverride(char16_t c)
{
    return c == 0x202D || c == 0x202E;
}

/// Embeddings, overrides, isolates, and what ends them.
bool turnsText(char16_t c)
{
    return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

bool isByteOrderMark(char16_t c)
{
    return c == 0xFEFF;
}

/// Invisible, and of no use between the letters of code.
bool hidesInCode(char16_t c)
{
    return (c >= 0x200B && c <= 0x200F) || (c >= 0x2060 && c <= 0x2064) || isByteOrderMark(c)
        || c == 0x00AD;
}

/// A joiner, or what keeps from joining, where it is a part of writing: in an emoji, in Persian or Hindi.
bool joinsLetters(QStringView code, qsizetype at)
{
    const char16_t c = code.at(at).unicode();
    if ((c != 0x200C && c != 0x200D) || at == 0 || at + 1 == code.size())
        return false;
    const auto isWritten = [&](qsizetype place) {
        const char16_t other = code.at(place).unicode();
        return other >= 0xA0 && !hidesInCode(other) && !turnsText(other);
    };
    return isWritten(at - 1) && isWritten(at + 1);
}

/// A letter that is written from right to left; the scripts of the second plane by their first half.
bool goesLeft(QChar c)
{
    const char16_t code = c.unicode();
    return code >= 0x590
        && (c.direction() == QChar::DirR || c.direction() == QChar::DirAL || code == 0xD802
            || code == 0xD803 || code == 0xD83A || code == 0xD83B);
}

QString spelledOut(char16_t c)
{
    return QStringLiteral("[U+%1]").arg(QString::number(c, 16).toUpper(), 4, u'0');
}

QString picture(char16_t c)
{
    if (c == 0)
        return QString(QChar(QChar::ReplacementCharacter));
    return QString(QChar(c < 0x20 ? char16_t(0x2400 + c)
            : c == 0x7F           ? char16_t(0x2421)
                                  : char16_t(QChar::ReplacementCharacter)));
}

/// `text` with what `show` makes of each character, by its place; a null string leaves the character as it is.
template <typename Show> QString replaced(const QString& text, Show show)
{
    QString result;
    qsizetype done = 0;
    for (qsizetype at = 0; at < text.size(); ++at) {
        const char16_t c = text.at(at).unicode();
        if (c >= 0x20 && c < 0x7F) // nearly all of most texts
            continue;
        const QString instead = show(c, at);
        if (instead.isNull())
            continue;
        result += QStringView(text).sliced(done, at - done);
        result += instead;
        done = at + 1;
    }
    if (done == 0)
        return text;
    result += QStringView(text).sliced(done);
    return result;
}

} // namespace

bool hasRightToLeft(QStringView text)
{
    return std::any_of(text.begin(), text.end(), goesLeft);
}

bool isRightToLeft(QStringView text)
{
    qsizetype left = 0;
    qsizetype right = 0;
    for (const QChar c : text.first(qMin(text.size(), kLooked))) {
        if (goesLeft(c)) {
            if (left + right == 0)
                return true;
            ++left;
        } else if (c.isLetter()) {
            ++right;
        }
    }
    return left > right;
}

QString textForScreen(const QString& text)
{
    return textForScreen(text, hasRightToLeft(text));
}

QString textForScreen(const QString& text, bool rightToLeft)
{
    return replaced(text, [=](char16_t c, qsizetype) {
        if (isControl(c))
            return c == u'\r' ? QString(u"") : picture(c);
        if (isByteOrderMark(c))
            return QString(u"");
        if (!turnsText(c))
            return QString();
        return isOverride(c) || !rightToLeft ? spelledOut(c) : QString();
    });
}

QString codeForScreen(const QString& code)
{
    return replaced(code, [&](char16_t c, qsizetype at) {
        if (isControl(c))
            return c == u'\r' ? QString(u"") : picture(c);
        if (joinsLetters(code, at))
            return QString();
        return turnsText(c) || hidesInCode(c) ? spelledOut(c) : QString();
    });
}

QString textForClipboard(const QString& text)
{
    const bool rightToLeft = hasRightToLeft(text);
    QString copy = text;
    copy.replace(QStringLiteral("\r\n"), QStringLiteral("\n"));
    return replaced(copy, [&](char16_t c, qsizetype) {
        if (c == u'\r' || c == 0x2028 || c == 0x2029)
            return QStringLiteral("\n");
        const bool drop
            = isControl(c) || isByteOrderMark(c) || isOverride(c) || (turnsText(c) && !rightToLeft);
        return drop ? QString(u"") : QString();
    });
}

} // namespace ponder
