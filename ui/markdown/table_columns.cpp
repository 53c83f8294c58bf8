#include "ui/markdown/table_columns.h"

#include <QFontMetricsF>
#include <algorithm>
#include <cmath>

namespace ponder {

namespace {

constexpr double kWidestWord = 320; // pixels; a longer word is broken
constexpr double kRounding = 3; // for what the layout rounds
constexpr double kReadable = 220; // what a column of sentences gets where the table scrolls anyway
constexpr qsizetype kMaxKnown = 4000;

/// Between such characters a line may break without a space.
bool breaksAround(QChar c)
{
    const char16_t code = c.unicode();
    return (code >= 0x2E80 && code < 0xA4D0) || (code >= 0xF900 && code < 0xFB00)
        || (code >= 0xFF00 && code < 0xFFF0) || c.isSurrogate();
}

/// The cells of each row the other way round, and on the other side.
QString mirrored(const QString& html)
{
    QString result;
    qsizetype at = 0;
    for (qsizetype row = html.indexOf(u"<tr>"); row >= 0; row = html.indexOf(u"<tr>", at)) {
        const qsizetype begin = row + 4;
        const qsizetype end = html.indexOf(u"</tr>", begin);
        if (end < 0)
            break;
        result += QStringView(html).sliced(at, begin - at);
        QString cells;
        for (qsizetype cell = begin; cell < end;) {
            const qsizetype close
                = html.indexOf(html.at(cell + 2) == u'h' ? u"</th>" : u"</td>", cell);
            if (close < 0 || close > end)
                break;
            cells.prepend(html.sliced(cell, close + 5 - cell));
            cell = close + 5;
        }
        cells.replace(QStringLiteral(" align=\"left\""), QStringLiteral(" align=\"right\""));
        result += cells;
        at = end;
    }
    return result + html.sliced(at);
}

QString decoded(QStringView entity)
{
    return entity == u"&lt;" ? QStringLiteral("<")
        : entity == u"&gt;"  ? QStringLiteral(">")
        : entity == u"&amp;" ? QStringLiteral("&")
                             : QStringLiteral("\"");
}

} // namespace

TableColumns::TableColumns(QObject* parent)
    : QObject(parent)
{
    connect(this, &TableColumns::inputChanged, this, &TableColumns::update);
}

void TableColumns::componentComplete()
{
    m_complete = true;
    update();
}

void TableColumns::setHtml(const QString& html)
{
    if (html == m_html)
        return;
    m_html = html;
    emit inputChanged();
}

void TableColumns::setAvailable(double available)
{
    if (qFuzzyCompare(1 + available, 1 + m_available))
        return;
    m_available = available;
    emit inputChanged();
}

TableColumns::Extent TableColumns::measured(QStringView cell, bool header) const
{
    // As RichText sets them: without hinting and ligatures, and figures all of one width.
    QFont font(m_family);
    font.setPixelSize(m_pixelSize);
    font.setHintingPreference(QFont::PreferNoHinting);
    font.setFeature("tnum", 1);
    font.setFeature("calt", 0);
    font.setFeature("liga", 0);
    QFont strong = font;
    strong.setWeight(QFont::DemiBold);
    QFont code = font;
    code.setFamily(m_mono);
    code.setPixelSize(m_monoPixelSize);
    const QFontMetricsF plainMetrics(font);
    const QFontMetricsF strongMetrics(strong);
    const QFontMetricsF codeMetrics(code);

    Extent extent;
    double line = 0;
    double word = 0;
    int bold = header ? 1 : 0;
    int mono = 0;
    QString piece;
    const auto endPiece = [&] {
        if (piece.isEmpty())
            return;
        const QFontMetricsF& metrics = mono > 0 ? codeMetrics
            : bold > 0                          ? strongMetrics
                                                : plainMetrics;
        const double advance = metrics.horizontalAdvance(piece);
        line += advance;
        word += advance;
        piece.clear();
    };
    const auto endWord = [&] {
        endPiece();
        extent.word = std::max(extent.word, word);
        word = 0;
    };
    for (qsizetype at = 0; at < cell.size(); ++at) {
        const QChar c = cell.at(at);
        if (c == u'<') {
            const qsizetype end = cell.indexOf(u'>', at);
            if (end < 0)
                break;
            const QStringView tag = cell.sliced(at, end + 1 - at);
            if (tag == u"<br>") {
                endWord();
                extent.line = std::max(extent.line, line);
                line = 0;
            } else {
                endPiece();
            }
            bold += tag == u"<b>" ? 1 : tag == u"</b>" ? -1 : 0;
            mono += tag == u"<code>" || tag == u"<span class=\"math\">" ? 1
                : tag == u"</code>" || (tag == u"</span>" && mono > 0)  ? -1
                                                                        : 0;
            at = end;
        } else if (c == u'&') {
            const qsizetype end = cell.indexOf(u';', at);
            if (end < 0)
                break;
            piece += decoded(cell.sliced(at, end + 1 - at));
            at = end;
        } else if (c.isSpace() && c != QChar(QChar::Nbsp)) {
            endWord();
            piece = u' ';
            endPiece();
            word = 0;
        } else if (breaksAround(c)) {
            piece += c;
            if (!c.isHighSurrogate())
                endWord();
        } else {
            piece += c;
        }
    }
    endWord();
    extent.line = std::max(extent.line, line);
    return extent;
}

QList<int> TableColumns::chosen(const QList<Extent>& columns, double available)
{
    double lines = 0;
    double words = 0;
    for (const Extent& column : columns) {
        lines += column.line;
        words += column.word;
    }
    QList<int> widths;
    for (const Extent& column : columns) {
        double width = column.line;
        if (lines > available && words <= available) {
            // All words have room: what is left goes to who has most to say.
            const double share = (column.line - column.word) / std::max(lines - words, 1.0);
            width = std::floor(column.word + share * (available - words));
        } else if (lines > available) {
            width = std::max(column.word, std::min(column.line, kReadable));
        }
        widths.append(int(std::ceil(width)));
    }
    return widths;
}

void TableColumns::update()
{
    if (!m_complete)
        return;
    if (m_known.size() > kMaxKnown)
        m_known.clear();
    const QString fonts = QStringLiteral("%1 %2 %3 %4 ")
                              .arg(m_family, m_mono)
                              .arg(m_pixelSize)
                              .arg(m_monoPixelSize);
    QList<Extent> columns;
    QList<qsizetype> places; // where the cells' tags end
    QList<qsizetype> numbers; // the columns that they are in
    qsizetype column = -1;
    for (qsizetype at = m_html.indexOf(u'<'); at >= 0; at = m_html.indexOf(u'<', at + 1)) {
        const QStringView rest = QStringView(m_html).sliced(at);
        if (rest.startsWith(u"<tr>")) {
            column = -1;
            continue;
        }
        const bool header = rest.startsWith(u"<th ");
        if (!header && !rest.startsWith(u"<td "))
            continue;
        const qsizetype begin = m_html.indexOf(u'>', at) + 1;
        const qsizetype end = m_html.indexOf(header ? u"</th>" : u"</td>", begin);
        if (begin == 0 || end < 0)
            break;
        if (++column == columns.size())
            columns.append(Extent());
        const QStringView cell = QStringView(m_html).sliced(begin, end - begin);
        QString key = fonts;
        key += header ? u'h' : u'd';
        key += cell;
        auto known = m_known.constFind(key);
        if (known == m_known.constEnd())
            known = m_known.insert(key, measured(cell, header));
        columns[column].line
            = std::max(columns.at(column).line, known->line + m_padding + kRounding);
        columns[column].word = std::max(
            columns.at(column).word, std::min(known->word, kWidestWord) + m_padding + kRounding);
        places.append(begin - 1);
        numbers.append(column);
        at = end;
    }
    const QList<int> widths = chosen(columns, m_available);
    QString sized;
    qsizetype done = 0;
    for (qsizetype i = 0; i < places.size(); ++i) {
        sized += QStringView(m_html).sliced(done, places.at(i) - done);
        sized += QStringLiteral(" width=\"%1\"").arg(widths.at(numbers.at(i)));
        done = places.at(i);
    }
    sized += QStringView(m_html).sliced(done);
    double width = 0;
    for (const int each : widths)
        width += each;
    if (m_rightToLeft)
        sized = mirrored(sized);
    if (sized == m_sized && width == m_width)
        return;
    m_sized = sized;
    m_width = width;
    emit sizedChanged();
}

} // namespace ponder

#include "moc_table_columns.cpp"
