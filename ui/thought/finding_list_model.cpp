#include "ui/thought/finding_list_model.h"

#include <algorithm>
#include <utility>

namespace ponder {

namespace {

constexpr int kMaxSteps = 4; // that the summary names for each kind of finding

/// "wrong sum at steps 51, 128 and in the answer".
QString placesOf(const QString& name, const QList<ThoughtFinding>& findings)
{
    QStringList steps;
    bool inAnswer = false;
    for (const ThoughtFinding& finding : findings) {
        if (finding.name != name)
            continue;
        const QString step = QString::number(finding.step + 1);
        inAnswer = inAnswer || finding.step < 0;
        if (finding.step >= 0 && !steps.contains(step))
            steps.append(step);
    }
    if (steps.size() > kMaxSteps)
        steps = steps.first(kMaxSteps) << QStringLiteral("\u2026");
    if (steps.isEmpty())
        return name;
    const QString places = steps.size() == 1
        ? FindingListModel::tr("%1 at step %2").arg(name, steps.first())
        : FindingListModel::tr("%1 at steps %2").arg(name, steps.join(FindingListModel::tr(", ")));
    return inAnswer ? FindingListModel::tr("%1 and in the answer").arg(places) : places;
}

} // namespace

int FindingListModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : count();
}

QVariant FindingListModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const ThoughtFinding& finding = m_findings.at(index.row());
    switch (role) {
    case WeightRole:
        return finding.weight;
    case Qt::DisplayRole:
    case NameRole:
        return finding.name;
    case MessageRole:
        return finding.message;
    case QuoteRole:
        return finding.quote;
    case StepRole:
        return finding.step;
    default:
        return {};
    }
}

QHash<int, QByteArray> FindingListModel::roleNames() const
{
    return {{WeightRole, "weight"}, {NameRole, "name"}, {MessageRole, "message"},
        {QuoteRole, "quote"}, {StepRole, "step"}};
}

QString FindingListModel::summary() const
{
    if (m_findings.isEmpty())
        return {};
    QList<ThoughtFinding> gravest = m_findings;
    std::stable_sort(gravest.begin(), gravest.end(),
        [](const ThoughtFinding& a, const ThoughtFinding& b) { return a.weight > b.weight; });
    QStringList names, kinds;
    for (const ThoughtFinding& finding : std::as_const(gravest)) {
        if (names.contains(finding.name))
            continue;
        names.append(finding.name);
        kinds.append(placesOf(finding.name, gravest));
    }
    const QString list = kinds.join(tr("; "));
    return count() == 1 ? tr("1 finding: %1").arg(list)
                        : tr("%1 findings: %2").arg(count()).arg(list);
}

Weight::Value FindingListModel::weight() const
{
    Weight::Value gravest = Weight::None;
    for (const ThoughtFinding& finding : m_findings)
        gravest = std::max(gravest, finding.weight);
    return gravest;
}

void FindingListModel::setFindings(const QList<ThoughtFinding>& findings)
{
    if (findings == m_findings)
        return;
    beginResetModel();
    m_findings = findings;
    endResetModel();
    emit changed();
}

int FindingListModel::stepOf(int row) const
{
    return row >= 0 && row < count() ? m_findings.at(row).step : -1;
}

} // namespace ponder

#include "moc_finding_list_model.cpp"
