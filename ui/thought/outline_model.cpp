#include "ui/thought/outline_model.h"

#include <algorithm>

#include "ui/thought/step_list_model.h"

namespace ponder {

int OutlineModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : count();
}

const OutlineModel::Group& OutlineModel::group(int row) const
{
    const Shown& shown = m_shown.at(row);
    return shown.isAttempt ? m_attempts.at(shown.index) : m_moves.at(shown.index);
}

QVariant OutlineModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const Group& group = this->group(index.row());
    switch (role) {
    case AttemptRole:
        return group.attempt + 1;
    case IsAttemptRole:
        return isAttempt(index.row());
    case FoldedRole:
        return m_folded.contains(group.attempt);
    case KindRole:
        return group.kind;
    case Qt::DisplayRole:
    case TitleRole:
        return group.title;
    case FirstStepRole:
        return group.firstStep;
    case LastStepRole:
        return group.lastStep;
    case SecondsRole:
        return group.seconds;
    case TokensRole:
        return group.tokens;
    case WeightRole:
        return group.weight;
    case ValuesRole:
        return group.values;
    default:
        return {};
    }
}

QHash<int, QByteArray> OutlineModel::roleNames() const
{
    return {{AttemptRole, "attempt"}, {IsAttemptRole, "isAttempt"}, {FoldedRole, "folded"},
        {KindRole, "kind"}, {TitleRole, "title"}, {FirstStepRole, "firstStep"},
        {LastStepRole, "lastStep"}, {SecondsRole, "seconds"}, {TokensRole, "tokens"},
        {WeightRole, "weight"}, {ValuesRole, "values"}};
}

OutlineModel::Group OutlineModel::groupOf(
    const ThoughtReading& reading, const StepListModel& steps, int first, int last)
{
    Group group{.kind = reading.steps.at(first).kind,
        .title = steps.summary(steps.rowOf(first)),
        .values = {},
        .attempt = reading.steps.at(first).attempt,
        .firstStep = first,
        .lastStep = last};
    const double begin = steps.startSeconds(first), end = steps.endSeconds(last);
    if (begin >= 0 && end >= begin)
        group.seconds = end - begin;
    int tokens = 0;
    for (int step = first; step <= last && tokens >= 0; ++step)
        tokens = steps.tokens(step) < 0 ? -1 : tokens + steps.tokens(step);
    group.tokens = tokens;
    for (const ThoughtFinding& finding : reading.findings)
        if (finding.step >= first && finding.step <= last)
            group.weight = std::max(group.weight, finding.weight);
    QStringList values;
    for (const NamedValue& named : reading.values)
        if (named.step >= first && named.step <= last
            && (values.isEmpty() || values.last() != named.value))
            values.append(named.value);
    group.values = values.join(QStringLiteral(" \u2192 "));
    return group;
}

void OutlineModel::setReading(const ThoughtReading& reading, const StepListModel& steps)
{
    beginResetModel();
    m_moves.clear();
    m_attempts.clear();
    const int count = std::min(int(reading.steps.size()), steps.stepCount());
    for (int first = 0, attemptFirst = 0, step = 1; step <= count; ++step) {
        const bool attemptEnds
            = step == count || reading.steps.at(step).attempt != reading.steps.at(first).attempt;
        if (!attemptEnds && reading.steps.at(step).move == reading.steps.at(first).move)
            continue;
        m_moves.append(groupOf(reading, steps, first, step - 1));
        first = step;
        if (!attemptEnds)
            continue;
        m_attempts.append(groupOf(reading, steps, attemptFirst, step - 1));
        m_attempts.last().kind.clear();
        attemptFirst = step;
    }
    m_shown = shownRows();
    endResetModel();
    emit changed();
}

QList<OutlineModel::Shown> OutlineModel::shownRows() const
{
    QList<Shown> shown;
    int attempt = -1;
    for (int move = 0; move < moveCount(); ++move) {
        if (m_moves.at(move).attempt != attempt) {
            attempt = m_moves.at(move).attempt;
            const auto of = std::find_if(m_attempts.begin(), m_attempts.end(),
                [&](const Group& group) { return group.attempt == attempt; });
            if (attemptCount() > 1)
                shown.append({true, int(of - m_attempts.begin())});
        }
        if (attemptCount() == 1 || !m_folded.contains(attempt))
            shown.append({false, move});
    }
    return shown;
}

void OutlineModel::toggle(int row)
{
    if (!isAttempt(row))
        return;
    const int attempt = group(row).attempt;
    const bool fold = !m_folded.contains(attempt);
    int moves = 0;
    for (const Group& move : m_moves)
        moves += move.attempt == attempt ? 1 : 0;
    if (fold) {
        beginRemoveRows({}, row + 1, row + moves);
        m_folded.insert(attempt);
        m_shown = shownRows();
        endRemoveRows();
    } else {
        beginInsertRows({}, row + 1, row + moves);
        m_folded.remove(attempt);
        m_shown = shownRows();
        endInsertRows();
    }
    emit dataChanged(index(row), index(row), {FoldedRole});
    emit changed();
}

int OutlineModel::rowOfStep(int step) const
{
    int found = -1;
    for (int row = 0; row < count(); ++row)
        if (group(row).firstStep <= step && step <= group(row).lastStep)
            found = row; // the move comes after its attempt
    return found;
}

int OutlineModel::firstStepOf(int row) const
{
    return row >= 0 && row < count() ? group(row).firstStep : -1;
}

bool OutlineModel::isAttempt(int row) const
{
    return row >= 0 && row < count() && m_shown.at(row).isAttempt;
}

} // namespace ponder

#include "moc_outline_model.cpp"
