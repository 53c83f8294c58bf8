#include "ui/markdown/block_parser.h"

#include <md4c.h>

#include "ui/markdown/block_builder.h"
#include "ui/markdown/block_mending.h"
#include "ui/markdown/inline_marks.h"
#include "ui/markdown/math_spans.h"
#include "ui/markdown/safe_text.h"
#include "ui/markdown/source_line.h"

namespace ponder {

namespace {

BlockBuilder& builder(void* data)
{
    return *static_cast<BlockBuilder*>(data);
}

constexpr unsigned kDialect = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_TASKLISTS
    | MD_FLAG_PERMISSIVEURLAUTOLINKS | MD_FLAG_NOHTML;

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

MarkdownBlock codeBlock(QByteArrayView info, QByteArray code)
{
    while (code.endsWith('\n'))
        code.chop(1);
    MarkdownBlock block;
    block.type = MarkdownBlock::Code;
    block.language = codeForScreen(QString::fromUtf8(info));
    block.text = codeForScreen(QString::fromUtf8(code));
    return block;
}

/// Fenced code needs no parser, and can be long.
MarkdownBlock parseFence(QByteArrayView text)
{
    SourceLine line = SourceLine::at(text, 0);
    OpenFence fence(line.fence());
    QByteArray code;
    code.reserve(text.size());
    while (line.next < text.size()) {
        line = SourceLine::at(text, line.next);
        if (fence.closedBy(line))
            break;
        QByteArrayView content = line.text(text);
        for (int i = 0; i < fence.fence().indent && content.startsWith(' '); ++i)
            content = content.sliced(1);
        code += content;
        if (line.next > line.end)
            code += '\n';
    }
    if (code.endsWith('\n'))
        code.chop(1);
    MarkdownBlock block = codeBlock(fence.fence().info, {});
    block.text = codeForScreen(QString::fromUtf8(code));
    return block;
}

MarkdownBlock parseIndentedCode(QByteArrayView text)
{
    QByteArray code;
    code.reserve(text.size());
    for (qsizetype at = 0; at < text.size();) {
        const SourceLine line = SourceLine::at(text, at);
        code += withoutIndent(line.text(text), 4) + '\n';
        at = line.next;
    }
    while (code.endsWith('\n') || code.endsWith("\n\r"))
        code.chop(1);
    return codeBlock({}, code);
}

QList<MarkdownBlock> parseText(
    QByteArrayView text, const SourceSegment& segment, int depth, const References& references)
{
    const QByteArray mended = mendBlocks(text);
    MarkedText marked = markInline(mended, references);
    const QByteArray whole = definitionsFor(mended, references) + marked.text;
    BlockBuilder blocks(
        segment, depth, std::move(marked.marks), hasRightToLeft(QString::fromUtf8(text)));
    md_parse(whole.constData(), MD_SIZE(whole.size()), &kParser, &blocks);
    return blocks.take();
}

QByteArray withoutIndents(QByteArrayView text, int columns)
{
    QByteArray result;
    result.reserve(text.size());
    for (qsizetype at = 0; at < text.size();) {
        const SourceLine line = SourceLine::at(text, at);
        result += withoutIndent(line.text(text), columns);
        if (line.next > line.end)
            result += '\n';
        at = line.next;
    }
    return result;
}

/// "[1]: address" as an item of a list with the label for its mark, a footnote likewise.
QList<MarkdownBlock> parseReference(
    QByteArrayView text, const SourceSegment& segment, const References& references)
{
    constexpr qsizetype kLongestMarker = 4; // what has room beside the text
    const SourceLine first = SourceLine::at(text, 0);
    const Definition definition = Definition::of(first);
    const QString label = textForScreen(QString::fromUtf8(definition.label));
    QList<MarkdownBlock> blocks;
    QString marker = '[' + label + ']';
    if (definition.isFootnote()) {
        marker = label.sliced(1);
        const QByteArray content
            = definition.rest.toByteArray() + '\n' + withoutIndents(text.sliced(first.next), 4);
        blocks = parseText(content, segment, 1, references);
    }
    if (blocks.isEmpty() || blocks.first().type != MarkdownBlock::Paragraph) {
        MarkdownBlock block;
        block.listDepth = 1;
        block.text = textForScreen(QString::fromUtf8(definition.rest));
        block.html = block.text.toHtmlEscaped();
        if (!definition.address.isEmpty() && definition.isSure()) {
            const QString address = textForScreen(QString::fromUtf8(definition.address));
            const QString title = textForScreen(QString::fromUtf8(definition.title));
            block.text = title.isEmpty() ? address : address + QStringLiteral(" \u2013 ") + title;
            block.html = block.text.toHtmlEscaped();
            block.html.replace(0, address.toHtmlEscaped().size(),
                QStringLiteral("<a href=\"%1\">%1</a>").arg(address.toHtmlEscaped()));
        }
        blocks.prepend(block);
    }
    MarkdownBlock& block = blocks.first();
    if (marker.size() <= kLongestMarker) {
        block.marker = marker;
    } else {
        marker += definition.isFootnote() ? u'.' : u':';
        block.html.prepend(marker.toHtmlEscaped() + ' ');
        block.text.prepend(marker + ' ');
        for (MarkdownBlock& each : blocks)
            --each.listDepth;
    }
    return blocks;
}

} // namespace

QList<MarkdownBlock> parseSegment(
    QByteArrayView source, const SourceSegment& segment, const References& references)
{
    const QByteArrayView text = source.sliced(segment.begin, segment.end - segment.begin);
    if (segment.kind == SourceSegment::Fence)
        return {parseFence(text)};
    if (segment.kind == SourceSegment::IndentedCode)
        return {parseIndentedCode(text)};
    if (segment.kind == SourceSegment::Reference)
        return parseReference(text, segment, references);
    if (segment.kind == SourceSegment::Math) {
        if (const QByteArrayView formula = displayMath(text); !formula.isNull()) {
            MarkdownBlock block;
            block.type = MarkdownBlock::Math;
            block.text = codeForScreen(QString::fromUtf8(formula));
            return {block};
        }
    }
    if (!segment.offsets.isEmpty()) {
        return parseText(withoutIndents(text, segment.offsets.last()), segment,
            int(segment.offsets.size()), references);
    }
    QByteArray whole;
    if (segment.headerBegin >= 0) {
        whole += source.sliced(segment.headerBegin, segment.headerEnd - segment.headerBegin);
        whole += '\n';
    }
    whole += text;
    QList<MarkdownBlock> result = parseText(whole, segment, 0, references);
    if (segment.continued && !result.isEmpty())
        result.first().continued = true;
    return result;
}

} // namespace ponder
