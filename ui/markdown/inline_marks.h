#pragma once

#include <QByteArray>
#include <QByteArrayView>
#include <QList>
#include <QString>

#include "ui/markdown/reference.h"

namespace ponder {

/// Something that md4c must not see, or not see so: a formula, a tag, a star that is a times sign.
struct InlineMark {
    QByteArray source; ///< what stood there; it comes back in code
    QString html; ///< what it is shown as
    QString plain; ///< the same as text
    bool breaks = false; ///< a line ends here
};

/// A piece of Markdown in which such things are replaced by private-use characters, "U+E000 <number> U+E001"
/// (the number in digits from U+E010). Such characters of the text itself become U+FFFD.
struct MarkedText {
    QByteArray text;
    QList<InlineMark> marks;
};

/// Takes out formulas (math_spans.h), the HTML that models use in prose (html_tags.h), footnotes that
/// `references` has, and what EmphasisRules decides, except in code.
[[nodiscard]] MarkedText markInline(QByteArrayView markdown, const References& references);

constexpr char16_t kMarkBegin = 0xE000;
constexpr char16_t kMarkEnd = 0xE001;
constexpr char16_t kMarkZero = 0xE010;
/// Single characters in place of marks that there can be many of: a star and a tilde that are text, and a
/// letter to md4c that is nothing.
constexpr char16_t kLiteralStar = 0xE020;
constexpr char16_t kLiteralTilde = 0xE021;
constexpr char16_t kSilentLetter = 0xE022;

/// Punctuation to md4c and nothing to anybody else: beside stars it says on which side they are open. Never
/// shown, and a mark where the text has it.
constexpr QByteArrayView kSilentPunctuation = "\xF0\x9B\xB2\x9F";

} // namespace ponder
