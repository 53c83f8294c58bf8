#include "ui/markdown/block_parser.h"

#include <md4c.h>

#include "ui/markdown/inline_text.h"
#include "ui/markdown/math_spans.h"
#include "ui/markdown/source_line.h"

namespace ponder {

namespace {

constexpr int kDeepest = 8; ///< of lists and quotes on the screen; deeper ones look like this

/// Gathers md4c's events into flat blocks.
class BlockBuilder {
public:
    BlockBuilder(const SourceSegment& segment, QList<QByteArray> math)
        : m_segment(segment)
        , m_text(std::move(math))
    {
    }

    QList<MarkdownBlock> take()
    {
        flush();
        return std::move(m_blocks);
    }

    void enter(MD_BLOCKTYPE type, void* detail)
    {
        switch (type) {
        case MD_BLOCK_QUOTE:
            flush();
            ++m_quotes;
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
            m_text.html += QStringLiteral("<table cellspacing=\"0\">");
            break;
        case MD_BLOCK_TR:
            m_text.html += QStringLiteral("<tr>");
            m_firstCell = true;
            break;
        case MD_BLOCK_TH:
        case MD_BLOCK_TD:
            enterCell(type == MD_BLOCK_TH, static_cast<MD_BLOCK_TD_DETAIL*>(detail)->align);
            break;
        default:
            break;
        }
    }

    void leave(MD_BLOCKTYPE type)
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
            m_text.html += QStringLiteral("</th>");
            break;
        case MD_BLOCK_TD:
            m_text.html += QStringLiteral("</td>");
            break;
        case MD_BLOCK_TR:
            m_text.html += QStringLiteral("</tr>");
            m_text.plain += u'\n';
            break;
        case MD_BLOCK_TABLE:
            m_text.html += QStringLiteral("</table>");
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

    /// The text of a tight list's item comes without a paragraph around it.
    InlineText& inlineText()
    {
        if (!m_open)
            open(MarkdownBlock::Paragraph);
        return m_text;
    }

    [[nodiscard]] bool inCode() const { return m_open && m_block.type == MarkdownBlock::Code; }
    [[nodiscard]] bool inTable() const { return m_open && m_block.type == MarkdownBlock::Table; }

private:
    struct List {
        bool ordered = false;
        int next = 1;
        char delimiter = '.';
    };

    List listOf(MD_BLOCKTYPE type, void* detail) const
    {
        if (type == MD_BLOCK_UL)
            return {};
        const auto& ordered = *static_cast<MD_BLOCK_OL_DETAIL*>(detail);
        const bool outermost = m_lists.isEmpty() && m_quotes == 0;
        const bool counted = outermost && m_segment.kind == SourceSegment::ListItem;
        return {true, counted ? m_segment.number : int(ordered.start), ordered.mark_delimiter};
    }

    void enterItem(const MD_BLOCK_LI_DETAIL& detail)
    {
        List& list = m_lists.last();
        m_marker = list.ordered ? QString::number(list.next++) + QChar::fromLatin1(list.delimiter)
                                : QStringLiteral("\u2022");
        m_task = !detail.is_task      ? MarkdownBlock::NoTask
            : detail.task_mark == ' ' ? MarkdownBlock::OpenTask
                                      : MarkdownBlock::DoneTask;
    }

    void enterCell(bool header, MD_ALIGN align)
    {
        if (!m_firstCell)
            m_text.plain += u'\t';
        m_firstCell = false;
        const QString side = align == MD_ALIGN_RIGHT ? QStringLiteral("right")
            : align == MD_ALIGN_CENTER               ? QStringLiteral("center")
                                                     : QStringLiteral("left");
        m_text.html
            += (header ? QStringLiteral("<th align=\"%1\">") : QStringLiteral("<td align=\"%1\">"))
                   .arg(side);
    }

    void open(MarkdownBlock::Type type)
    {
        flush();
        m_open = true;
        m_block = {};
        m_block.type = type;
        m_block.listDepth = int(qMin(m_lists.size(), qsizetype(kDeepest)));
        m_block.quoteDepth = qMin(m_quotes, kDeepest);
        m_block.joinedQuotes = qMin(std::exchange(m_joined, m_quotes), kDeepest);
        m_block.marker = std::exchange(m_marker, {});
        if (!m_block.marker.isEmpty())
            m_block.task = std::exchange(m_task, MarkdownBlock::NoTask);
    }

