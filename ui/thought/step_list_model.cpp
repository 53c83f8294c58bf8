#include "ui/thought/step_list_model.h"

#include <QJsonObject>
#include <QSortFilterProxyModel>

#include <algorithm>
#include <utility>

#include "ui/markdown/step_text.h"

namespace ponder {

namespace {

constexpr qsizetype kSummaryLength = 90;

/// The first line, without the marks that Markdown puts at its begin and around bold words.
QString summarise(QStringView text)
{
    // A line of signs alone, as "\\[" or "```", says nothing.
    for (;;) {
        const qsizetype end = text.indexOf(u'\n');
        if (end < 0
            || std::any_of(
                text.cbegin(), text.cbegin() + end, [](QChar c) { return c.isLetterOrNumber(); }))
            break;
        text = text.sliced(end + 1);
    }
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
    const Row& row = m_rows.at(index.row());
    const Step& step = m_steps.at(row.step);
    switch (role) {
    case NumberRole:
        return row.step + 1;
    case ContinuedRole:
        return isContinued(index.row());
    case ContinuesRole:
        return index.row() + 1 < count() && isContinued(index.row() + 1);
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
        return row.fence;
    case OffsetRole:
        return row.begin;
    case EndOffsetRole:
        return row.end;
    case KindRole:
        return step.kind;
    case WeightRole:
        return step.weight;
    case RemarksRole:
        return index.row() + 1 < count() && isContinued(index.row() + 1) ? QStringList()
                                                                         : step.remarks;
    default:
        return {};
    }
}

QHash<int, QByteArray> StepListModel::roleNames() const
{
    return {
        {NumberRole, "number"},
        {ContinuedRole, "continued"},
        {ContinuesRole, "continues"},
        {TextRole, "text"},
        {SummaryRole, "summary"},
        {StartSecondsRole, "startSeconds"},
        {EndSecondsRole, "endSeconds"},
        {TokensRole, "tokens"},
        {FenceRole, "fence"},
        {OffsetRole, "offset"},
        {EndOffsetRole, "endOffset"},
        {KindRole, "kind"},
        {WeightRole, "weight"},
        {RemarksRole, "remarks"},
    };
}

QAbstractItemModel* StepListModel::outline()
{
    if (!m_outline) {
        m_outline = new QSortFilterProxyModel(this);
        m_outline->setFilterRole(ContinuedRole);
        m_outline->setFilterFixedString(QStringLiteral("false"));
        m_outline->setSourceModel(this);
    }
    return m_outline;
}

QStringView StepListModel::textOf(int row) const
{
    const Row& shown = m_rows.at(row);
    return QStringView(m_text).sliced(shown.begin, shown.end - shown.begin).trimmed();
}

bool StepListModel::isContinued(int row) const
{
    return m_steps.at(m_rows.at(row).step).row != row;
}

QString StepListModel::summary(int row) const
{
    return row >= 0 && row < count() ? summarise(textOf(row)) : QString();
}

int StepListModel::stepAt(int row) const
{
    return row >= 0 && row < count() ? m_rows.at(row).step : -1;
}

int StepListModel::rowOf(int step) const
{
    return step >= 0 && step < stepCount() ? m_steps.at(step).row : -1;
}

int StepListModel::rowAtOffset(qsizetype offset) const
{
    const auto after = std::upper_bound(m_rows.begin(), m_rows.end(), offset,
        [](qsizetype at, const Row& row) { return at < row.begin; });
    return int(after - m_rows.begin()) - 1;
}

qsizetype StepListModel::endOf(int step) const
{
    return step + 1 < stepCount() ? m_steps.at(step + 1).begin : m_text.size();
}

QString StepListModel::stepText(int step) const
{
    if (step < 0 || step >= stepCount())
        return {};
    const qsizetype begin = m_steps.at(step).begin;
    return m_text.sliced(begin, endOf(step) - begin).trimmed();
}

QString StepListModel::textThrough(int step) const
{
    if (step < 0 || step >= stepCount())
        return {};
    qsizetype end = endOf(step);
    while (end > 0 && m_text.at(end - 1).isSpace())
        --end;
    return m_text.first(end);
}

QString StepListModel::textWith(int step, const QString& text) const
{
    if (step < 0 || step >= stepCount())
        return {};
    return m_text.first(m_steps.at(step).begin) + text.trimmed();
}

void StepListModel::setText(const QString& text)
{
    if (text == m_text)
        return;
    clear();
    append(text, stepBeginsOf(text));
}

void StepListModel::append(const QString& text, const QList<StepBegin>& begins)
{
    if (text.isEmpty())
        return;
    const qsizetype before = m_text.size();
    m_text += text;
    QList<Row> rows; // the last one as it grows, and the new ones
    const int first = std::max(count() - 1, 0);
    if (!m_rows.isEmpty()) {
        rows.append(m_rows.last());
        growTo(rows, begins.isEmpty() ? m_text.size() : before + begins.first().offset);
    }
    for (qsizetype i = 0; i < begins.size(); ++i) {
        const StepBegin& begin = begins.at(i);
        endStep(begin.seconds, begin.tokens);
        const qsizetype offset = before + begin.offset;
        rows.append({.begin = offset,
            .end = offset,
            .step = stepCount(),
            .fence = rows.isEmpty() ? QString() : fenceAfter(rows.last())});
        m_steps.append({.begin = offset,
            .row = first + int(rows.size()) - 1,
            .startSeconds = begin.seconds,
            .tokensBefore = begin.tokens});
        growTo(rows, i + 1 < begins.size() ? before + begins.at(i + 1).offset : m_text.size());
    }
    if (!m_rows.isEmpty()) {
        m_rows.last() = rows.takeFirst();
        const QModelIndex last = index(count() - 1);
        emit dataChanged(last, last, {Qt::DisplayRole, TextRole, SummaryRole, EndOffsetRole});
    }
    if (!rows.isEmpty()) {
        const int added = count();
        beginInsertRows({}, added, int(added + rows.size() - 1));
        m_rows += rows;
        endInsertRows();
        if (isContinued(added))
            emit dataChanged(index(added - 1), index(added - 1), {ContinuesRole});
        emit countChanged();
    }
    if (!begins.isEmpty())
        emit stepCountChanged();
}

void StepListModel::growTo(QList<Row>& rows, qsizetype end) const
{
    for (;;) {
        Row& row = rows.last();
        const qsizetype cut = cutAfter(row.begin, end);
        row.end = cut < 0 ? end : cut;
        if (cut < 0)
            return;
        Row next{.begin = cut, .end = end, .step = row.step, .fence = fenceAfter(row)};
        rows.append(std::move(next));
    }
}

/// Where the row that begins at `begin` is cut, if all up to `end` is its step's; -1: it is not. The same however the
/// text came.
qsizetype StepListModel::cutAfter(qsizetype begin, qsizetype end) const
{
    const qsizetype from = begin + kLongestRow;
    const qsizetype most = from + kLongestRow;
    if (end <= from)
        return -1;
    const QStringView window = QStringView(m_text).sliced(from, std::min(most, end) - from);
    if (const qsizetype newline = window.indexOf(u'\n'); newline >= 0) {
        qsizetype cut = from + newline + 1;
        while (cut < end && m_text.at(cut).isSpace())
            ++cut;
        return cut < end ? cut : -1; // white space alone makes no row
    }
    if (end <= most)
        return -1;
    if (const qsizetype space = window.indexOf(u' '); space >= 0)
        return from + space + 1;
    return m_text.at(most).isLowSurrogate() ? most - 1 : most;
}

/// A step that is cut in the middle of code goes on as code.
QString StepListModel::fenceAfter(const Row& row) const
{
    return openFenceAfter(row.fence, m_text.sliced(row.begin, row.end - row.begin));
}

/// The last step, where it is not over yet.
void StepListModel::endStep(double seconds, int tokens)
{
    if (m_steps.isEmpty() || m_steps.last().endSeconds >= 0)
        return;
    Step& step = m_steps.last();
    step.endSeconds = seconds;
    step.tokens = tokens < 0 || step.tokensBefore < 0 ? -1 : tokens - step.tokensBefore;
    if (step.row < count())
        emit dataChanged(index(step.row), index(count() - 1), {EndSecondsRole, TokensRole});
}

void StepListModel::finish(double seconds, int tokens)
{
    endStep(seconds, tokens);
}

void StepListModel::clear()
{
    if (m_text.isEmpty())
        return;
    beginResetModel();
    m_text.clear();
    m_steps.clear();
    m_rows.clear();
    endResetModel();
    emit countChanged();
    emit stepCountChanged();
}

void StepListModel::setReading(const ThoughtReading& reading)
{
    for (Step& step : m_steps) {
        step.weight = Weight::None;
        step.remarks.clear();
    }
    for (int i = 0; i < std::min(stepCount(), int(reading.steps.size())); ++i)
        m_steps[i].kind = reading.steps.at(i).kind;
    for (const ThoughtFinding& finding : reading.findings) {
        if (finding.step < 0 || finding.step >= stepCount())
            continue;
        Step& step = m_steps[finding.step];
        step.weight = std::max(step.weight, finding.weight);
        if (!step.remarks.contains(finding.message))
            step.remarks.append(finding.message);
    }
    if (!m_rows.isEmpty())
        emit dataChanged(index(0), index(count() - 1), {KindRole, WeightRole, RemarksRole});
}

QList<qsizetype> StepListModel::stepBegins() const
{
    QList<qsizetype> begins;
    begins.reserve(m_steps.size());
    for (const Step& step : m_steps)
        begins.append(step.begin);
    return begins;
}

QJsonArray StepListModel::records() const
{
    QJsonArray records;
    for (const Step& step : m_steps) {
        records.append(QJsonObject{
            {QStringLiteral("offset"), step.begin},
            {QStringLiteral("title"), summary(step.row)},
            {QStringLiteral("seconds"), step.startSeconds},
            {QStringLiteral("endSeconds"), step.endSeconds},
            {QStringLiteral("tokens"), step.tokens},
        });
    }
    return records;
}

void StepListModel::setRecords(const QJsonArray& records)
{
    qsizetype at = 0;
    for (const QJsonValue& value : records) {
        const QJsonObject record = value.toObject();
        const qsizetype offset = record.value(QStringLiteral("offset")).toInteger(-1);
        while (at < m_steps.size() && m_steps.at(at).begin < offset)
            ++at;
        if (at == m_steps.size())
            break;
        Step& step = m_steps[at];
        if (step.begin != offset)
            continue;
        step.startSeconds = record.value(QStringLiteral("seconds")).toDouble(-1);
        step.endSeconds = record.value(QStringLiteral("endSeconds")).toDouble(-1);
        step.tokens = record.value(QStringLiteral("tokens")).toInt(-1);
    }
    if (!m_rows.isEmpty()) {
        emit dataChanged(
            index(0), index(count() - 1), {StartSecondsRole, EndSecondsRole, TokensRole});
    }
}

} // namespace ponder

#include "moc_step_list_model.cpp"
