#include "ui/markdown/step_text.h"

#include <QStringList>

#include "ui/markdown/source_line.h"

namespace ponder {

namespace {

constexpr int kIndent = 18; // pixels a list is moved by

/// Code with its lines and spaces as they are.
QString codeHtml(const QString& code)
{
    QString html = code.toHtmlEscaped();
    html.replace(u'\n', QStringLiteral("<br>"));
    return QStringLiteral("<code>%1</code>").arg(html);
}

QString contentOf(const MarkdownBlock& block)
{
    switch (block.type) {
    case MarkdownBlock::Heading:
        return QStringLiteral("<b>%1</b>").arg(block.html);
    case MarkdownBlock::Code:
        return codeHtml(block.text);
    case MarkdownBlock::Math:
        return QStringLiteral("<span class=\"math\">%1</span>")
            .arg(block.text.toHtmlEscaped().replace(u'\n', QStringLiteral("<br>")));
    case MarkdownBlock::Rule:
        return QStringLiteral("\u2014");
    default:
        return block.html;
    }
}

QString blockHtml(const MarkdownBlock& block, bool first)
{
    if (block.type == MarkdownBlock::Table)
        return block.html;
    const int depth = block.listDepth + block.quoteDepth;
    const bool marked = !block.marker.isEmpty();
    const QString mark = !marked                ? QString()
        : block.task == MarkdownBlock::DoneTask ? QStringLiteral("\u2611\u00a0 ")
        : block.task == MarkdownBlock::OpenTask
        ? QStringLiteral("\u2610\u00a0 ")
        : block.marker.toHtmlEscaped() + QStringLiteral("\u00a0 ");
    const int top = first || block.continued ? 0 : marked ? 2 : 6;
    const QString side = block.rightToLeft ? QStringLiteral("right") : QStringLiteral("left");
    return QStringLiteral("<p%1 style=\"margin-top:%2px; margin-bottom:0px; margin-%3:%4px; "
                          "text-indent:%5px;\">%6%7</p>")
        .arg(block.rightToLeft ? QStringLiteral(" dir=\"rtl\"") : QString())
        .arg(top)
        .arg(side)
        .arg(depth * kIndent)
        .arg(marked ? -kIndent + 4 : 0)
        .arg(mark, contentOf(block));
}

} // namespace

void StepText::setSource(const QString& source)
{
    if (source == m_source)
        return;
    m_source = source;
    update();
}

void StepText::setFence(const QString& fence)
{
    if (fence == m_fence)
        return;
    m_fence = fence;
    update();
}

QString StepText::plain() const
{
    QStringList texts;
    for (const MarkdownBlock& block : m_model.blocks())
        texts.append(block.marker.isEmpty() ? block.text : block.marker + u' ' + block.text);
    return texts.join(u'\n');
}

void StepText::update()
{
    m_model.setSource(m_fence.isEmpty() ? m_source : m_fence + u'\n' + m_source);
    m_html.clear();
    for (const MarkdownBlock& block : m_model.blocks())
        m_html += blockHtml(block, m_html.isEmpty());
    emit htmlChanged();
}

QString openFenceAfter(const QString& before, const QString& text)
{
    const QByteArray source = (before.isEmpty() ? text : before + u'\n' + text).toUtf8();
    OpenFence fence;
    QByteArray opener;
    for (qsizetype at = 0; at < source.size();) {
        SourceLine line = SourceLine::at(source, at);
        at = line.next;
        line.indent = 0;
        if (!opener.isEmpty()) {
            if (fence.closedBy(line))
                opener.clear();
        } else if (const Fence found = line.fence(); found.length > 0) {
            fence = OpenFence(found);
            opener = line.words.toByteArray();
        }
    }
    return QString::fromUtf8(opener);
}

} // namespace ponder

#include "moc_step_text.cpp"
