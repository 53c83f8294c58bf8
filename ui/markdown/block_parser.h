#pragma once

#include <QByteArrayView>
#include <QList>

#include "ui/markdown/markdown_block.h"
#include "ui/markdown/reference.h"
#include "ui/markdown/segment_scanner.h"

namespace ponder {

/// Parses one segment into blocks; `references` are what the message defines. Never fails: what is no Markdown is a paragraph.
[[nodiscard]] QList<MarkdownBlock> parseSegment(
    QByteArrayView source, const SourceSegment& segment, const References& references = {});

} // namespace ponder
