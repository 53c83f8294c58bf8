#include "ui/thought/step_list_model.h"

#include <QJsonObject>

#include "ui/markdown/step_text.h"

namespace ponder {

namespace {

constexpr qsizetype kSummaryLength = 90;

/// The first line, without the marks that Markdown puts at its begin and around bold words.
QString summarise(QStringView text)
{
    const qsizetype newline = text.indexOf(u'\n');
    QString line = text.first(newline < 0 ? qMin(text.size(), 4 * kSummaryLength) : newline)
                       .first(qMin(newline < 0 ? text.size() : newline, 4 * kSummaryLength))
                       .trimmed()
                       .toString();
    line.remove(QStringLiteral("**"));
    line.remove(u'`');
    qsizetype marks = 0;
    while (marks < line.size() && QStringView(u"#>-*• \t").contains(line.at(marks)))
        ++marks;
    line.remove(0, marks);
    if (line.size() <= kSummaryLength)
        return line;
    qsizetype cut = line.lastIndexOf(u' ', kSummaryLength);
    if (cut < kSummaryLength / 2)
        cut = kSummaryLength - (line.at(kSummaryLength).isLowSurrogate() ? 1 : 0);
    return line.first(cut) + u'\u2026';
}

} // namespace

StepListModel::StepListModel(QObject* parent)
    : QAbstractListModel(parent)
{
}

int StepListModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : count();
}

QVariant StepListModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const Step& step = m_steps.at(index.row());
    switch (role) {
    case NumberRole:
        return index.row() + 1;
    case Qt::DisplayRole:
    case TextRole:
        return textOf(index.row()).toString();
    case SummaryRole:
        return summary(index.row());
    case StartSecondsRole:
        return step.startSeconds;
    case EndSecondsRole:
        return step.endSeconds;
    case TokensRole:
        return step.tokens;
    case FenceRole:
        return step.fence;
    case OffsetRole:
        return step.begin;
    default:
        return {};
    }
}

QHash<int, QByteArray> StepListModel::roleNames() const
{
    return {
        {NumberRole, "number"},
        {TextRole, "text"},
        {SummaryRole, "summary"},
        {StartSecondsRole, "startSeconds"},
        {EndSecondsRole, "endSeconds"},
        {TokensRole, "tokens"},
        {FenceRole, "fence"},
        {OffsetRole, "offset"},
    };
}

QStringView StepListModel::textOf(int row) const
{
    const Step& step = m_steps.at(row);
    return QStringView(m_text).sliced(step.begin, step.end - step.begin).trimmed();
}

QString StepListModel::summary(int row) const
{
    return row >= 0 && row < count() ? summarise(textOf(row)) : QString();
}

void StepListModel::append(const QString& text, double seconds, int tokens)
{
    if (text.isEmpty())
        return;
    m_text += text;
    const QList<qsizetype> begins = m_splitter.advance(m_text);
    if (!m_steps.isEmpty())
        growLast(begins.value(0, m_text.size()), !begins.isEmpty(), seconds, tokens);
    if (begins.isEmpty())
        return;
    beginInsertRows({}, count(), int(count() + begins.size() - 1));
    for (qsizetype i = 0; i < begins.size(); ++i) {
        const bool ended = i + 1 < begins.size();
        // A step that is cut in the middle of code goes on as code.
        const QString fence = m_steps.isEmpty()
            ? QString()
            : openFenceAfter(m_steps.last().fence,
                  m_text.sliced(m_steps.last().begin, m_steps.last().end - m_steps.last().begin));
        m_steps.append({.begin = begins.at(i),
            .end = begins.value(i + 1, m_text.size()),
            .startSeconds = seconds,
            .endSeconds = ended ? seconds : -1,
            .fence = fence,
            .tokensBefore = tokens,
            .tokens = ended && tokens >= 0 ? 0 : -1});
    }
    endInsertRows();
    emit countChanged();
}

void StepListModel::growLast(qsizetype end, bool ended, double seconds, int tokens)
{
    Step& step = m_steps.last();
    step.end = end;
    QList<int> roles{Qt::DisplayRole, TextRole, SummaryRole};
    if (ended) {
        step.endSeconds = seconds;
        step.tokens = tokens < 0 || step.tokensBefore < 0 ? -1 : tokens - step.tokensBefore;
        roles << EndSecondsRole << TokensRole;
    }
    const QModelIndex row = index(count() - 1);
    emit dataChanged(row, row, roles);
}

void StepListModel::finish(double seconds, int tokens)
{
    if (m_steps.isEmpty() || m_steps.last().endSeconds >= 0)
        return;
    Step& step = m_steps.last();
    step.endSeconds = seconds;
    step.tokens = tokens < 0 || step.tokensBefore < 0 ? -1 : tokens - step.tokensBefore;
    const QModelIndex row = index(count() - 1);
    emit dataChanged(row, row, {EndSecondsRole, TokensRole});
}

void StepListModel::clear()
{
    if (m_text.isEmpty())
        return;
    beginResetModel();
    m_text.clear();
    m_steps.clear();
    m_splitter = {};
    endResetModel();
    emit countChanged();
}

QJsonArray StepListModel::records() const
{
    QJsonArray records;
    for (int row = 0; row < count(); ++row) {
        const Step& step = m_steps.at(row);
        records.append(QJsonObject{
            {QStringLiteral("offset"), step.begin},
            {QStringLiteral("title"), summary(row)},
            {QStringLiteral("seconds"), step.startSeconds},
            {QStringLiteral("endSeconds"), step.endSeconds},
            {QStringLiteral("tokens"), step.tokens},
        });
    }
    return records;
}

void StepListModel::setRecords(const QJsonArray& records)
{
    qsizetype row = 0;
    for (const QJsonValue& value : records) {
        const QJsonObject record = value.toObject();
        const qsizetype offset = record.value(QStringLiteral("offset")).toInteger(-1);
        while (row < m_steps.size() && m_steps.at(row).begin < offset)
            ++row;
        if (row == m_steps.size())
            break;
        Step& step = m_steps[row];
        if (step.begin != offset)
            continue;
        step.startSeconds = record.value(QStringLiteral("seconds")).toDouble(-1);
        step.endSeconds = record.value(QStringLiteral("endSeconds")).toDouble(-1);
        step.tokens = record.value(QStringLiteral("tokens")).toInt(-1);
    }
    if (!m_steps.isEmpty()) {
        emit dataChanged(
            index(0), index(count() - 1), {StartSecondsRole, EndSecondsRole, TokensRole});
    }
}

} // namespace ponder

#include "moc_step_list_model.cpp"
