#include "ui/composer/long_text.h"

#include "ui/markdown/safe_text.h"

#include <QLocale>

#include <algorithm>

namespace ponder {

namespace {

constexpr qsizetype kWholeUpTo = 6000; ///< UTF-16 units that a bubble shows whole
constexpr qsizetype kWholeLines = 60;
constexpr qsizetype kShown = 4000; ///< of a longer text
constexpr qsizetype kShownLines = 40;
constexpr qsizetype kFieldHolds = 20'000;
constexpr qsizetype kFieldLines = 500;

/// Never between the halves of a character.
qsizetype wholeCharacters(QStringView text, qsizetype cut)
{
    return cut > 0 && cut < text.size() && text.at(cut).isLowSurrogate() ? cut - 1 : cut;
}

/// Where the line number `lines` (from 0) begins; the text's size where it has fewer.
qsizetype beginOfLine(QStringView text, qsizetype lines)
{
    qsizetype at = 0;
    for (; lines > 0; --lines) {
        const qsizetype end = text.indexOf(u'\n', at);
        if (end < 0)
            return text.size();
        at = end + 1;
    }
    return at;
}

qsizetype shownOf(QStringView text)
{
    if (text.size() <= kWholeUpTo && beginOfLine(text, kWholeLines) == text.size())
        return text.size();
    const qsizetype lines = beginOfLine(text, kShownLines);
    return wholeCharacters(text, std::min({text.size(), lines, kShown}));
}

} // namespace

LineListModel::LineListModel(QObject* parent)
    : QAbstractListModel(parent)
{
}

void LineListModel::setText(const QString& text)
{
    beginResetModel();
    m_text = text;
    m_pieces.clear();
    const QStringView all = m_text;
    for (qsizetype begin = 0; begin <= all.size();) {
        const qsizetype found = all.indexOf(u'\n', begin);
        const qsizetype end = found < 0 ? all.size() : found;
        do {
            const qsizetype piece
                = wholeCharacters(all, std::min(end, begin + kLongestPiece)) - begin;
            m_pieces.append({begin, piece});
            begin += piece;
        } while (begin < end);
        begin = end + 1;
    }
    endResetModel();
}

int LineListModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(m_pieces.size());
}

QVariant LineListModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)
        || role != Qt::DisplayRole)
        return {};
    const Piece& piece = m_pieces.at(index.row());
    return m_text.sliced(piece.begin, piece.size);
}

QHash<int, QByteArray> LineListModel::roleNames() const
{
    return {{Qt::DisplayRole, "line"}};
}

LongText::LongText(QObject* parent)
    : QObject(parent)
    , m_lines(this)
{
}

void LongText::setText(const QString& text)
{
    if (m_text == text)
        return;
    m_text = text;
    m_shown = shownOf(m_text);
    if (m_linesAreRead)
        m_lines.setText(m_text);
    emit textChanged();
}

QString LongText::preview() const
{
    QString shown = textForScreen(m_text.first(m_shown));
    if (isCut()) {
        while (shown.endsWith(u'\n'))
            shown.chop(1);
        shown += u'…';
    }
    return shown;
}

LineListModel* LongText::lines()
{
    if (!m_linesAreRead)
        m_lines.setText(m_text);
    m_linesAreRead = true;
    return &m_lines;
}

bool LongText::fitsField(QStringView text)
{
    return text.size() <= kFieldHolds && beginOfLine(text, kFieldLines) == text.size();
}

QString LongText::extentOf(QStringView text)
{
    const auto lines = text.count(u'\n') + (text.endsWith(u'\n') ? 0 : 1);
    const QLocale locale;
    return lines >= 10 ? tr("%1 lines").arg(locale.toString(lines))
                       : tr("%1 characters").arg(locale.toString(text.size()));
}

} // namespace ponder

#include "moc_long_text.cpp"
