#pragma once

#include <QByteArray>
#include <QByteArrayView>
#include <QList>

namespace ponder {

/// Mathematics taken out of a piece of Markdown before it is parsed, so that its underscores,
/// asterisks and backslashes are left alone. In its place stands a mark of private-use characters.
struct MathSpans {
    QByteArray text; ///< with a mark for each span
    QList<QByteArray> spans; ///< the spans as they were written, delimiters and all
};

/// Takes out \(…\), \[…\], $$…$$ and $…$ (that one by Pandoc's rule: no space inside the dollars, no
/// digit after them), except in code.
[[nodiscard]] MathSpans extractMath(QByteArrayView markdown);

/// The source of a block that is one display formula, \[…\] or $$…$$, without its delimiters; null if
/// it is none.
[[nodiscard]] QByteArrayView displayMath(QByteArrayView block);

/// U+E000 <number in digits U+E010…U+E019> U+E001
constexpr char16_t kMathMarkBegin = 0xE000;
constexpr char16_t kMathMarkEnd = 0xE001;
constexpr char16_t kMathMarkZero = 0xE010;

} // namespace ponder