    void flush()
    {
        if (!m_open)
            return;
        m_open = false;
        m_block.html = std::exchange(m_text.html, {});
        m_block.text = std::exchange(m_text.plain, {});
        if (m_block.type == MarkdownBlock::Code || m_block.type == MarkdownBlock::Table) {
            if (m_block.text.endsWith(u'\n'))
                m_block.text.chop(1);
        }
        if (m_block.type == MarkdownBlock::Code)
            m_block.html.clear();
        m_blocks.append(m_block);
    }

    const SourceSegment& m_segment;
    QList<MarkdownBlock> m_blocks;
    QList<List> m_lists;
    int m_quotes = 0;
    int m_joined = 0; ///< of them that the block before stands in
    QString m_marker;
    MarkdownBlock::Task m_task = MarkdownBlock::NoTask;
    MarkdownBlock m_block;
    bool m_open = false;
    bool m_firstCell = true;
    InlineText m_text;
};

BlockBuilder& builder(void* data)
{
    return *static_cast<BlockBuilder*>(data);
}

constexpr unsigned kDialect = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_TASKLISTS
    | MD_FLAG_PERMISSIVEURLAUTOLINKS | MD_FLAG_NOHTML | MD_FLAG_NOINDENTEDCODEBLOCKS;

constexpr MD_PARSER kParser{
    .abi_version = 0,
    .flags = kDialect,
    .enter_block =
        [](MD_BLOCKTYPE type, void* detail, void* data) {
            builder(data).enter(type, detail);
            return 0;
        },
    .leave_block =
        [](MD_BLOCKTYPE type, void*, void* data) {
            builder(data).leave(type);
            return 0;
        },
    .enter_span =
        [](MD_SPANTYPE type, void* detail, void* data) {
            builder(data).inlineText().enter(type, detail);
            return 0;
        },
    .leave_span =
        [](MD_SPANTYPE type, void* detail, void* data) {
            builder(data).inlineText().leave(type, detail);
            return 0;
        },
    .text =
        [](MD_TEXTTYPE type, const MD_CHAR* text, MD_SIZE size, void* data) {
            const QByteArrayView bytes(text, qsizetype(size));
            if (builder(data).inCode())
                builder(data).inlineText().addCode(type, bytes);
            else
                builder(data).inlineText().add(type, bytes, builder(data).inTable());
            return 0;
        },
    .debug_log = nullptr,
    .syntax = nullptr,
};

/// Fenced code needs no parser, and can be long.
MarkdownBlock parseFence(QByteArrayView text)
{
    MarkdownBlock block;
    block.type = MarkdownBlock::Code;
    SourceLine line = SourceLine::at(text, 0);
    const Fence fence = line.fence();
    const QByteArrayView info = fence.info;
    block.language = QString::fromUtf8(info);
    QByteArray code;
    code.reserve(text.size());
    while (line.next < text.size()) {
        line = SourceLine::at(text, line.next);
        if (line.closesFence(fence))
            break;
        QByteArrayView content = line.text(text);
        for (int i = 0; i < fence.indent && content.startsWith(' '); ++i)
            content = content.sliced(1);
        if (content.endsWith('\r'))
            content.chop(1);
        code += content;
        if (line.next > line.end)
            code += '\n';
    }
    if (code.endsWith('\n'))
        code.chop(1);
    block.text = QString::fromUtf8(code);
    block.text.replace(QChar(u'\0'), QChar(QChar::ReplacementCharacter));
    return block;
}

} // namespace

QList<MarkdownBlock> parseSegment(QByteArrayView source, const SourceSegment& segment)
{
    const QByteArrayView text = source.sliced(segment.begin, segment.end - segment.begin);
    if (segment.kind == SourceSegment::Fence)
        return {parseFence(text)};
    if (segment.kind == SourceSegment::Math) {
        if (const QByteArrayView formula = displayMath(text); !formula.isNull()) {
            MarkdownBlock block;
            block.type = MarkdownBlock::Math;
            block.text = QString::fromUtf8(formula);
            return {block};
        }
    }
    QByteArray whole;
    if (segment.headerBegin >= 0)
        whole += source.sliced(segment.headerBegin, segment.headerEnd - segment.headerBegin);
    if (!whole.isEmpty())
        whole += '\n';
    whole += text;
    MathSpans math = extractMath(whole);
    BlockBuilder blocks(segment, std::move(math.spans));
    md_parse(math.text.constData(), MD_SIZE(math.text.size()), &kParser, &blocks);
    QList<MarkdownBlock> result = blocks.take();
    if (segment.continued && !result.isEmpty())
        result.first().continued = true;
    return result;
}

} // namespace ponder
