#pragma once

#include "storage/conversations/conversation_store.h"
#include "ui/chat/shown_conversation.h"
#include "ui/composer/composer_view_model.h"
#include "ui/text/error_details.h"

#include <QObject>
#include <QtQmlIntegration>

namespace ponder {

class Answer;
struct ChatRequest;
class InferenceWorker;
class ModelViewModel;
class SettingsViewModel;

/// Asking and answering, for QML: puts the conversation on the screen (ShownConversation), the answer that is written
/// (Answer) and the composer (ComposerViewModel) together.
///
/// One answer is written at a time; it goes on while another conversation is looked at, and every word of it goes to
/// the storage as it comes. A question is stored together with its answer, still empty, before that is generated.
/// Belongs to the GUI thread; nothing here waits for the engine or the database.
class ChatViewModel : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Handed over by the application")

    Q_PROPERTY(ponder::ComposerViewModel* composer READ composer CONSTANT)
    Q_PROPERTY(ponder::MessageListModel* messages READ messages CONSTANT)
    /// 0: a new conversation, which comes into being with its first question.
    Q_PROPERTY(qint64 conversationId READ conversationId NOTIFY conversationChanged)
    Q_PROPERTY(QString title READ title NOTIFY titleChanged)
    /// Its messages are being read.
    Q_PROPERTY(bool loading READ isLoading NOTIFY loadingChanged)

    /// An answer is being written, here or in another conversation.
    Q_PROPERTY(bool generating READ isGenerating NOTIFY activityChanged)
    Q_PROPERTY(bool generatingHere READ isGeneratingHere NOTIFY activityChanged)
    /// The conversation in which an answer is being written, if it is not this one; else empty.
    Q_PROPERTY(QString answeringElsewhere READ answeringElsewhere NOTIFY activityChanged)
    /// As ComposerViewModel::canSend.
    Q_PROPERTY(bool canAsk READ canAsk NOTIFY activityChanged)
    /// What the engine is doing, in words; empty: nothing.
    Q_PROPERTY(QString activity READ activity NOTIFY progressChanged)
    Q_PROPERTY(double tokensPerSecond READ tokensPerSecond NOTIFY progressChanged)
    /// Tokens of the model's context that this conversation takes; 0: not known yet.
    Q_PROPERTY(int contextUsed READ contextUsed NOTIFY progressChanged)
    /// Tokens that the model's context holds; 0: no model is open.
    Q_PROPERTY(int contextLength READ contextLength NOTIFY activityChanged)
    /// The settings keep the context shorter than it could be.
    Q_PROPERTY(bool contextCanGrow READ contextCanGrow NOTIFY contextCanGrowChanged)

    /// The open model computes on the processor: there an answer whose GPU was lost would go on.
    Q_PROPERTY(bool onProcessor READ isOnProcessor NOTIFY placeChanged)

    /// What went wrong, for the person to read; empty: nothing.
    Q_PROPERTY(QString problem READ problem NOTIFY problemChanged)
    /// For finding the cause: code and context.
    Q_PROPERTY(QString problemDetails READ problemDetails NOTIFY problemChanged)

public:
    /// All must outlive the view model.
    ChatViewModel(storage::ConversationStore& store, InferenceWorker& worker,
        const ModelViewModel& model, const SettingsViewModel& settings, Drafts& drafts,
        QObject* parent = nullptr);
    ~ChatViewModel() override;

