#include "ui/chat/missing_fonts.h"

#include <QFont>
#include <QFontMetrics>

namespace ponder {

namespace {

// Inter has what comes before: Latin with its marks.
constexpr char16_t kFirstForeign = 0x0370;

bool isEmoji(char32_t letter)
{
    return letter >= 0x1F300 && letter <= 0x1FAFF;
}

/// A font for emoji may be older than the newest of them, and one for Chinese lacks rare signs: what is asked for
/// is a letter that every font of the kind has.
char32_t commonLetter(QChar::Script script, char32_t letter)
{
    switch (script) {
    case QChar::Script_Han:
    case QChar::Script_Bopomofo:
        return 0x4E2D;
    case QChar::Script_Hiragana:
    case QChar::Script_Katakana:
        return 0x3042;
    case QChar::Script_Hangul:
        return 0xD55C;
    default:
        return letter;
    }
}

MissingFonts::Kind kindOf(QChar::Script script)
{
    switch (script) {
    case QChar::Script_Han:
    case QChar::Script_Bopomofo:
    case QChar::Script_Hiragana:
    case QChar::Script_Katakana:
    case QChar::Script_Hangul:
        return MissingFonts::Kind::EastAsian;
    default:
        return MissingFonts::Kind::Other;
    }
}

} // namespace

MissingFonts::MissingFonts(std::function<bool(char32_t)> hasLetter)
    : m_hasLetter(std::move(hasLetter))
{
    if (!m_hasLetter) {
        m_hasLetter = [](char32_t letter) { // looks through the fonts that stand in for it, too
            return QFontMetrics(QFont(QStringLiteral("Inter"))).inFontUcs4(letter);
        };
    }
}

QList<MissingFonts::Kind> MissingFonts::look(QStringView text)
{
    QList<Kind> found;
    for (qsizetype i = 0; i < text.size(); ++i) {
        const char16_t unit = text[i].unicode();
        if (unit < kFirstForeign)
            continue;
        char32_t letter = unit;
        if (QChar::isHighSurrogate(unit)) {
            // Half a letter at the end: the next text begins with its other half, and is no letter either.
            if (i + 1 == text.size() || !text[i + 1].isLowSurrogate())
                continue;
            letter = QChar::surrogateToUcs4(unit, text[++i].unicode());
        }
        lookAt(letter, found);
    }
    return found;
}

void MissingFonts::lookAt(char32_t letter, QList<Kind>& found)
{
    Kind kind = Kind::Emoji;
    char32_t asked = 0x1F600;
    if (isEmoji(letter)) {
        if (m_knowsEmoji)
            return;
        m_knowsEmoji = true;
    } else {
        const QChar::Script script = QChar::script(letter);
        // Signs of all scripts and none come one by one from many fonts, marks belong to other letters.
        if (script <= QChar::Script_Common || m_known.test(std::size_t(script))
            || !QChar::isLetter(letter))
            return;
        m_known.set(std::size_t(script));
        kind = kindOf(script);
        asked = commonLetter(script, letter);
    }
    bool& reported = m_told.at(std::size_t(kind));
    if (reported || m_hasLetter(asked))
        return;
    reported = true;
    found.append(kind);
}

} // namespace ponder
