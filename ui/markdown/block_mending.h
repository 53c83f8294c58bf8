#pragma once

#include <QByteArray>
#include <QByteArrayView>

namespace ponder {

/// Markdown as models mean it, written so that CommonMark says the same. Of a segment's lines, in quotes and
/// list items as well:
///
/// - a table right under a line of text gets a blank line before it;
/// - "[1]: address" does not vanish as a definition would;
/// - a line under a sum makes no heading of it, and "- 3" below "10" no list;
/// - a fence that holds fences of its own length (OpenFence) becomes longer than those;
/// - <details> is left out, <summary> becomes bold.
[[nodiscard]] QByteArray mendBlocks(QByteArrayView markdown);

} // namespace ponder
