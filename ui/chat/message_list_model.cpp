#include "ui/chat/message_list_model.h"

#include <algorithm>

namespace ponder {

static_assert(int(MessageRow::Author::Model) == int(MessageListModel::Model));
static_assert(int(MessageRow::State::Failed) == int(MessageListModel::Failed));
static_assert(int(MessageRow::Remedy::Processor) == int(MessageListModel::Processor));

namespace {

constexpr int kFirstRole = MessageListModel::MessageIdRole;
constexpr int kLastRole = MessageListModel::CreatedAtRole;

bool hasText(const QString& text)
{
    return std::ranges::any_of(text, [](QChar c) { return !c.isSpace(); });
}

QVariant valueOf(const MessageRow& row, int role)
{
    switch (role) {
    case Qt::DisplayRole:
    case MessageListModel::TextRole:
        return row.text;
    case MessageListModel::BeginningRole:
        return row.text.first(std::min(row.text.size(), MessageListModel::kBeginning));
    case MessageListModel::HasTextRole:
        return hasText(row.text);
    case MessageListModel::MessageIdRole:
        return row.id;
    case MessageListModel::AuthorRole:
        return int(row.author);
    case MessageListModel::StateRole:
        return int(row.state);
    case MessageListModel::ThoughtRole:
        return row.thought;
    case MessageListModel::ThoughtSecondsRole:
        return row.thoughtSeconds;
    case MessageListModel::ThoughtTokensRole:
        return row.thoughtTokens;
    case MessageListModel::StepsRole:
        return row.steps;
    case MessageListModel::TokensRole:
        return row.tokens;
    case MessageListModel::TokensPerSecondRole:
        return row.tokensPerSecond;
    case MessageListModel::ModelNameRole:
        return row.modelName;
    case MessageListModel::NoticeRole:
        return row.notice;
    case MessageListModel::NoticeDetailsRole:
        return row.noticeDetails;
    case MessageListModel::CanGoOnRole:
        return row.canGoOn;
    case MessageListModel::CanTryAgainRole:
        return row.canTryAgain;
    case MessageListModel::RemedyRole:
        return int(row.remedy);
    case MessageListModel::ContextTokensRole:
        return row.contextTokens;
    case MessageListModel::SiblingIndexRole:
        return row.siblingIndex;
    case MessageListModel::SiblingCountRole:
        return row.siblingCount;
    case MessageListModel::CreatedAtRole:
        return row.createdAt;
    default:
        return {};
    }
}

QList<int> differingRoles(const MessageRow& a, const MessageRow& b)
{
    QList<int> roles;
    for (int role = kFirstRole; role <= kLastRole; ++role) {
        if (valueOf(a, role) != valueOf(b, role))
            roles.append(role);
    }
    return roles;
}

} // namespace

MessageListModel::MessageListModel(QObject* parent)
    : QAbstractListModel(parent)
{
}

int MessageListModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : count();
}

QVariant MessageListModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    return valueOf(m_rows.at(index.row()), role);
}

QHash<int, QByteArray> MessageListModel::roleNames() const
{
    return {
        {MessageIdRole, "messageId"},
        {AuthorRole, "author"},
        {StateRole, "messageState"},
        {TextRole, "text"},
        {BeginningRole, "beginning"},
        {HasTextRole, "hasText"},
        {ThoughtRole, "thought"},
        {ThoughtSecondsRole, "thoughtSeconds"},
        {ThoughtTokensRole, "thoughtTokens"},
        {StepsRole, "steps"},
        {TokensRole, "tokens"},
        {TokensPerSecondRole, "tokensPerSecond"},
        {ModelNameRole, "modelName"},
        {NoticeRole, "notice"},
        {NoticeDetailsRole, "noticeDetails"},
        {CanGoOnRole, "canGoOn"},
        {CanTryAgainRole, "canTryAgain"},
        {RemedyRole, "remedy"},
        {ContextTokensRole, "contextTokens"},
        {SiblingIndexRole, "siblingIndex"},
        {SiblingCountRole, "siblingCount"},
        {CreatedAtRole, "createdAt"},
    };
}

void MessageListModel::setRows(QList<MessageRow> rows)
{
    const int before = count();
    int same = 0;
    while (same < std::min(count(), int(rows.size())) && m_rows.at(same).id != 0
        && m_rows.at(same).id == rows.at(same).id)
        ++same;

    if (same == 0) {
        beginResetModel();
        m_rows = std::move(rows);
        endResetModel();
    } else {
        for (int row = 0; row < same; ++row)
            update(row, rows.at(row));
        if (same < count()) {
            beginRemoveRows({}, same, count() - 1);
            m_rows.resize(same);
            endRemoveRows();
        }
        if (same < rows.size()) {
            beginInsertRows({}, same, int(rows.size()) - 1);
            m_rows.append(rows.sliced(same));
            endInsertRows();
        }
    }
    if (count() != before)
        emit countChanged();
}

void MessageListModel::append(MessageRow row)
{
    beginInsertRows({}, count(), count());
    m_rows.append(std::move(row));
    endInsertRows();
    emit countChanged();
}

void MessageListModel::update(int row, const MessageRow& value)
{
    Q_ASSERT(row >= 0 && row < count());
    const MessageRow& before = m_rows.at(row);
    const bool rewrites = before.text != value.text || before.thought != value.thought;
    const QList<int> roles = differingRoles(before, value);
    m_rows[row] = value;
    if (rewrites)
        emit rewritten(row);
    if (!roles.isEmpty())
        emit dataChanged(index(row), index(row), roles);
}

void MessageListModel::growLast(const MessageGrowth& growth)
{
    Q_ASSERT(!m_rows.isEmpty());
    const int last = count() - 1;
    MessageRow& row = m_rows.last();
    // In the order in which a view takes them: the state after what belongs to it.
    QList<int> roles{TokensRole, TokensPerSecondRole};
    if (growth.replaces) {
        MessageRow retold = row;
        retold.thought = growth.thought;
        retold.text = growth.text;
        roles << differingRoles(row, retold);
        row = std::move(retold);
    } else if (!growth.text.isEmpty()) {
        if (row.text.size() < kBeginning)
            roles.append(BeginningRole);
        if (!hasText(row.text) && hasText(growth.text))
            roles.append(HasTextRole);
        row.text += growth.text;
    }
    if (!growth.replaces)
        row.thought += growth.thought;
    if (row.thoughtTokens != growth.thoughtTokens) {
        row.thoughtTokens = growth.thoughtTokens;
        roles.append(ThoughtTokensRole);
    }
    if (row.thoughtSeconds != growth.thoughtSeconds) {
        row.thoughtSeconds = growth.thoughtSeconds;
        roles.append(ThoughtSecondsRole);
    }
    if (row.state != growth.state) {
        row.state = growth.state;
        roles.append(StateRole);
    }
    row.tokens = growth.tokens;
    row.tokensPerSecond = growth.tokensPerSecond;
    if (growth.replaces)
        emit rewritten(last);
    else if (!growth.thought.isEmpty() || !growth.text.isEmpty())
        emit grown(last, growth.thought, growth.steps, growth.text);
    emit dataChanged(index(last), index(last), roles);
}

QString MessageListModel::textOf(int row) const
{
    return row >= 0 && row < count() ? m_rows.at(row).text : QString();
}

QString MessageListModel::thoughtOf(int row) const
{
    return row >= 0 && row < count() ? m_rows.at(row).thought : QString();
}

} // namespace ponder

#include "moc_message_list_model.cpp"
