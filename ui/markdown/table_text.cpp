#include "ui/markdown/table_text.h"

#include <QRegularExpression>
#include <algorithm>

namespace ponder {

bool isFigure(QStringView text)
{
    if (text.size() >= 40
        || std::none_of(text.begin(), text.end(), [](QChar c) { return c.isDigit(); }))
        return false;
    static const QRegularExpression figure(
        QStringLiteral("\\A\\s*[~≈<>≤≥±]?\\s*[$€£¥]?\\s*[-+−–±]?\\s*[$€£¥]?\\d[\\d.,'\u00a0\u202f "
                       "]*([eE][-+]?\\d+)?"
                       "\\s?(%|‰|°C?|[kKMGTB]|×|x|€|\\$|ms|s|GB|MB|KB)?\\s*\\z"));
    return figure.matchView(text).hasMatch();
}

void TableText::beginCell(bool header, Side side)
{
    if (m_rows.isEmpty())
        beginRow();
    m_rows.last().append({header, side, {}, {}});
}

void TableText::endCell(const QString& html, const QString& plain)
{
    if (m_rows.isEmpty() || m_rows.last().isEmpty())
        return;
    m_rows.last().last().html = html;
    m_rows.last().last().plain = plain;
}

bool TableText::isNumeric(qsizetype column) const
{
    bool figures = false;
    for (const QList<Cell>& row : m_rows) {
        if (column >= row.size() || row.at(column).header)
            continue;
        const QString text = row.at(column).plain.trimmed();
        if (isFigure(text))
            figures = true;
        else if (!text.isEmpty() && text != u"-" && text != u"–" && text != u"—" && text != u"N/A")
            return false;
    }
    return figures;
}

QString TableText::html() const
{
    qsizetype columns = 0;
    for (const QList<Cell>& row : m_rows)
        columns = std::max(columns, row.size());
    QList<bool> numeric;
    for (qsizetype column = 0; column < columns; ++column)
        numeric.append(isNumeric(column));
    QString html = QStringLiteral("<table cellspacing=\"0\">");
    for (const QList<Cell>& row : m_rows) {
        html += QStringLiteral("<tr>");
        for (qsizetype column = 0; column < row.size(); ++column) {
            const Cell& cell = row.at(column);
            const bool right = cell.side == Right || (cell.side == Unsaid && numeric.at(column));
            const QString tag = cell.header ? QStringLiteral("th") : QStringLiteral("td");
            html += QStringLiteral("<%1 align=\"%2\">")
                        .arg(tag,
                            right                     ? QStringLiteral("right")
                                : cell.side == Center ? QStringLiteral("center")
                                                      : QStringLiteral("left"));
            html += cell.html;
            html += QStringLiteral("</%1>").arg(tag);
        }
        html += QStringLiteral("</tr>");
    }
    return html + QStringLiteral("</table>");
}

QString TableText::plain() const
{
    QString plain;
    for (const QList<Cell>& row : m_rows) {
        if (!plain.isEmpty())
            plain += u'\n';
        for (qsizetype column = 0; column < row.size(); ++column) {
            if (column > 0)
                plain += u'\t';
            plain += row.at(column).plain;
        }
    }
    return plain;
}

} // namespace ponder
