#include "ui/markdown/inline_marks.h"

#include <algorithm>

#include "ui/markdown/emphasis_rules.h"
#include "ui/markdown/html_tags.h"
#include "ui/markdown/math_spans.h"

namespace ponder {

namespace {

constexpr QByteArrayView kSilent = "\xEE\x80\xA2"; // kSilentLetter

class Marker {
public:
    Marker(QByteArrayView text, const References& references)
        : m_text(text)
        , m_references(references)
        , m_emphasis(text)
        , m_formulas(text)
        , m_tags(text)
    {
        m_result.text.reserve(text.size() + text.size() / 8);
    }

    MarkedText run()
    {
        while (m_at < m_text.size()) {
            const char c = m_text.at(m_at);
            if (c == '`')
                copy(codeEnd());
            else if (c == '$' || c == '\\')
                formulaOrEscape();
            else if (c == '*' || c == '~')
                emphasis(c);
            else if (c == '<')
                tag();
            else if (c == '[')
                reference();
            else if (c == '\n')
                lineEnd();
            else if (c == '\xEE' && m_text.sliced(m_at).startsWith("\xEE\x80"))
                replaceReserved();
            else if (c == '\xF0' && m_text.sliced(m_at).startsWith(kSilentPunctuation))
                mark(kSilentPunctuation.size(), QString::fromUtf8(kSilentPunctuation));
            else
                copy(plainEnd());
        }
        return std::move(m_result);
    }

private:
    void copy(qsizetype end)
    {
        m_result.text += m_text.sliced(m_at, end - m_at);
        m_at = end;
    }

    /// Where the text goes on with something that could be a mark.
    [[nodiscard]] qsizetype plainEnd() const
    {
        constexpr QByteArrayView kSpecial = "`$\\*~<[\n\xEE\xF0";
        qsizetype end = m_at + 1;
        while (end < m_text.size() && !kSpecial.contains(m_text.at(end)))
            ++end;
        return end;
    }

    void add(InlineMark mark)
    {
        m_result.text += "\xEE\x80\x80";
        for (const char digit : QByteArray::number(m_result.marks.size())) {
            m_result.text += "\xEE\x80";
            m_result.text += char(0x90 + (digit - '0'));
        }
        m_result.text += "\xEE\x80\x81";
        m_result.marks.append(std::move(mark));
    }

    /// Takes out `length` bytes that are shown as text.
    void mark(qsizetype length, const QString& text)
    {
        add({m_text.sliced(m_at, length).toByteArray(), text.toHtmlEscaped(), text});
        m_at += length;
    }

    /// Where the code that begins with a run of backticks ends; only the run where nothing closes it.
    [[nodiscard]] qsizetype codeEnd()
    {
        const qsizetype length = run('`', m_at);
        const bool counted = length < qsizetype(std::size(m_noCloser));
        if (counted && m_noCloser[length])
            return m_at + length;
        qsizetype at = m_at + length;
        for (;;) {
            at = m_text.indexOf('`', at);
            if (at < 0)
                break;
            const qsizetype other = run('`', at);
            at += other;
            if (other == length)
                return at;
        }
        if (counted)
            m_noCloser[length] = true;
        return m_at + length;
    }

    [[nodiscard]] qsizetype run(char c, qsizetype at) const
    {
        qsizetype end = at;
        while (end < m_text.size() && m_text.at(end) == c)
            ++end;
        return end - at;
    }

    void formulaOrEscape()
    {
        const qsizetype end = m_formulas.end(m_at);
        if (end > m_at) {
            const QByteArrayView source = m_text.sliced(m_at, end - m_at);
            const QString text = QString::fromUtf8(source);
            add({source.toByteArray(),
                QStringLiteral("<span class=\"math\">%1</span>").arg(text.toHtmlEscaped()), text});
            m_at = end;
            return;
        }
        // An escape takes its character along: \$ opens nothing.
        const bool escape
            = m_text.at(m_at) == '\\' && m_at + 1 < m_text.size() && m_text.at(m_at + 1) != '\n';
        copy(m_at + (escape ? 2 : 1));
    }

