#pragma once

#include <QByteArrayView>
#include <QList>

#include "ui/markdown/source_line.h"

namespace ponder {

/// A line without the marks of the quotes and list items that it begins with.
struct InnerLine {
    SourceLine line; ///< what is left; `begin` and `end` still count in the source
    int quotes = 0; ///< '>' marks that were left out
    bool marked = false; ///< a list's mark was left out
    [[nodiscard]] static InnerLine of(QByteArrayView source, const SourceLine& line);
};

/// Follows the lines of one list item or quote, to find where it can be cut when it grows too long: not
/// inside of code, nor of a table.
class ContainerScan {
public:
    /// `offsets`: where the content of the open items begins; empty in a quote.
    void begin(const QList<int>& offsets);
    void add(QByteArrayView source, const SourceLine& line);

    [[nodiscard]] bool inCode() const { return m_inCode; }
    [[nodiscard]] bool canBeCut() const { return !m_inCode && !m_inTable && !m_headerBefore; }
    /// The items that a line of this indent stands in.
    [[nodiscard]] QList<int> offsetsAt(int indent) const;

private:
    QList<int> m_offsets;
    OpenFence m_fence;
    bool m_inCode = false;
    int m_codeIndent = 0; ///< columns that each line of the code is indented by
    bool m_codeQuoted = false;
    bool m_inTable = false;
    bool m_headerBefore = false;
};

} // namespace ponder
