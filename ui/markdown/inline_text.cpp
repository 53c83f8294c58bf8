#include "ui/markdown/inline_text.h"

#include "ui/markdown/math_spans.h"

namespace ponder {

QString decodeEntity(QByteArrayView entity)
{
    const QString written = QString::fromUtf8(entity);
    if (entity.startsWith("&#")) {
        const bool hex = entity.size() > 3 && (entity.at(2) == 'x' || entity.at(2) == 'X');
        const QByteArrayView digits = entity.sliced(hex ? 3 : 2).chopped(1);
        bool ok = false;
        const uint code = digits.toUInt(&ok, hex ? 16 : 10);
        if (!ok || code == 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
            return QString(QChar(QChar::ReplacementCharacter));
        // The marks' own characters must not be smuggled in.
        if (code >= 0xE000 && code < 0xE040)
            return QString(QChar(QChar::ReplacementCharacter));
        return QString::fromUcs4(reinterpret_cast<const char32_t*>(&code), 1);
    }
    struct Name {
        const char* entity;
        char16_t character;
    };
    constexpr Name kNames[] = {{"&amp;", u'&'}, {"&lt;", u'<'}, {"&gt;", u'>'}, {"&quot;", u'"'},
        {"&apos;", u'\''}, {"&nbsp;", u'\u00a0'}, {"&times;", u'\u00d7'}, {"&divide;", u'\u00f7'},
        {"&deg;", u'\u00b0'}, {"&plusmn;", u'\u00b1'}, {"&minus;", u'\u2212'},
        {"&ndash;", u'\u2013'}, {"&mdash;", u'\u2014'}, {"&hellip;", u'\u2026'},
        {"&rarr;", u'\u2192'}, {"&larr;", u'\u2190'}, {"&le;", u'\u2264'}, {"&ge;", u'\u2265'},
        {"&ne;", u'\u2260'}, {"&euro;", u'\u20ac'}, {"&copy;", u'\u00a9'}, {"&reg;", u'\u00ae'},
        {"&pi;", u'\u03c0'}, {"&infin;", u'\u221e'}, {"&middot;", u'\u00b7'},
        {"&bull;", u'\u2022'}};
    for (const Name& name : kNames) {
        if (entity == name.entity)
            return QString(QChar(name.character));
    }
    return written;
}

QString attribute(const MD_ATTRIBUTE& attribute)
{
    QString text;
    for (int i = 0; attribute.size > 0 && attribute.substr_offsets[i] < attribute.size; ++i) {
        const MD_OFFSET begin = attribute.substr_offsets[i];
        const QByteArrayView part(
            attribute.text + begin, qsizetype(attribute.substr_offsets[i + 1] - begin));
        text += attribute.substr_types[i] == MD_TEXT_ENTITY ? decodeEntity(part)
            : attribute.substr_types[i] == MD_TEXT_NULLCHAR
            ? QString(QChar(QChar::ReplacementCharacter))
            : QString::fromUtf8(part);
    }
    return text;
}

void InlineText::enter(MD_SPANTYPE type, void* detail)
{
    switch (type) {
    case MD_SPAN_EM:
        html += QStringLiteral("<i>");
        break;
    case MD_SPAN_STRONG:
        html += QStringLiteral("<b>");
        break;
    case MD_SPAN_DEL:
        html += QStringLiteral("<s>");
        break;
    case MD_SPAN_CODE:
        html += QStringLiteral("<code>");
        break;
    case MD_SPAN_A: {
        const QString address = attribute(static_cast<MD_SPAN_A_DETAIL*>(detail)->href);
        html += QStringLiteral("<a href=\"%1\">").arg(withMath(address, false).toHtmlEscaped());
        break;
    }
    case MD_SPAN_IMG:
        html += QStringLiteral("<span class=\"image\">");
        break;
    default:
        break;
    }
}

void InlineText::leave(MD_SPANTYPE type, void* detail)
{
    switch (type) {
    case MD_SPAN_EM:
        html += QStringLiteral("</i>");
        break;
    case MD_SPAN_STRONG:
        html += QStringLiteral("</b>");
        break;
    case MD_SPAN_DEL:
        html += QStringLiteral("</s>");
        break;
    case MD_SPAN_CODE:
        html += QStringLiteral("</code>");
        break;
    case MD_SPAN_A:
        html += QStringLiteral("</a>");
        break;
    case MD_SPAN_IMG: {
        // Never loaded: its description and where it would come from.
        const QString address
            = withMath(attribute(static_cast<MD_SPAN_IMG_DETAIL*>(detail)->src), false);
        html += QStringLiteral(" (%1)</span>").arg(address.toHtmlEscaped());
        plain += QStringLiteral(" (%1)").arg(address);
        break;
    }
    default:
        break;
    }
}

void InlineText::add(MD_TEXTTYPE type, QByteArrayView text, bool breaks)
{
    switch (type) {
    case MD_TEXT_NULLCHAR:
        html += QChar(QChar::ReplacementCharacter);
        plain += QChar(QChar::ReplacementCharacter);
        break;
    case MD_TEXT_BR:
    case MD_TEXT_SOFTBR:
        // Models break lines where they mean it.
        html += QStringLiteral("<br>");
        plain += u'\n';
        break;
    case MD_TEXT_ENTITY: {
        const QString decoded = decodeEntity(text);
        html += decoded.toHtmlEscaped();
        plain += decoded;
        break;
    }
    default:
        addText(QString::fromUtf8(text), breaks && type == MD_TEXT_NORMAL);
    }
}

void InlineText::addText(const QString& text, bool breaks)
{
    QString rich = withMath(text, true);
    QString simple = withMath(text, false);
    if (breaks && text.contains(u'<')) {
        for (const auto* tag : {"<br>", "<br/>", "<br />"}) {
            rich.replace(QString::fromLatin1(tag).toHtmlEscaped(), QStringLiteral("<br>"));
            simple.replace(QString::fromLatin1(tag), QStringLiteral(" "));
        }
    }
    html += rich;
    plain += simple;
}

void InlineText::addCode(MD_TEXTTYPE type, QByteArrayView text)
{
    plain += type == MD_TEXT_NULLCHAR ? QString(QChar(QChar::ReplacementCharacter))
                                      : withMath(QString::fromUtf8(text), false);
}

QString InlineText::withMath(const QString& text, bool rich) const
{
    qsizetype mark = text.indexOf(QChar(kMathMarkBegin));
    if (mark < 0)
        return rich ? text.toHtmlEscaped() : text;
    QString result;
    qsizetype at = 0;
    while (mark >= 0) {
        const QString before = text.sliced(at, mark - at);
        result += rich ? before.toHtmlEscaped() : before;
        qsizetype number = 0;
        at = mark + 1;
        for (; at < text.size() && text.at(at) != QChar(kMathMarkEnd); ++at)
            number = number * 10 + (text.at(at).unicode() - kMathMarkZero);
        at = qMin(at + 1, text.size());
        const QString span = QString::fromUtf8(m_math.value(number));
        if (!rich)
            result += span;
        else
            result += QStringLiteral("<span class=\"math\">%1</span>").arg(span.toHtmlEscaped());
        mark = text.indexOf(QChar(kMathMarkBegin), at);
    }
    const QString rest = text.sliced(at);
    return result + (rich ? rest.toHtmlEscaped() : rest);
}

} // namespace ponder