    void emphasis(char c)
    {
        const qsizetype length = run(c, m_at);
        switch (m_emphasis.verdict(m_at, length)) {
        case EmphasisRules::Leave:
            copy(m_at + length);
            break;
        case EmphasisRules::Literal:
            for (qsizetype i = 0; i < length; ++i)
                m_result.text += c == '*' ? "\xEE\x80\xA0" : "\xEE\x80\xA1";
            m_at += length;
            break;
        case EmphasisRules::Open:
            m_result.text += kSilentPunctuation;
            copy(m_at + length);
            m_result.text += kSilent;
            break;
        case EmphasisRules::Close:
            m_result.text += kSilent;
            copy(m_at + length);
            m_result.text += kSilentPunctuation;
            break;
        }
    }

    void tag()
    {
        const HtmlTags::Tag tag = m_tags.at(m_at);
        if (tag.length == 0) {
            copy(m_at + 1);
            return;
        }
        add({m_text.sliced(m_at, tag.length).toByteArray(), tag.html,
            tag.breaks ? QStringLiteral("\n") : QString(), tag.breaks});
        m_at += tag.length;
    }

    void reference()
    {
        if (!citation())
            footnote();
    }

    /// "[1]" of a source: the link keeps its brackets.
    bool citation()
    {
        constexpr qsizetype kLongest = 6;
        const QByteArrayView rest = m_text.sliced(m_at).first(qMin(m_text.size() - m_at, kLongest));
        const qsizetype close = rest.indexOf(']');
        const bool afterText = m_at > 0 && m_text.at(m_at - 1) == ']' && m_cited != m_at;
        if (close < 2 || afterText || (close + 1 < rest.size() && rest.at(close + 1) == '('))
            return false;
        const QByteArrayView label = rest.sliced(1, close - 1);
        if (!std::all_of(label.begin(), label.end(), [](char c) { return c >= '0' && c <= '9'; }))
            return false;
        const QByteArray address = m_references.value(label.toByteArray());
        if (address.isEmpty())
            return false;
        const QString text = QString::fromLatin1(rest.first(close + 1));
        add({rest.first(close + 1).toByteArray(),
            QStringLiteral("<a href=\"%1\">%2</a>")
                .arg(QString::fromUtf8(address).toHtmlEscaped(), text),
            text});
        m_at += close + 1;
        m_cited = m_at;
        return true;
    }

    void footnote()
    {
        constexpr qsizetype kLongest = 80;
        const QByteArrayView rest = m_text.sliced(m_at).first(qMin(m_text.size() - m_at, kLongest));
        const qsizetype close = rest.startsWith("[^") ? rest.indexOf(']') : -1;
        if (close < 3 || !m_references.contains(referenceKey(rest.sliced(1, close - 1)))) {
            copy(m_at + 1);
            return;
        }
        const QString label = QString::fromUtf8(rest.sliced(2, close - 2));
        add({rest.first(close + 1).toByteArray(),
            QStringLiteral("<sup>%1</sup>").arg(label.toHtmlEscaped()), u'[' + label + u']'});
        m_at += close + 1;
    }

    void lineEnd()
    {
        copy(m_at + 1);
        qsizetype at = m_at;
        while (at < m_text.size() && (m_text.at(at) == ' ' || m_text.at(at) == '\t'))
            ++at;
        // A blank line, a table's row, an item of a list, a quote's end: nothing stays open over it.
        if (at == m_text.size() || QByteArrayView("\r\n|>#-+").contains(m_text.at(at))) {
            m_emphasis.endParagraph();
            m_tags.endParagraph();
        }
    }

    void replaceReserved()
    {
        // U+E000 to U+E03F, where the marks live: nobody else's may come through.
        m_result.text += "\xEF\xBF\xBD";
        m_at = qMin(m_at + 3, m_text.size());
    }

    QByteArrayView m_text;
    const References& m_references;
    EmphasisRules m_emphasis;
    FormulaFinder m_formulas;
    HtmlTags m_tags;
    qsizetype m_at = 0;
    qsizetype m_cited = -1; ///< where the last citation ends
    bool m_noCloser[8] = {}; ///< of a run of so many backticks, from there on
    MarkedText m_result;
};

} // namespace

MarkedText markInline(QByteArrayView markdown, const References& references)
{
    return Marker(markdown, references).run();
}

} // namespace ponder
