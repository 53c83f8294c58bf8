#pragma once

#include <QByteArrayView>
#include <QList>
#include <QString>
#include <md4c.h>

namespace ponder {

/// A character reference such as "&amp;" or "&#8364;" as text; unknown ones as they were written.
[[nodiscard]] QString decodeEntity(QByteArrayView entity);
/// The text of one of md4c's attributes, entities decoded.
[[nodiscard]] QString attribute(const MD_ATTRIBUTE& attribute);

/// The inside of a block, from md4c's events: once as rich text in the few tags of ours (b, i, s, a,
/// code, span class="image|math", br), everything else escaped, and once as plain text.
class InlineText {
public:
    QString html;
    QString plain;

    InlineText() = default;
    explicit InlineText(QList<QByteArray> math)
        : m_math(std::move(math))
    {
    }

    void enter(MD_SPANTYPE type, void* detail);
    void leave(MD_SPANTYPE type, void* detail);
    /// Text outside of code blocks. With `breaks` a "<br>" in it breaks the line, as tables' cells need.
    void add(MD_TEXTTYPE type, QByteArrayView text, bool breaks);
    void addCode(MD_TEXTTYPE type, QByteArrayView text);

private:
    void addText(const QString& text, bool breaks);
    [[nodiscard]] QString withMath(const QString& text, bool rich) const;

    QList<QByteArray> m_math;
};

} // namespace ponder
