#pragma once

#include <QByteArray>
#include <QDateTime>
#include <QJsonArray>
#include <QJsonObject>
#include <QList>
#include <QMetaType>
#include <QString>

namespace ponder::storage {

using ConversationId = qint64; ///< > 0; 0 means none
using MessageId = qint64; ///< > 0; 0 means none; unique over all conversations
using AttachmentId = qint64; ///< > 0; 0 means none

/// How long a deleted conversation can be restored, in days on which Ponder was used.
constexpr int kDaysInBin = 30;

/// A conversation without its messages.
struct Conversation {
    ConversationId id = 0;
    QString title;
    QDateTime created;
    QDateTime updated; ///< last activity: a message added or finished; a rename does not count
    qint64 activity
        = 0; ///< greater with every activity of any conversation, whatever the clock says
    QDateTime deleted; ///< invalid while it is there; when it was moved to the bin otherwise
    QJsonObject settings; ///< of this conversation only, as it was begun (system prompt, …)
    MessageId activeLeaf = 0; ///< the last message of the branch on show; 0 while empty
};

enum class Role { System, User, Assistant };

enum class MessageState {
    Streaming, ///< being written now, by this window
    Complete,
    Interrupted, ///< stopped by the person, or by the end of the process: the text so far is kept
    Failed, ///< the engine gave up: see Message::error; the text so far is kept
};

/// A file that belongs to a message.
struct Attachment {
    AttachmentId id = 0;
    QString name; ///< without its folder
    QString mediaType; ///< "text/plain", "application/pdf", …
    qint64 size = 0; ///< bytes
    QDateTime created;
    QByteArray bytes; ///< to be stored; ConversationStore::attachment() reads them
};

/// A piece of a message: one text or one file.
struct MessagePart {
    enum class Kind { Text, File };
    Kind kind = Kind::Text;
    QString text; ///< of a text, Markdown
    Attachment file; ///< of a file
};

[[nodiscard]] inline MessagePart textPart(const QString& text)
{
    return {MessagePart::Kind::Text, text, {}};
}

[[nodiscard]] inline MessagePart filePart(
    const QString& name, const QString& mediaType, const QByteArray& bytes)
{
    return {MessagePart::Kind::File, {}, {0, name, mediaType, bytes.size(), {}, bytes}};
}

/// One node of a conversation's tree. An edit or a regenerated answer is a sibling.
struct Message {
    MessageId id = 0;
    ConversationId conversation = 0;
    MessageId parent = 0; ///< 0 for the first message of a conversation
    Role role = Role::User;
    MessageState state = MessageState::Complete;
    /// The question or the answer, Markdown: that of all text parts, with an empty line between two.
    QString text;
    QList<MessagePart> parts; ///< in their order; none for a message without a word
    QString reasoning; ///< the thought, kept apart from the answer
    QString error; ///< a sentence, for Failed
    QString finishReason; ///< "stop", "length", "cancelled", … as the engine named it
    QDateTime created;
    QDateTime finished; ///< invalid while streaming and after a kill

    double reasoningSeconds = 0;
    int reasoningTokens = 0;
    QJsonArray
        steps; ///< the thought's steps as the view model describes them (title, offset, time)
    int promptTokens = 0;
    int completionTokens = 0; ///< thought and answer together
    double promptSeconds = 0; ///< time to the first token
    double generationSeconds = 0; ///< from the first token to the last

    QString modelName;
    QString modelFingerprint;
    quint64 seed = 0;
    QJsonObject sampling;

    int siblingIndex = 0; ///< 0-based, by age, among the messages with the same parent
    int siblingCount = 1;
    bool hasTokenStatistics = false; ///< fetch them with ConversationStore::tokenStatistics()
};

/// What a map of a conversation shows of a message.
struct TreeNode {
    static constexpr int kBeginning = 80;

    MessageId id = 0;
    MessageId parent = 0; ///< as Message::parent
    Role role = Role::User;
    MessageState state = MessageState::Complete;
    QString beginning; ///< of its text, on one line, at most kBeginning characters
};

/// What is known when an answer begins.
struct AnswerStart {
    QString modelName;
    QString modelFingerprint;
    quint64 seed = 0;
    QJsonObject sampling;
};

/// What asking stored.
struct Asked {
    /// From the first message to the answer that has begun, system messages among them.
    QList<Message> branch;
    Conversation conversation; ///< as it is now
};

/// What is known when an answer ends. The text itself came through appendToMessage().
struct AnswerEnd {
    MessageState state = MessageState::Complete; ///< anything but Streaming
    QString error;
    QString finishReason;
    double reasoningSeconds = 0;
    int reasoningTokens = 0;
    QJsonArray steps;
    int promptTokens = 0;
    int completionTokens = 0;
    double promptSeconds = 0;
    double generationSeconds = 0;
    /// TokenStatistics::encode(); compressed on the storage thread, and nowhere else.
    QByteArray tokenStatistics;
};

} // namespace ponder::storage

Q_DECLARE_METATYPE(ponder::storage::Conversation)
Q_DECLARE_METATYPE(ponder::storage::Message)
