#pragma once

#include "storage/conversations/conversation.h"
#include "storage/database/error.h"
#include "storage/search/message_search.h"

#include <QObject>

#include <memory>

namespace ponder::storage {

class AnswerWriter;
class Database;

/// Conversations and their messages. Lives on the GUI thread beside its Database; every call
/// returns at once and is carried out on the storage thread in the order of the calls.
///
/// Errors of every call: NotOpen, NotFound, and for writes ReadOnly, DiskFull, Io, Busy. After an
/// error nothing of the call is stored, except where the call says otherwise.
class ConversationStore : public QObject {
    Q_OBJECT

public:
    /// `database` must outlive the store and must not be open yet.
    explicit ConversationStore(Database& database, QObject* parent = nullptr);
    ~ConversationStore() override;

    enum class Include { Present, Deleted };

    /// Newest activity first. Present: not in the bin.
    Future<QList<Conversation>> conversations(Include include = Include::Present);
    Future<Conversation> conversation(ConversationId id);
    /// See findInMessages(). Text is found once its message is finished.
    Future<QList<SearchHit>> searchMessages(const QString& words, int limit = 100);

    Future<Conversation> renameConversation(ConversationId id, const QString& title);
    /// Moves it to the bin: restoreConversation() brings it back whole, until it is erased.
    Future<void> deleteConversation(ConversationId id);
    Future<Conversation> restoreConversation(ConversationId id);
    /// Removes one that is in the bin for good.
    Future<void> eraseConversation(ConversationId id);
    /// The same with all of the bin; answers how many.
    Future<int> emptyBin();

    /// The messages from the first one to the conversation's active leaf, oldest first, with
    /// everything but the token statistics. Empty for a conversation without messages.
    Future<QList<Message>> activeBranch(ConversationId id);
    /// All messages of a conversation as its map shows them, oldest first. Text that is not flushed
    /// yet is missing.
    Future<QList<TreeNode>> tree(ConversationId id);
    /// As AnswerEnd::tokenStatistics had them; empty when there are none.
    Future<QByteArray> tokenStatistics(MessageId id);
    /// The bytes of an attached file. The window attaches none yet; its next feature reads them.
    Future<QByteArray> attachment(AttachmentId id);

    /// A new conversation with its first question and an empty answer in state Streaming.
    Future<Asked> beginConversation(const QString& title, const QJsonObject& settings,
        const QList<MessagePart>& question, const AnswerStart& answer);
    /// Adds a question below `parent` (0: the first of the conversation) and an empty answer, in
    /// state Streaming, below the question. The answer becomes the active leaf. An edited question
    /// is added below the parent of the one it replaces.
    Future<Asked> ask(ConversationId conversation, MessageId parent,
        const QList<MessagePart>& question, const AnswerStart& answer);
    /// Adds only the answer, below a question that is there: another one beside those it has.
    Future<Asked> askAgain(MessageId question, const AnswerStart& answer);

    /// Adds text to the end of a streaming answer. Cheap: call it as often as there is text; it is
    /// on the disk within half a second (Database::kFlushDelayMs). While the disk is full it waits
    /// in memory and Database::writeFailed() says so. A call for a finished message does nothing.
    void appendToMessage(MessageId id, const QString& reasoning, const QString& text);
    /// Puts this in place of all text of a streaming answer, as appendToMessage() adds to it: what seemed to be its
    /// answer was its thought, or the other way round.
    void rewriteMessage(MessageId id, const QString& reasoning, const QString& text);
    /// Ends a streaming answer; answers with the whole message as stored. When the disk is full
    /// the error says so, and the end is kept in memory and tried again like the text.
    Future<Message> finishMessage(MessageId id, const AnswerEnd& end);

    /// Shows the branch that goes through `id`: the active leaf becomes the newest message below
    /// it (following the newest child each time), or `id` itself. Answers with that branch.
    Future<QList<Message>> activateBranch(MessageId id);

signals:
    void conversationAdded(const ponder::storage::Conversation& conversation);
    /// Title, activity or active leaf changed.
    void conversationChanged(const ponder::storage::Conversation& conversation);
    /// Moved to the bin.
    void conversationRemoved(ponder::storage::ConversationId id);
    /// Others are in the bin now, or fewer.
    void binChanged();

private:
    /// Runs `job(Connection&) -> Result<Asked>` in a transaction, and tells of the conversation.
    template <typename Job> Future<Asked> storeAsked(Job job);

    Database& m_database;
    std::shared_ptr<AnswerWriter> m_writer;
};

} // namespace ponder::storage
