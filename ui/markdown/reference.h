#pragma once

#include <QByteArray>
#include <QByteArrayView>
#include <QHash>
#include <QSet>

#include "ui/markdown/source_line.h"

namespace ponder {

/// A line such as "[1]: https://example.org" or "[^1]: a note". Markdown takes the first kind out of the
/// text; models mean it as a list of sources, so Ponder shows it where it stands.
struct Definition {
    static constexpr int kIndent
        = 2; ///< columns that the further lines of a footnote are indented by

    bool found = false;
    QByteArray label; ///< as written; of a footnote with its '^'
    QByteArrayView address; ///< empty for a footnote, and where there is no address
    QByteArrayView title; ///< of a source, without its quotes
    QByteArrayView rest; ///< all that follows the colon

    [[nodiscard]] static Definition of(const SourceLine& line);
    [[nodiscard]] bool isFootnote() const { return label.startsWith('^'); }
    /// Needs no blank line before it: nobody writes that in a sentence.
    [[nodiscard]] bool isSure() const;
};

/// What a message defines: labels (Definition::key) and their addresses; footnotes have none.
using References = QHash<QByteArray, QByteArray>;

/// By which labels are compared: without regard to case and to how they are spaced.
[[nodiscard]] QByteArray referenceKey(QByteArrayView label);

/// The labels that a text names in square brackets, as keys. At most a few: what has more is no prose.
[[nodiscard]] QSet<QByteArray> referencesIn(QByteArrayView text);

/// Definitions of those labels that the text names, as Markdown to be put before it.
[[nodiscard]] QByteArray definitionsFor(QByteArrayView text, const References& references);

} // namespace ponder
