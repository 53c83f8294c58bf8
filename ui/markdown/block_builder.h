#pragma once

#include <QList>
#include <QString>
#include <md4c.h>

#include "ui/markdown/inline_text.h"
#include "ui/markdown/markdown_block.h"
#include "ui/markdown/segment_scanner.h"
#include "ui/markdown/table_text.h"

namespace ponder {

/// Gathers md4c's events into flat blocks.
class BlockBuilder {
public:
    /// `depth`: lists that the segment stands in already. `rightToLeft`: see InlineText.
    BlockBuilder(
        const SourceSegment& segment, int depth, QList<InlineMark> marks, bool rightToLeft);

    void enter(MD_BLOCKTYPE type, void* detail);
    void leave(MD_BLOCKTYPE type);

    /// The text of a tight list's item comes without a paragraph around it.
    [[nodiscard]] InlineText& inlineText();
    [[nodiscard]] bool inCode() const { return m_open && m_block.type == MarkdownBlock::Code; }
    [[nodiscard]] bool inTable() const { return m_open && m_block.type == MarkdownBlock::Table; }

    [[nodiscard]] QList<MarkdownBlock> take();

private:
    struct List {
        bool ordered = false;
        int next = 1;
        char delimiter = '.';
    };

    [[nodiscard]] List listOf(MD_BLOCKTYPE type, void* detail) const;
    void enterItem(const MD_BLOCK_LI_DETAIL& detail);
    void open(MarkdownBlock::Type type);
    void flush();

    const SourceSegment& m_segment;
    QList<MarkdownBlock> m_blocks;
    QList<List> m_lists;
    int m_depth = 0;
    int m_quotes = 0;
    int m_quoteLists = 0; ///< that the outermost of them stands in
    int m_joined = 0; ///< of them that the block before stands in
    QString m_marker;
    MarkdownBlock::Task m_task = MarkdownBlock::NoTask;
    MarkdownBlock m_block;
    bool m_open = false;
    bool m_rightToLeft = false; ///< the last text was
    TableText m_table;
    InlineText m_text;
};

} // namespace ponder
