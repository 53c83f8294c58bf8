#pragma once

#include <QString>

namespace ponder {

/// What a model's text looks like on the screen: control characters are pictures of themselves ("␛"), and
/// the marks that turn text round (U+202A to U+202E, U+2066 to U+2069) are spelled out, so that words are
/// read in the order in which they are stored. Where the text has letters that are written from right to
/// left the marks that only set text apart do their work; the two that override a direction never do.
/// Line ends and tabs stay; so do the joiners and selectors that emoji and some scripts are made of.
[[nodiscard]] QString textForScreen(const QString& text);
/// The same for a piece of a text of which that is known.
[[nodiscard]] QString textForScreen(const QString& text, bool rightToLeft);

/// Whether there are letters that are written from right to left.
[[nodiscard]] bool hasRightToLeft(QStringView text);
/// Whether the text as a whole is: by its first letter, or by most of its letters.
[[nodiscard]] bool isRightToLeft(QStringView text);

/// The same for code, where no such mark has any business: each is spelled out, invisible ones too.
[[nodiscard]] QString codeForScreen(const QString& code);

/// What goes to the clipboard: without NUL and the other control characters, at which programs that paste
/// it would stop or act, and without the marks that the screen spells out. Lines end with "\n".
[[nodiscard]] QString textForClipboard(const QString& text);

} // namespace ponder
