#pragma once

#include <QByteArrayView>
#include <QList>
#include <QString>
#include <md4c.h>

#include "ui/markdown/inline_marks.h"

namespace ponder {

/// A character reference such as "&amp;" or "&#8364;" as text; unknown ones as they were written.
[[nodiscard]] QString decodeEntity(QByteArrayView entity);
/// The text of one of md4c's attributes, entities decoded.
[[nodiscard]] QString attribute(const MD_ATTRIBUTE& attribute);

/// The inside of a block, from md4c's events: once as rich text in the few tags of ours (b, i, s, a,
/// code, sub, sup, u, small, span class="image|math|mark", br), everything else escaped, and once as plain text.
class InlineText {
public:
    QString html;
    QString plain;

    InlineText() = default;
    /// `rightToLeft`: the text has letters that are written so (textForScreen).
    InlineText(QList<InlineMark> marks, bool rightToLeft)
        : m_marks(std::move(marks))
        , m_rightToLeft(rightToLeft)
    {
    }

    void enter(MD_SPANTYPE type, void* detail);
    void leave(MD_SPANTYPE type, void* detail);
    /// Text outside of code blocks. In a table's cell a broken line is one of the rich text alone.
    void add(MD_TEXTTYPE type, QByteArrayView text, bool inCell);
    void addCode(MD_TEXTTYPE type, QByteArrayView text);

private:
    enum class Form { Html, Plain, Source };

    /// `text` with its marks as they are shown, or as they were written.
    [[nodiscard]] QString resolved(const QString& text, Form form, bool inCell = false) const;
    [[nodiscard]] QString shown(const QString& text, Form form) const;

    QList<InlineMark> m_marks;
    bool m_rightToLeft = false;
    bool m_inCode = false; ///< within a code span
};

} // namespace ponder
