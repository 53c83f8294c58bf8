#include "ui/markdown/inline_text.h"

#include <algorithm>

#include "ui/markdown/safe_text.h"

namespace ponder {

namespace {

// kSilentPunctuation in UTF-16.
constexpr char16_t kSilentHigh = 0xD82F;
constexpr char16_t kSilentLow = 0xDC9F;

} // namespace

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
        m_inCode = true;
        break;
    case MD_SPAN_A: {
        const QString address = attribute(static_cast<MD_SPAN_A_DETAIL*>(detail)->href);
        html += QStringLiteral("<a href=\"%1\">")
                    .arg(resolved(address, Form::Source).toHtmlEscaped());
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
        m_inCode = false;
        break;
    case MD_SPAN_A:
        html += QStringLiteral("</a>");
        break;
    case MD_SPAN_IMG: {
        // Never loaded: its description and where it would come from.
        const QString address
            = resolved(attribute(static_cast<MD_SPAN_IMG_DETAIL*>(detail)->src), Form::Source);
        html += QStringLiteral(" (%1)</span>").arg(address.toHtmlEscaped());
        plain += QStringLiteral(" (%1)").arg(address);
        break;
    }
    default:
        break;
    }
}

void InlineText::add(MD_TEXTTYPE type, QByteArrayView text, bool inCell)
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
        const QString decoded = textForScreen(decodeEntity(text), m_rightToLeft);
        html += decoded.toHtmlEscaped();
        plain += decoded;
        break;
    }
    default: {
        const QString written = QString::fromUtf8(text);
        html += resolved(written, Form::Html, inCell);
        plain += resolved(written, m_inCode ? Form::Source : Form::Plain, inCell);
    }
    }
}

void InlineText::addCode(MD_TEXTTYPE type, QByteArrayView text)
{
    plain += type == MD_TEXT_NULLCHAR
        ? QString(QChar(QChar::ReplacementCharacter))
        : codeForScreen(resolved(QString::fromUtf8(text), Form::Source));
}

QString InlineText::shown(const QString& text, Form form) const
{
    if (form == Form::Source)
        return text;
    const QString safe = m_inCode ? codeForScreen(text) : textForScreen(text, m_rightToLeft);
    return form == Form::Html ? safe.toHtmlEscaped() : safe;
}

QString InlineText::resolved(const QString& text, Form form, bool inCell) const
{
    const auto isMark = [](QChar c) {
        return (c.unicode() >= kMarkBegin && c.unicode() < kMarkBegin + 0x40)
            || c.unicode() == kSilentHigh;
    };
    if (std::none_of(text.begin(), text.end(), isMark))
        return shown(text, form);
    QString result;
    QString between; // what is shown as it is
    const auto flush = [&] {
        result += shown(between, form);
        between.clear();
    };
    for (qsizetype at = 0; at < text.size(); ++at) {
        const QChar c = text.at(at);
        if (!isMark(c)) {
            between += c;
        } else if (c.unicode() == kLiteralStar || c.unicode() == kLiteralTilde) {
            between += c.unicode() == kLiteralStar ? u'*' : u'~';
        } else if (c.unicode() == kSilentHigh) {
            const bool silent = at + 1 < text.size() && text.at(at + 1).unicode() == kSilentLow;
            if (!silent)
                between += c;
            at += silent ? 1 : 0;
        } else if (c.unicode() == kMarkBegin) {
            flush();
            qsizetype number = 0;
            for (++at; at < text.size() && text.at(at) != QChar(kMarkEnd); ++at)
                number = number * 10 + (text.at(at).unicode() - kMarkZero);
            if (number < 0 || number >= m_marks.size())
                continue;
            const InlineMark& meant = m_marks.at(number);
            if (form == Form::Source || m_inCode)
                result += shown(QString::fromUtf8(meant.source), form);
            else if (form == Form::Html)
                result += meant.html;
            else
                result += inCell && meant.breaks ? QStringLiteral(" ") : meant.plain;
        }
    }
    flush();
    return result;
}

} // namespace ponder
