#pragma once

#include <QByteArrayView>
#include <QHash>
#include <QString>

namespace ponder {

/// The HTML that models write in prose: <br>, and pairs such as <sub>…</sub>. What has no partner in its
/// paragraph, and every other tag, is text. Attributes make a tag text, too.
class HtmlTags {
public:
    explicit HtmlTags(QByteArrayView text)
        : m_text(text)
    {
    }

    struct Tag {
        qsizetype length = 0; ///< bytes; 0: no tag that is shown
        QString html;
        bool breaks = false;
    };
    /// The tag that begins with the '<' at `at`. Asked for in order.
    [[nodiscard]] Tag at(qsizetype at);
    /// Nothing stays open over a paragraph's end.
    void endParagraph() { m_open.clear(); }

private:
    [[nodiscard]] bool hasPartner(QByteArrayView name, qsizetype from);

    QByteArrayView m_text;
    QHash<QByteArray, int> m_open;
    QHash<QByteArray, qsizetype> m_partners; ///< where the next closing tag of a name is
};

} // namespace ponder
