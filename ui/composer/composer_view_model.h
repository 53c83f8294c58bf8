#pragma once

#include <QObject>
#include <QString>
#include <QtQmlIntegration>

namespace ponder {

class Drafts;
class ModelViewModel;

/// What is typed and not sent yet, and why it cannot be sent now. Belongs to the GUI thread.
class ComposerViewModel : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Owned by ChatViewModel")

    /// One for each conversation.
    Q_PROPERTY(QString draft READ draft WRITE setDraft NOTIFY draftChanged)
    Q_PROPERTY(bool canSend READ canSend NOTIFY obstacleChanged)
    /// Why one cannot send now, in words; empty when one can.
    Q_PROPERTY(QString obstacle READ obstacle NOTIFY obstacleChanged)

public:
    /// Both must outlive it.
    ComposerViewModel(Drafts& drafts, const ModelViewModel& model, QObject* parent = nullptr);

    [[nodiscard]] QString draft() const;
    void setDraft(const QString& draft);
    [[nodiscard]] bool canSend() const { return obstacle().isEmpty(); }
    [[nodiscard]] QString obstacle() const;

    /// The conversation whose draft this is; 0: a new one.
    void setConversation(qint64 conversation);
    /// The new conversation is stored: its draft becomes that of `conversation`.
    void moveNewDraftTo(qint64 conversation);
    /// A question is stored: a draft that is the question is cleared.
    void takeSent(qint64 conversation, const QString& question);
    /// What the chat does, where that keeps one from sending; empty: nothing.
    void setBusy(const QString& words);
    /// The database can be read only, and why; empty: it can be written.
    void setReadOnly(const QString& reason);

signals:
    void draftChanged();
    void obstacleChanged();
    void conversationChanged();

private:
    Drafts& m_drafts;
    const ModelViewModel& m_model;
    qint64 m_conversation = 0;
    QString m_busy;
    QString m_readOnlyReason;
};

} // namespace ponder
