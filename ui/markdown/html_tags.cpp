#include "ui/markdown/html_tags.h"

namespace ponder {

namespace {

constexpr qsizetype kLongestTag = 12;
constexpr qsizetype kFarthestPartner = 2000;

struct Shown {
    const char* name;
    const char* open;
    const char* close;
};

constexpr Shown kShown[] = {{"b", "<b>", "</b>"}, {"strong", "<b>", "</b>"}, {"i", "<i>", "</i>"},
    {"em", "<i>", "</i>"}, {"u", "<u>", "</u>"}, {"ins", "<u>", "</u>"}, {"s", "<s>", "</s>"},
    {"del", "<s>", "</s>"}, {"strike", "<s>", "</s>"}, {"sub", "<sub>", "</sub>"},
    {"sup", "<sup>", "</sup>"}, {"kbd", "<code>", "</code>"}, {"code", "<code>", "</code>"},
    {"samp", "<code>", "</code>"}, {"var", "<i>", "</i>"}, {"cite", "<i>", "</i>"},
    {"small", "<small>", "</small>"}, {"mark", "<span class=\"mark\">", "</span>"}};

const Shown* shown(QByteArrayView name)
{
    for (const Shown& tag : kShown) {
        if (name.compare(QByteArrayView(tag.name), Qt::CaseInsensitive) == 0)
            return &tag;
    }
    return nullptr;
}

} // namespace

bool HtmlTags::hasPartner(QByteArrayView name, qsizetype from)
{
    qsizetype& next = m_partners[name.toByteArray()];
    if (next < from) {
        const QByteArray partner = "</" + name.toByteArray() + '>';
        const qsizetype found = m_text.indexOf(partner, from);
        next = found < 0 ? m_text.size() : found;
    }
    if (next == m_text.size() || next - from > kFarthestPartner)
        return false;
    const qsizetype blankLine = m_text.sliced(from, next - from).indexOf("\n\n");
    return blankLine < 0;
}

HtmlTags::Tag HtmlTags::at(qsizetype at)
{
    const QByteArrayView rest = m_text.sliced(at).first(qMin(m_text.size() - at, kLongestTag));
    const qsizetype end = rest.indexOf('>');
    if (end < 2)
        return {};
    QByteArrayView name = rest.sliced(1, end - 1);
    const bool closes = name.startsWith('/');
    if (closes)
        name = name.sliced(1);
    if (!closes && name.endsWith('/'))
        name = name.chopped(1).trimmed();
    if (name.compare(QByteArrayView("br"), Qt::CaseInsensitive) == 0)
        return {end + 1, QStringLiteral("<br>"), true};
    const Shown* tag = shown(name);
    if (!tag)
        return {};
    const QByteArray key = name.toByteArray();
    if (closes) {
        int& open = m_open[key];
        if (open == 0)
            return {};
        --open;
        return {end + 1, QString::fromLatin1(tag->close)};
    }
    if (rest.at(end - 1) == '/' || !hasPartner(name, at + end + 1))
        return {};
    ++m_open[key];
    return {end + 1, QString::fromLatin1(tag->open)};
}

} // namespace ponder
