#include "ui/markdown/emphasis_rules.h"

#include <QChar>

#include "ui/markdown/ascii.h"

namespace ponder {

namespace {

// How far a look ahead reaches.
constexpr qsizetype kReach = 1000;

char32_t decode(QByteArrayView bytes)
{
    const auto byte
        = [&](qsizetype i) { return char32_t(static_cast<unsigned char>(bytes.at(i))); };
    if (bytes.size() == 2)
        return (byte(0) & 0x1F) << 6 | (byte(1) & 0x3F);
    if (bytes.size() == 3)
        return (byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
    if (bytes.size() == 4)
        return (byte(0) & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6
            | (byte(3) & 0x3F);
    return byte(0);
}

bool isContinuation(char c)
{
    return (c & 0xC0) == 0x80;
}

/// The character that ends before `at`; 0 at the begin.
char32_t before(QByteArrayView text, qsizetype at)
{
    if (at == 0)
        return 0;
    qsizetype begin = at - 1;
    while (begin > 0 && at - begin < 4 && isContinuation(text.at(begin)))
        --begin;
    return decode(text.sliced(begin, at - begin));
}

char32_t after(QByteArrayView text, qsizetype at)
{
    if (at >= text.size())
        return 0;
    qsizetype end = at + 1;
    while (end < text.size() && end - at < 4 && isContinuation(text.at(end)))
        ++end;
    return decode(text.sliced(at, end - at));
}

bool isSpace(char32_t c)
{
    return c == 0 || QChar::isSpace(c);
}

bool isPunctuation(char32_t c)
{
    return QChar::isPunct(c) || QChar::isSymbol(c);
}

/// Han, kana, Hangul and the punctuation that belongs to them.
bool isCjk(char32_t c)
{
    return (c >= 0x1100 && c <= 0x11FF) || (c >= 0x2E80 && c <= 0xA4CF)
        || (c >= 0xA960 && c <= 0xA97F) || (c >= 0xAC00 && c <= 0xD7FF)
        || (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFE30 && c <= 0xFE4F)
        || (c >= 0xFF00 && c <= 0xFFEF) || (c >= 0x20000 && c <= 0x3FFFF);
}

/// CommonMark's flanking, of a run between two characters.
struct Flanks {
    bool left = false;
    bool right = false;

    static Flanks of(char32_t previous, char32_t next, bool friendly)
    {
        const auto hard = [&](char32_t c) { return isPunctuation(c) && !(friendly && isCjk(c)); };
        const auto soft
            = [&](char32_t c) { return isSpace(c) || isPunctuation(c) || (friendly && isCjk(c)); };
        return {!isSpace(next) && (!hard(next) || soft(previous)),
            !isSpace(previous) && (!hard(previous) || soft(next))};
    }
};

/// Written without spaces between words, so that a mark stands between letters: Han and its like, Thai, Lao,
/// Tibetan, Burmese, Khmer.
bool joinsWords(char32_t c)
{
    return isCjk(c) || (c >= 0x0E00 && c <= 0x109F) || (c >= 0x1780 && c <= 0x17FF);
}

/// A letter or figure of a product, such as "π", "x²" or "½".
bool isOperand(char32_t c)
{
    return (QChar::isLetterOrNumber(c) || QChar::isMark(c)) && !joinsWords(c);
}

/// What stands after an operand: "20%", "n!", "f'", "90°".
bool isSuffix(char32_t c)
{
    return c == U'%' || c == U'!' || c == U'\'' || c == 0xB0 || c == 0x2032 || c == 0x20AC;
}

bool endsOperand(char32_t c)
{
    return isOperand(c) || isSuffix(c) || c == U')' || c == U']' || c == U'}';
}

bool beginsOperand(char32_t c)
{
    return isOperand(c) || c == U'(' || c == U'[' || c == U'{';
}

bool isFigure(char32_t c)
{
    return c < 0x80 && isDigit(char(c));
}

/// Bytes of `c` in UTF-8.
qsizetype sizeOf(char32_t c)
{
    return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
}

} // namespace

EmphasisRules::Verdict EmphasisRules::verdict(qsizetype at, qsizetype length)
{
    if (m_text.at(at) == '*')
        return starVerdict(at, length);
    return length == 1 ? Literal : length == 2 ? strikeVerdict(at) : Leave;
}

bool EmphasisRules::opensBefore(qsizetype at, qsizetype length)
{
    if (at >= m_wordEnd) {
        qsizetype begin = at;
        while (begin > 0 && !isSpaceByte(m_text.at(begin - 1)) && at - begin < kReach)
            --begin;
        m_firstRun = m_firstStrong = -1;
        qsizetype end = begin;
        while (end < m_text.size() && !isSpaceByte(m_text.at(end)) && end - at < kReach) {
            qsizetype run = 0;
            while (end + run < m_text.size() && m_text.at(end + run) == '*')
                ++run;
            if (run == 1 || run == 2) {
                const bool opens = end == 0 || !endsOperand(before(m_text, end));
                qsizetype& first = run == 1 ? m_firstRun : m_firstStrong;
                if (opens && first < 0)
                    first = end;
            }
            end += qMax(run, qsizetype(1));
        }
        m_wordEnd = end;
    }
    const qsizetype first = length == 1 ? m_firstRun : m_firstStrong;
    return first >= 0 && first < at;
}

bool EmphasisRules::closesNext(qsizetype at) const
{
    const QByteArrayView window = m_text.first(qMin(m_text.size(), at + kReach));
    const qsizetype next = window.indexOf("**", at);
    const qsizetype end = window.indexOf("\n\n", at);
    if (next < 0 || (end >= 0 && end < next))
        return false;
    const Flanks flanks = Flanks::of(before(m_text, next), after(m_text, next + 2), true);
    return flanks.right && !flanks.left;
}

bool EmphasisRules::isOperator(qsizetype at, qsizetype length)
{
    if (at == 0 || at + length >= m_text.size())
        return false;
    const char32_t left = before(m_text, at);
    const char32_t right = after(m_text, at + length);
    if (!endsOperand(left) || !beginsOperand(right) || opensBefore(at, length))
        return false;
    if (length == 1)
        return true;
    const bool oneLetter = isOperand(left) && isOperand(right)
        && !isOperand(before(m_text, qMax(at - sizeOf(left), qsizetype(0))))
        && !isOperand(after(m_text, at + length + sizeOf(right)));
    const bool bracket = left == U')' || left == U']';
    return (isFigure(left) || isFigure(right) || oneLetter || bracket)
        && (!m_openStrong || closesNext(at + length));
}

EmphasisRules::Verdict EmphasisRules::starVerdict(qsizetype at, qsizetype length)
{
    const char32_t previous = before(m_text, at);
    const char32_t next = after(m_text, at + length);
    if (next == 0xFE0F || next == 0x20E3) // a keycap
        return Literal;
    if (length > 2) {
        const Flanks usual = Flanks::of(previous, next, false);
        const Flanks friendly = Flanks::of(previous, next, true);
        if (usual.left == friendly.left && usual.right == friendly.right)
            return Leave;
        return m_openStrong ? Close : Open;
    }
    const bool space = isSpace(previous);
    const bool spaceAfter = isSpace(next);
    if (space && spaceAfter)
        return Leave;
    if (isOperator(at, length))
        return Literal;
    if ((previous == U'/' && (next == U'/' || next == U'.' || spaceAfter))
        || (next == U'/' && (previous == U'/' || (space && length == 1))))
        return Literal;
    // "COUNT(*)"
    if (length == 1 && (previous == U'(' || previous == U'[' || previous == U',')
        && (next == U')' || next == U']' || next == U','))
        return Literal;

    const Flanks usual = Flanks::of(previous, next, false);
    Flanks wanted = Flanks::of(previous, next, true);
    bool& open = length == 2 ? m_openStrong : m_openEmphasis;
    // Text on one side and punctuation on the other: what is open decides what two stars mean.
    if (length == 2 && wanted.left != wanted.right && !space && !spaceAfter) {
        if (wanted.left && open && isPunctuation(previous))
            wanted = {false, true};
        else if (wanted.right && !open && isPunctuation(next))
            wanted = {true, false};
    }
    const bool same = usual.left == wanted.left && usual.right == wanted.right;
    const bool closes = wanted.right && (open || !wanted.left);
    if (closes || wanted.left)
        open = !closes;
    return same ? Leave : closes ? Close : Open;
}

EmphasisRules::Verdict EmphasisRules::strikeVerdict(qsizetype at)
{
    const char32_t previous = before(m_text, at);
    const char32_t next = after(m_text, at + 2);
    const bool numbers
        = previous < 0x80 && isDigit(char(previous)) && next < 0x80 && isDigit(char(next));
    if (numbers && !m_openStrike)
        return Literal;
    if (m_openStrike && !isSpace(previous)) {
        m_openStrike = false;
        return Close;
    }
    if (!m_openStrike && !isSpace(next)) {
        m_openStrike = true;
        return Open;
    }
    return Leave;
}

} // namespace ponder