    [[nodiscard]] ComposerViewModel* composer() { return &m_composer; }
    [[nodiscard]] MessageListModel* messages() { return &m_conversation.messages(); }
    [[nodiscard]] qint64 conversationId() const { return m_conversation.id(); }
    [[nodiscard]] QString title() const { return m_conversation.title(); }
    [[nodiscard]] bool isLoading() const { return m_conversation.isLoading(); }
    [[nodiscard]] bool isGenerating() const { return m_answer != nullptr; }
    [[nodiscard]] bool isGeneratingHere() const;
    [[nodiscard]] QString answeringElsewhere() const;
    [[nodiscard]] bool canAsk() const { return m_composer.canSend(); }
    [[nodiscard]] QString activity() const;
    [[nodiscard]] double tokensPerSecond() const;
    [[nodiscard]] int contextUsed() const;
    [[nodiscard]] int contextLength() const;
    [[nodiscard]] bool contextCanGrow() const;
    [[nodiscard]] bool isOnProcessor() const;
    [[nodiscard]] QString problem() const { return m_problem.message; }
    [[nodiscard]] QString problemDetails() const { return m_problem.details; }

public slots:
    void startNew() { m_conversation.startNew(); }
    void open(qint64 conversationId) { m_conversation.open(conversationId); }
    /// Asks; the draft is cleared once the question is stored. Does nothing for a blank text.
    void ask(const QString& text);
    /// Stops the answer in this conversation. One that is being written elsewhere goes on.
    void stop();
    /// Opens the conversation in which an answer is being written.
    void showAnswering();
    /// Another answer beside the one in `row`; for a question without an answer, its answer.
    void answerAgain(int row);
    /// Goes on with the answer in `row`, which ended early, in a version of its own beside it: in its thought where
    /// it has no answer yet. Where the model ended by itself after its thought, the answer begins.
    void goOn(int row);
    /// Goes on from a changed thought of that answer, in a new branch; answerNow: the thought is closed and answered.
    void steer(int row, const QString& thought, bool answerNow);
    /// Asks the storage for what was kept of that answer's tokens: tokensFound() brings it.
    void findTokens(qreal messageId);
    /// Begins a new conversation with the question of `row`, or the one above it, as its draft.
    void askAnew(int row);
    /// Asks `text` in place of the question in `row`, as a branch of its own.
    void editQuestion(int row, const QString& text);
    /// Shows the branch through the sibling before (-1) or after (1) the message in `row`.
    void showSibling(int row, int step) { m_conversation.showSibling(row, step); }
    /// Puts the text of a message on the clipboard, without its thought.
    void copyMessage(int row) const;
    void copyLastAnswer() const;
    void dismissProblem();

signals:
    void conversationChanged();
    void titleChanged();
    void loadingChanged();
    void activityChanged();
    void progressChanged();
    void placeChanged();
    void problemChanged();
    void contextCanGrowChanged();
    /// A question was stored: the view scrolls to it.
    void asked();
    /// As TokenStatistics::encode() gives it; empty where nothing was kept.
    void tokensFound(qreal messageId, const QByteArray& statistics);
    /// An answer ended, in this conversation or another; `words` say how, for who does not see it.
    void answered(const QString& words);

private:
    /// What an answer goes on from; an empty row: from nothing.
    struct SoFar {
        MessageRow row;
        QByteArray statistics;
        bool thoughtIsOver; ///< and its answer has not begun
    };
    void watchConversation();
    void watchModel();
    /// Asks in the conversation that is shown.
    void addQuestion(qint64 parent, const QString& text);
    /// Begins one more answer to a question, with the settings of its conversation.
    void answerQuestion(qint64 question, const QJsonObject& own, const SoFar& soFar);
    void takeQuestion(const storage::Result<storage::Asked>& asked);
    void takeAnswer(const storage::Result<storage::Asked>& asked, const SoFar& soFar);
    [[nodiscard]] storage::AnswerStart answerStart(const QJsonObject& own) const;
    void generate(const storage::Asked& asked, const SoFar& soFar);
    [[nodiscard]] ChatRequest requestFor(
        const storage::Asked& asked, const MessageRow& begun, bool thoughtIsOver) const;
    void finish();
    [[nodiscard]] const MessageRow* rowAt(int row) const;
    /// Why one cannot ask, as far as the chat is the reason.
    [[nodiscard]] QString busyWords() const;
    void announceActivity();
    void setSending(bool sending);
    void setProblem(const ErrorText& problem);
    void setProblem(const storage::Error& error);

    storage::ConversationStore& m_store;
    InferenceWorker& m_worker;
    const ModelViewModel& m_model;
    const SettingsViewModel& m_settings;

    ShownConversation m_conversation;
    ComposerViewModel m_composer;
    Answer* m_answer = nullptr; ///< that is being written
    bool m_sending = false; ///< a question is on its way into the storage
    ErrorText m_problem;
};

} // namespace ponder
