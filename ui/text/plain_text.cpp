#include "ui/text/plain_text.h"

#include <QLocale>
#include <QRegularExpression>

#include <algorithm>

namespace ponder {

using namespace Qt::StringLiterals;

namespace {

constexpr qsizetype kLongestName = 160;

/// Embeddings, overrides and isolates: they hold until they are closed, across whatever follows.
bool turnsText(QChar c)
{
    const char16_t code = c.unicode();
    return (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

bool isControl(QChar c)
{
    return c.category() == QChar::Other_Control;
}

/// What shows nothing and only changes how other characters are shown or found. The joiners are not among them:
/// scripts and emoji are written with them.
bool isInvisible(QChar c)
{
    switch (c.unicode()) {
    case 0x00AD: // soft hyphen
    case 0x061C: // Arabic letter mark
    case 0x200B: // zero width space
    case 0x200E: // left-to-right mark
    case 0x200F: // right-to-left mark
    case 0x2060: // word joiner
    case 0xFEFF: // byte order mark
        return true;
    default:
        return false;
    }
}

} // namespace

QString plainName(const QString& name)
{
    QString plain;
    plain.reserve(std::min(name.size(), 2 * kLongestName));
    for (const QChar c : name) {
        if (isControl(c) || c == QChar::LineSeparator || c == QChar::ParagraphSeparator)
            plain += u' ';
        else if (!turnsText(c) && !isInvisible(c))
            plain += c;
    }
    plain = plain.simplified();
    if (plain.size() <= kLongestName)
        return plain;
    qsizetype cut = kLongestName - 1;
    while (cut > 0 && (plain.at(cut).isLowSurrogate() || plain.at(cut).isMark()))
        --cut;
    return plain.first(cut).trimmed() + u'…';
}

QString withGroupedFigures(const QString& message)
{
    static const QRegularExpression number(
        uR"((?<![\w.,:/\\\-+#"'“‘@])\d{4,18}(?![\w/\\\-"'”’@]|[.,:]\w))"_s,
        QRegularExpression::UseUnicodePropertiesOption);
    const QLocale locale;
    QString grouped;
    qsizetype copied = 0;
    for (auto found = number.globalMatch(message); found.hasNext();) {
        const QRegularExpressionMatch match = found.next();
        grouped += QStringView(message).sliced(copied, match.capturedStart() - copied);
        grouped += locale.toString(match.capturedView().toLongLong());
        copied = match.capturedEnd();
    }
    grouped += QStringView(message).sliced(copied);
    return grouped;
}

} // namespace ponder
