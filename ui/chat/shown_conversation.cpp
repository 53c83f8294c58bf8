#include "ui/chat/shown_conversation.h"

#include "storage/conversations/conversation_store.h"
#include "ui/chat/answer.h"
#include "ui/chat/conversation_rows.h"
#include "ui/text/plain_text.h"

namespace ponder {

using storage::Conversation;
using storage::ConversationStore;
using storage::Message;
using storage::TreeNode;

ShownConversation::ShownConversation(ConversationStore& store, QObject* parent)
    : QObject(parent)
    , m_store(store)
{
    connect(&store, &ConversationStore::conversationChanged, this,
        [this](const Conversation& conversation) {
            if (conversation.id == m_id)
                setTitle(conversation.title);
        });
}

storage::MessageId ShownConversation::lastMessage() const
{
    return m_messages.count() > 0 ? m_messages.rows().last().id : m_systemMessage;
}

void ShownConversation::startNew()
{
    if (m_id == 0 && !m_loading)
        return;
    m_messages.setRows({});
    setTitle({});
    setLoading(false);
    m_settings = {};
    m_systemMessage = 0;
    switchTo(0);
}

void ShownConversation::open(storage::ConversationId id)
{
    if (id == m_id)
        return;
    if (id == 0) {
        startNew();
        return;
    }
    switchTo(id);
    load();
}

void ShownConversation::takeStored(const Conversation& conversation)
{
    m_settings = conversation.settings;
    switchTo(conversation.id);
    setTitle(conversation.title);
}

void ShownConversation::load()
{
    setLoading(true);
    const storage::ConversationId id = m_id;
    m_store.conversation(id).then(this, [this, id](const storage::Result<Conversation>& found) {
        if (!found || id != m_id)
            return;
        setTitle(found->title);
        m_settings = found->settings;
    });
    m_store.activeBranch(id).then(this, [this, id](const storage::Result<QList<Message>>& branch) {
        if (id != m_id)
            return;
        setLoading(false);
        if (branch)
            show(*branch);
        else
            emit failed(branch.error());
    });
}

void ShownConversation::show(const QList<Message>& branch)
{
    QList<MessageRow> rows = rowsOf(branch);
    if (m_answer) {
        for (MessageRow& row : rows) {
            if (row.id == m_answer->row().id)
                row = m_answer->row(); // further than what is stored
        }
    }
    m_systemMessage = rows.isEmpty() && !branch.isEmpty() ? branch.last().id : 0;
    m_messages.setRows(std::move(rows));
    emit shown();
}

void ShownConversation::showSibling(int row, int step)
{
    if (row < 0 || row >= m_messages.count())
        return;
    const storage::MessageId id = m_messages.at(row).id;
    const storage::ConversationId conversation = m_id;
    m_store.tree(conversation)
        .then(this, [this, id, step, conversation](const storage::Result<QList<TreeNode>>& tree) {
            const storage::MessageId other = tree ? siblingOf(*tree, id, step) : 0;
            if (other != 0 && conversation == m_id)
                showBranch(other);
        });
}

void ShownConversation::showBranch(storage::MessageId through)
{
    const storage::ConversationId conversation = m_id;
    m_store.activateBranch(through).then(
        this, [this, conversation](const storage::Result<QList<Message>>& branch) {
            if (!branch)
                emit failed(branch.error());
            else if (conversation == m_id)
                show(*branch);
        });
}

void ShownConversation::follow(Answer* answer)
{
    m_answer = answer;
    connect(answer, &Answer::grown, this, [this, answer](const MessageGrowth& growth) {
        if (isLast(answer->row().id))
            m_messages.growLast(growth);
    });
    connect(answer, &Answer::finished, this, [this, answer] {
        m_answer.clear();
        if (isLast(answer->row().id))
            m_messages.update(m_messages.count() - 1, answer->row());
    });
}

bool ShownConversation::isLast(storage::MessageId id) const
{
    return m_messages.count() > 0 && m_messages.rows().last().id == id;
}

void ShownConversation::switchTo(storage::ConversationId id)
{
    m_id = id;
    emit changed();
}

void ShownConversation::setTitle(const QString& title)
{
    const QString plain = plainName(title);
    if (m_title == plain)
        return;
    m_title = plain;
    emit titleChanged();
}

void ShownConversation::setLoading(bool loading)
{
    if (m_loading == loading)
        return;
    m_loading = loading;
    emit loadingChanged();
}

} // namespace ponder

#include "moc_shown_conversation.cpp"
