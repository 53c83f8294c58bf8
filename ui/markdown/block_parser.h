#pragma once

#include <QByteArrayView>
#include <QList>

#include "ui/markdown/markdown_block.h"
#include "ui/markdown/segment_scanner.h"

namespace ponder {

/// Parses one segment into blocks. Never fails: what is no Markdown is a paragraph.
[[nodiscard]] QList<MarkdownBlock> parseSegment(
    QByteArrayView source, const SourceSegment& segment);

} // namespace ponder
