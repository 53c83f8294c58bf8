#pragma once

#include "storage/conversations/conversation.h"
#include "storage/database/error.h"
#include "ui/chat/message_list_model.h"

#include <QJsonObject>
#include <QObject>
#include <QPointer>

namespace ponder {

class Answer;
namespace storage {
class ConversationStore;
}

/// The conversation on the screen: its title and the branch of its messages that is shown. Reads both from the
/// storage. Belongs to the GUI thread.
class ShownConversation : public QObject {
    Q_OBJECT

public:
    /// `store` must outlive it.
    explicit ShownConversation(storage::ConversationStore& store, QObject* parent = nullptr);

    [[nodiscard]] MessageListModel& messages() { return m_messages; }
    [[nodiscard]] const MessageListModel& messages() const { return m_messages; }
    /// 0: a new conversation, which is not stored yet.
    [[nodiscard]] storage::ConversationId id() const { return m_id; }
    [[nodiscard]] QString title() const { return m_title; }
    /// Its messages are being read.
    [[nodiscard]] bool isLoading() const { return m_loading; }
    /// The conversation's own settings, see conversation_settings.h.
    [[nodiscard]] const QJsonObject& settings() const { return m_settings; }
    /// The message that a further question follows; 0: none.
    [[nodiscard]] storage::MessageId lastMessage() const;

    void startNew();
    void open(storage::ConversationId id);
    /// The new conversation is stored now.
    void takeStored(const storage::Conversation& conversation);
    void show(const QList<storage::Message>& branch);
    /// Shows the branch through the sibling before (-1) or after (1) the message in `row`.
    void showSibling(int row, int step);
    /// Shows an answer as it grows, whenever its conversation is on the screen.
    void follow(Answer* answer);

signals:
    void changed(); ///< another conversation is on the screen
    void titleChanged();
    void loadingChanged();
    void shown(); ///< a branch
    void failed(const ponder::storage::Error& error);

private:
    void load();
    void showBranch(storage::MessageId through);
    [[nodiscard]] bool isLast(storage::MessageId id) const;
    void switchTo(storage::ConversationId id);
    void setTitle(const QString& title);
    void setLoading(bool loading);

    storage::ConversationStore& m_store;
    MessageListModel m_messages;
    storage::ConversationId m_id = 0;
    QString m_title;
    QJsonObject m_settings;
    storage::MessageId m_systemMessage = 0; ///< the last message of a branch that has no other kind
    bool m_loading = false;
    QPointer<Answer> m_answer; ///< that is being written, here or in another conversation
};

} // namespace ponder
