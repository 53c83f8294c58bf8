#include "ui/chat/answer.h"

#include "storage/conversations/conversation_store.h"
#include "ui/text/plain_text.h"

#include <QLocale>

namespace ponder {

Answer::Answer(storage::ConversationStore& store, InferenceWorker& worker,
    const storage::Conversation& conversation, const MessageRow& row, const QByteArray& statistics,
    QObject* parent)
    : QObject(parent)
    , m_store(store)
    , m_worker(worker)
    , m_conversation(conversation.id)
    , m_title(plainName(conversation.title))
    , m_progress(row, statistics)
{
}

void Answer::begin(const ChatRequest& request)
{
    m_store.appendToMessage(row().id, row().thought, row().text);
    m_generation = m_worker.generate(request);
    connect(m_generation.get(), &Generation::promptProgressed, this,
        [this](const PromptProgress& progress) {
            m_prompt = progress;
            emit progressed();
        });
    connect(m_generation.get(), &Generation::tokensArrived, this, &Answer::take);
    connect(m_generation.get(), &Generation::finished, this, &Answer::finish);
}

void Answer::stop()
{
    m_stopping = true;
    m_worker.stop();
    emit progressed();
}

void Answer::setTitle(const QString& title)
{
    m_title = plainName(title);
}

QString Answer::activity() const
{
    if (m_stopping)
        return tr("Stopping…");
    switch (row().state) {
    case MessageRow::State::Waiting:
        return m_prompt.done < m_prompt.total
            ? tr("Reading %1 of %2 tokens")
                  .arg(QLocale().toString(m_prompt.done), QLocale().toString(m_prompt.total))
            : tr("Reading");
    case MessageRow::State::Thinking:
        return tr("Thinking");
    case MessageRow::State::Answering:
        return tr("Answering");
    default:
        return {};
    }
}

void Answer::take(const QList<TokenEvent>& events)
{
    const MessageGrowth growth = m_progress.take(events);
    if (growth.replaces)
        m_store.rewriteMessage(row().id, growth.thought, growth.text);
    else
        m_store.appendToMessage(row().id, growth.thought, growth.text);
    emit grown(growth);
    emit progressed();
}

void Answer::finish(const AnswerOutcome& outcome)
{
    const storage::AnswerEnd end = m_progress.end(outcome.result);
    m_store.finishMessage(row().id, end)
        .then(this, [this](const storage::Result<storage::Message>& stored) {
            if (!stored)
                emit notStored(stored.error());
            deleteLater();
        });
    emit finished();
}

} // namespace ponder

#include "moc_answer.cpp"
