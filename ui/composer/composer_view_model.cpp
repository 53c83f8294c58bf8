#include "ui/composer/composer_view_model.h"

#include "ui/composer/drafts.h"
#include "ui/models/model_view_model.h"

namespace ponder {

ComposerViewModel::ComposerViewModel(Drafts& drafts, const ModelViewModel& model, QObject* parent)
    : QObject(parent)
    , m_drafts(drafts)
    , m_model(model)
{
    connect(&drafts, &Drafts::restored, this, &ComposerViewModel::draftChanged);
    connect(&model, &ModelViewModel::stateChanged, this, &ComposerViewModel::obstacleChanged);
}

QString ComposerViewModel::draft() const
{
    return m_drafts.text(m_conversation);
}

void ComposerViewModel::setDraft(const QString& draft)
{
    if (this->draft() == draft)
        return;
    m_drafts.setText(m_conversation, draft);
    emit draftChanged();
}

QString ComposerViewModel::obstacle() const
{
    if (!m_readOnlyReason.isEmpty())
        return m_readOnlyReason;
    if (m_model.isOpening())
        return tr("%1 is being opened…").arg(m_model.name());
    if (!m_model.isReady())
        return tr("No model is open. Open one to ask it something.");
    return m_busy;
}

void ComposerViewModel::setConversation(qint64 conversation)
{
    m_conversation = conversation;
    emit conversationChanged();
    emit draftChanged();
}

void ComposerViewModel::moveNewDraftTo(qint64 conversation)
{
    m_drafts.setText(conversation, m_drafts.text(0));
    m_drafts.setText(0, {});
}

void ComposerViewModel::takeSent(qint64 conversation, const QString& question)
{
    if (m_drafts.text(conversation).trimmed() != question)
        return;
    m_drafts.setText(conversation, {});
    emit draftChanged();
}

void ComposerViewModel::setBusy(const QString& words)
{
    if (m_busy == words)
        return;
    m_busy = words;
    emit obstacleChanged();
}

void ComposerViewModel::setReadOnly(const QString& reason)
{
    m_readOnlyReason = reason;
    emit obstacleChanged();
}

} // namespace ponder

#include "moc_composer_view_model.cpp"
