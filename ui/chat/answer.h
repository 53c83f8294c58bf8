#pragma once

#include "storage/conversations/conversation.h"
#include "storage/database/error.h"
#include "ui/chat/answer_in_progress.h"
#include "ui/worker/inference_worker.h"

#include <QObject>

#include <memory>

namespace ponder {

namespace storage {
class ConversationStore;
}

/// One answer while it is written: receives its tokens from the worker, stores every word, and says what grew. It goes
/// on while another conversation is on the screen. Belongs to the GUI thread.
class Answer : public QObject {
    Q_OBJECT

public:
    /// `row` and `statistics` as AnswerInProgress has them. The parent keeps it; it deletes itself once its end is
    /// stored. `store` and `worker` must outlive it.
    Answer(storage::ConversationStore& store, InferenceWorker& worker,
        const storage::Conversation& conversation, const MessageRow& row,
        const QByteArray& statistics, QObject* parent);

    /// Asks the worker for it. Call once.
    void begin(const ChatRequest& request);
    /// Stops it; finished() follows.
    void stop();

    [[nodiscard]] storage::ConversationId conversation() const { return m_conversation; }
    /// Of its conversation, for one line of the window.
    [[nodiscard]] QString title() const { return m_title; }
    void setTitle(const QString& title);
    [[nodiscard]] const MessageRow& row() const { return m_progress.row(); }
    [[nodiscard]] int contextUsed() const { return m_progress.contextUsed(); }
    /// What the engine does for it, in words.
    [[nodiscard]] QString activity() const;

signals:
    /// row(), activity() or contextUsed() changed.
    void progressed();
    void grown(const ponder::MessageGrowth& growth);
    /// row() is whole, in its final state.
    void finished();
    void notStored(const ponder::storage::Error& error);

private:
    void take(const QList<TokenEvent>& events);
    void finish(const AnswerOutcome& outcome);

    storage::ConversationStore& m_store;
    InferenceWorker& m_worker;
    storage::ConversationId m_conversation;
    QString m_title;
    AnswerInProgress m_progress;
    PromptProgress m_prompt;
    bool m_stopping = false;
    std::unique_ptr<Generation> m_generation;
};

} // namespace ponder
