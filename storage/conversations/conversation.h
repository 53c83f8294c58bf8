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
    bool archived = false;
    QDateTime deleted; ///< invalid while it is there; when it was moved to the bin otherwise
    QJsonObject settings; ///< what the person set for this conversation only (system prompt, …)
    MessageId activeLeaf = 0; ///< the last message of the branch on show; 0 while empty
};

enum class Role { System, User, Assistant };

enum class MessageState {
    Streaming, ///< being written now, by this window
    Complete,
    Interrupted, ///< stopped by the person, or by the end of the process: the text so far is kept
    Failed, ///< the engine gave up: see Message::error; the text so far is kept
};

/// One node of a conversation's tree. An edit or a regenerated answer is a sibling.
struct Message {
    MessageId id = 0;
    ConversationId conversation = 0;
    MessageId parent = 0; ///< 0 for the first message of a conversation
    Role role = Role::User;
    MessageState state = MessageState::Complete;
    QString text; ///< the question or the answer, Markdown
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

/// What is known when an answer begins.
struct AnswerStart {
    QString modelName;
    QString modelFingerprint;
    quint64 seed = 0;
    QJsonObject sampling;
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

/// A place in a conversation where the words of a search were found.
struct SearchHit {
    ConversationId conversation = 0;
    MessageId message = 0;
    QString title; ///< of the conversation
    QString snippet; ///< plain text around the first hit, with … where it was cut
    bool inReasoning = false; ///< the snippet comes from the thought
};

} // namespace ponder::storage

Q_DECLARE_METATYPE(ponder::storage::Conversation)
Q_DECLARE_METATYPE(ponder::storage::Message)
