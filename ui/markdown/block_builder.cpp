#include "ui/markdown/block_builder.h"

#include "ui/markdown/safe_text.h"

namespace ponder {

namespace {

constexpr int kDeepestShown = 16; ///< of lists and quotes on the screen; deeper ones look like this

} // namespace

BlockBuilder::BlockBuilder(
    const SourceSegment& segment, int depth, QList<InlineMark> marks, bool rightToLeft)
    : m_segment(segment)
    , m_depth(depth)
    , m_joined(segment.joined ? 1 : 0)
    , m_text(std::move(marks), rightToLeft)
{
}

QList<MarkdownBlock> BlockBuilder::take()
{
    flush();
    return std::move(m_blocks);
}

void BlockBuilder::enter(MD_BLOCKTYPE type, void* detail)
{
    switch (type) {
    case MD_BLOCK_QUOTE:
        flush();
        if (m_quotes++ == 0)
            m_quoteLists = int(m_depth + m_lists.size());
        break;
    case MD_BLOCK_UL:
    case MD_BLOCK_OL:
        flush();
        m_marker.clear();
        m_lists.append(listOf(type, detail));
        break;
    case MD_BLOCK_LI:
        flush();
        enterItem(*static_cast<MD_BLOCK_LI_DETAIL*>(detail));
        break;
    case MD_BLOCK_H:
        open(MarkdownBlock::Heading);
        m_block.level = int(static_cast<MD_BLOCK_H_DETAIL*>(detail)->level);
        break;
    case MD_BLOCK_CODE:
        open(MarkdownBlock::Code);
        m_block.language = attribute(static_cast<MD_BLOCK_CODE_DETAIL*>(detail)->lang);
        break;
    case MD_BLOCK_HR:
        open(MarkdownBlock::Rule);
        break;
    case MD_BLOCK_P:
        open(MarkdownBlock::Paragraph);
        break;
    case MD_BLOCK_TABLE:
        open(MarkdownBlock::Table);
        m_table = {};
        break;
    case MD_BLOCK_TR:
        m_table.beginRow();
        break;
    case MD_BLOCK_TH:
    case MD_BLOCK_TD: {
        const MD_ALIGN align = static_cast<MD_BLOCK_TD_DETAIL*>(detail)->align;
        m_table.beginCell(type == MD_BLOCK_TH,
            align == MD_ALIGN_RIGHT        ? TableText::Right
                : align == MD_ALIGN_CENTER ? TableText::Center
                : align == MD_ALIGN_LEFT   ? TableText::Left
                                           : TableText::Unsaid);
        break;
    }
    default:
        break;
    }
}

void BlockBuilder::leave(MD_BLOCKTYPE type)
{
    switch (type) {
    case MD_BLOCK_QUOTE:
        flush();
        --m_quotes;
        m_joined = qMin(m_joined, m_quotes);
        break;
    case MD_BLOCK_UL:
    case MD_BLOCK_OL:
        flush();
        m_lists.removeLast();
        break;
    case MD_BLOCK_LI:
        if (!m_marker.isEmpty())
            open(MarkdownBlock::Paragraph); // an item without content still has its mark
        flush();
        break;
    case MD_BLOCK_TH:
    case MD_BLOCK_TD:
        m_table.endCell(std::exchange(m_text.html, {}), std::exchange(m_text.plain, {}));
        break;
    case MD_BLOCK_TABLE:
        m_text.html = m_table.html();
        m_text.plain = m_table.plain();
        flush();
        break;
    case MD_BLOCK_H:
    case MD_BLOCK_CODE:
    case MD_BLOCK_HR:
    case MD_BLOCK_P:
        flush();
        break;
    default:
        break;
    }
}

InlineText& BlockBuilder::inlineText()
{
    if (!m_open)
        open(MarkdownBlock::Paragraph);
    return m_text;
}

BlockBuilder::List BlockBuilder::listOf(MD_BLOCKTYPE type, void* detail) const
{
    if (type == MD_BLOCK_UL)
        return {};
    const auto& ordered = *static_cast<MD_BLOCK_OL_DETAIL*>(detail);
    const bool outermost = m_lists.isEmpty() && m_quotes == 0 && m_depth == 0;
    const bool counted = outermost && m_segment.kind == SourceSegment::ListItem;
    return {true, counted ? m_segment.number : int(ordered.start), ordered.mark_delimiter};
}

void BlockBuilder::enterItem(const MD_BLOCK_LI_DETAIL& detail)
{
    List& list = m_lists.last();
    m_marker = list.ordered ? QString::number(list.next++) + QChar::fromLatin1(list.delimiter)
                            : QStringLiteral("\u2022");
    m_task = !detail.is_task      ? MarkdownBlock::NoTask
        : detail.task_mark == ' ' ? MarkdownBlock::OpenTask
                                  : MarkdownBlock::DoneTask;
}

void BlockBuilder::open(MarkdownBlock::Type type)
{
    flush();
    m_open = true;
    m_block = {};
    m_block.type = type;
    m_block.listDepth = int(qMin(m_depth + m_lists.size(), qsizetype(kDeepestShown)));
    m_block.quoteDepth = qMin(m_quotes, kDeepestShown);
    m_block.quoteLists = m_quotes > 0 ? qMin(m_quoteLists, kDeepestShown) : 0;
    m_block.joinedQuotes = qMin(std::exchange(m_joined, m_quotes), kDeepestShown);
    m_block.marker = std::exchange(m_marker, {});
    if (!m_block.marker.isEmpty())
        m_block.task = std::exchange(m_task, MarkdownBlock::NoTask);
}

void BlockBuilder::flush()
{
    if (!m_open)
        return;
    m_open = false;
    m_block.html = std::exchange(m_text.html, {});
    m_block.text = std::exchange(m_text.plain, {});
    if (m_block.type == MarkdownBlock::Code) {
        if (m_block.text.endsWith(u'\n'))
            m_block.text.chop(1);
        m_block.html.clear();
        m_block.rightToLeft = m_rightToLeft;
    } else if (m_block.type == MarkdownBlock::Rule) {
        m_block.rightToLeft = m_rightToLeft;
    } else {
        m_block.rightToLeft = m_rightToLeft = isRightToLeft(m_block.text);
    }
    m_blocks.append(m_block);
}

} // namespace ponder
