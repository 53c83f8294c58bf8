#pragma once

#include "storage/conversations/conversation.h"
#include "storage/database/error.h"

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

    enum class Include { Present, Archived, Deleted };

    /// Newest activity first. Present: neither archived nor in the bin.
    Future<QList<Conversation>> conversations(Include include = Include::Present);
    Future<Conversation> conversation(ConversationId id);
    /// Those present whose titles contain every word of `words`, anywhere and in any case, newest
    /// activity first; all of them when `words` is blank.
    Future<QList<Conversation>> searchTitles(const QString& words);
    /// Questions, thoughts and answers that contain every word (the last one as a beginning), best
    /// match first. Text is found once its message is finished.
    Future<QList<SearchHit>> searchMessages(const QString& words, int limit = 50);

    Future<Conversation> createConversation(const QString& title, const QJsonObject& settings = {});
    /// A new conversation with its first question, or neither; answers with the question.
    Future<Message> beginConversation(const QString& title, const QString& question);
    Future<Conversation> renameConversation(ConversationId id, const QString& title);
    Future<Conversation> setConversationSettings(ConversationId id, const QJsonObject& settings);
    Future<Conversation> setArchived(ConversationId id, bool archived);
    /// Moves it to the bin: restoreConversation() brings it back whole, until it is purged.
    Future<void> deleteConversation(ConversationId id);
    Future<Conversation> restoreConversation(ConversationId id);
    /// Removes one that is in the bin for good.
    Future<void> eraseConversation(ConversationId id);
    /// The same with all of the bin; answers how many.
    Future<int> emptyBin();
    /// Removes for good what has been in the bin since before `moment`; answers how many.
    Future<int> purgeDeleted(const QDateTime& moment);

    /// The messages from the first one to the conversation's active leaf, oldest first, with
    /// everything but the token statistics. Empty for a conversation without messages.
    Future<QList<Message>> activeBranch(ConversationId id);
    /// The same, down to `leaf`.
    Future<QList<Message>> branch(MessageId leaf);
    Future<Message> message(MessageId id);
    /// The messages with the same parent as `id`, itself among them, oldest first.
    Future<QList<Message>> siblings(MessageId id);
    /// As AnswerEnd::tokenStatistics had them; empty when there are none.
    Future<QByteArray> tokenStatistics(MessageId id);

    /// Adds a question below `parent` (0: the first of the conversation) and makes it the active
    /// leaf. An edited question is added below the parent of the one it replaces.
    Future<Message> addUserMessage(
        ConversationId conversation, MessageId parent, const QString& text);
    /// Adds an empty answer below `parent`, in state Streaming, and makes it the active leaf. A
    /// regenerated answer is added below the same question.
    Future<Message> beginAnswer(
        ConversationId conversation, MessageId parent, const AnswerStart& start);
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
    /// Title, settings, activity or active leaf changed.
    void conversationChanged(const ponder::storage::Conversation& conversation);
    /// Moved to the bin (archived ones come as conversationChanged).
    void conversationRemoved(ponder::storage::ConversationId id);
    /// Others are in the bin now, or fewer.
    void binChanged();

private:
    template <typename Job> Future<Conversation> change(Job job);
    Future<Message> add(const Message& message);

    Database& m_database;
    std::shared_ptr<AnswerWriter> m_writer;
};

} // namespace ponder::storage
