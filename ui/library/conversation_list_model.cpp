#include "ui/library/conversation_list_model.h"

#include <QLocale>

#include <algorithm>

namespace ponder {

ConversationListModel::ConversationListModel(QObject* parent)
    : QAbstractListModel(parent)
{
}

int ConversationListModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : count();
}

QVariant ConversationListModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const ConversationRow& row = m_rows.at(index.row());
    switch (role) {
    case Qt::DisplayRole:
    case TitleRole:
        return row.title;
    case ConversationIdRole:
        return row.id;
    case UpdatedAtRole:
        return row.updatedAt;
    case SectionRole:
        return sectionFor(row.updatedAt, QDate::currentDate());
    default:
        return {};
    }
}

QHash<int, QByteArray> ConversationListModel::roleNames() const
{
    return {
        {ConversationIdRole, "conversationId"},
        {TitleRole, "title"},
        {UpdatedAtRole, "updatedAt"},
        {SectionRole, "section"},
        {SnippetRole, "snippet"},
    };
}

int ConversationListModel::indexOf(qint64 conversationId) const
{
    const auto found = std::ranges::find(m_rows, conversationId, &ConversationRow::id);
    return found == m_rows.cend() ? -1 : int(found - m_rows.cbegin());
}

void ConversationListModel::setRows(QList<ConversationRow> rows)
{
    const int before = count();
    beginResetModel();
    m_rows = std::move(rows);
    endResetModel();
    if (count() != before)
        emit countChanged();
}

void ConversationListModel::put(const ConversationRow& value)
{
    const int row = indexOf(value.id);
    if (row < 0) {
        beginInsertRows({}, count(), count());
        m_rows.append(value);
        endInsertRows();
        emit countChanged();
        return;
    }
    QList<int> roles;
    if (m_rows.at(row).title != value.title)
        roles << TitleRole << Qt::DisplayRole;
    if (m_rows.at(row).updatedAt != value.updatedAt || m_rows.at(row).activity != value.activity)
        roles << UpdatedAtRole << SectionRole;
    m_rows[row] = value;
    if (!roles.isEmpty())
        emit dataChanged(index(row), index(row), roles);
}

void ConversationListModel::remove(qint64 conversationId)
{
    const int row = indexOf(conversationId);
    if (row < 0)
        return;
    beginRemoveRows({}, row, row);
    m_rows.removeAt(row);
    endRemoveRows();
    emit countChanged();
}

void ConversationListModel::refreshSections()
{
    if (!m_rows.isEmpty())
        emit dataChanged(index(0), index(count() - 1), {SectionRole});
}

QString ConversationListModel::sectionFor(const QDateTime& when, QDate today)
{
    const QDate day = when.toLocalTime().date();
    const qint64 days = day.daysTo(today);
    if (days <= 0)
        return tr("Today");
    if (days == 1)
        return tr("Yesterday");
    if (days <= 7)
        return tr("Previous 7 days");
    if (days <= 30)
        return tr("Previous 30 days");
    const QString month = QLocale().standaloneMonthName(day.month());
    return day.year() == today.year() ? month : tr("%1 %2").arg(month).arg(day.year());
}

ConversationFilterModel::ConversationFilterModel(ConversationListModel* source, QObject* parent)
    : QSortFilterProxyModel(parent)
    , m_source(source)
{
    setSourceModel(source);
    setDynamicSortFilter(true);
    sort(0);
    connect(this, &QAbstractItemModel::rowsInserted, this, &ConversationFilterModel::countChanged);
    connect(this, &QAbstractItemModel::rowsRemoved, this, &ConversationFilterModel::countChanged);
    connect(this, &QAbstractItemModel::modelReset, this, &ConversationFilterModel::countChanged);
}

int ConversationFilterModel::rowOf(qint64 conversationId) const
{
    return mapFromSource(m_source->index(m_source->indexOf(conversationId), 0)).row();
}

void ConversationFilterModel::setFilter(const QString& text)
{
    QStringList words = text.split(u' ', Qt::SkipEmptyParts);
    if (words == m_words)
        return;
    m_words = std::move(words);
    invalidateRowsFilter();
}

void ConversationFilterModel::setFound(QHash<qint64, QString> snippets)
{
    if (snippets == m_found)
        return;
    m_found = std::move(snippets);
    invalidateRowsFilter();
    if (rowCount() > 0)
        emit dataChanged(
            index(0, 0), index(rowCount() - 1, 0), {ConversationListModel::SnippetRole});
}

QVariant ConversationFilterModel::data(const QModelIndex& index, int role) const
{
    if (role == ConversationListModel::SnippetRole && index.isValid())
        return m_found.value(m_source->at(mapToSource(index).row()).id);
    return QSortFilterProxyModel::data(index, role);
}

bool ConversationFilterModel::filterAcceptsRow(int row, const QModelIndex&) const
{
    if (m_found.contains(m_source->at(row).id))
        return true;
    const QString& title = m_source->at(row).title;
    return std::ranges::all_of(
        m_words, [&](const QString& word) { return title.contains(word, Qt::CaseInsensitive); });
}

bool ConversationFilterModel::lessThan(const QModelIndex& left, const QModelIndex& right) const
{
    const ConversationRow& a = m_source->at(left.row());
    const ConversationRow& b = m_source->at(right.row());
    if (a.activity != b.activity)
        return a.activity > b.activity;
    return a.updatedAt == b.updatedAt ? a.id > b.id : a.updatedAt > b.updatedAt;
}

} // namespace ponder

#include "moc_conversation_list_model.cpp"
