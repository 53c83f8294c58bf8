#include "ui/chat/chat_view_model.h"

#include "storage/database/error_report.h"
#include "ui/chat/answer.h"
#include "ui/chat/answer_ending.h"
#include "ui/chat/conversation_rows.h"
#include "ui/chat/conversation_settings.h"
#include "ui/chat/steered_answer.h"
#include "ui/markdown/safe_text.h"
#include "ui/models/model_view_model.h"
#include "ui/settings/settings_view_model.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QRandomGenerator>

#include <algorithm>
#include <utility>

namespace ponder {

using namespace Qt::StringLiterals;
using storage::Asked;
using storage::ConversationStore;

ChatViewModel::ChatViewModel(ConversationStore& store, InferenceWorker& worker,
    const ModelViewModel& model, const SettingsViewModel& settings, Drafts& drafts, QObject* parent)
    : QObject(parent)
    , m_store(store)
    , m_worker(worker)
    , m_model(model)
    , m_settings(settings)
    , m_conversation(store)
    , m_composer(drafts, model)
{
    watchConversation();
    watchModel();
    connect(
        &m_composer, &ComposerViewModel::obstacleChanged, this, &ChatViewModel::activityChanged);
    connect(&store, &ConversationStore::conversationChanged, this,
        [this](const storage::Conversation& conversation) {
            if (!m_answer || m_answer->conversation() != conversation.id)
                return;
            m_answer->setTitle(conversation.title);
            announceActivity();
        });
    connect(&store, &ConversationStore::conversationRemoved, this, [this](qint64 id) {
        if (m_answer && m_answer->conversation() == id)
            m_answer->stop();
        if (id == conversationId())
            startNew();
    });
}

ChatViewModel::~ChatViewModel() = default;

void ChatViewModel::watchConversation()
{
    connect(&m_conversation, &ShownConversation::changed, this, [this] {
        setProblem(ErrorText());
        emit conversationChanged();
        m_composer.setConversation(conversationId());
        announceActivity();
        emit progressChanged();
    });
    connect(&m_conversation, &ShownConversation::titleChanged, this, &ChatViewModel::titleChanged);
    connect(&m_conversation, &ShownConversation::shown, this, &ChatViewModel::progressChanged);
    connect(&m_conversation, &ShownConversation::loadingChanged, this, [this] {
        emit loadingChanged();
        announceActivity();
    });
    connect(&m_conversation, &ShownConversation::failed, this,
        [this](const storage::Error& error) { setProblem(error); });
}

void ChatViewModel::watchModel()
{
    connect(&m_model, &ModelViewModel::stateChanged, this, &ChatViewModel::progressChanged);
    connect(&m_model, &ModelViewModel::stateChanged, this, &ChatViewModel::contextCanGrowChanged);
    connect(&m_model, &ModelViewModel::placeChanged, this, &ChatViewModel::placeChanged);
    connect(&m_settings, &SettingsViewModel::contextLengthChanged, this,
        &ChatViewModel::contextCanGrowChanged);
}

bool ChatViewModel::isGeneratingHere() const
{
    return m_answer && m_answer->conversation() == conversationId();
}

QString ChatViewModel::answeringElsewhere() const
{
    return m_answer && !isGeneratingHere() ? m_answer->title() : QString();
}

QString ChatViewModel::busyWords() const
{
    if (m_answer && !isGeneratingHere())
        return tr("Answering in “%1”.").arg(m_answer->title());
    if (m_answer)
        return tr("Still answering.");
    if (isLoading())
        return tr("Reading the conversation…");
    if (m_sending)
        return tr("Storing the question…");
    return {};
}

void ChatViewModel::announceActivity()
{
    m_composer.setBusy(busyWords());
    emit activityChanged();
}

QString ChatViewModel::activity() const
{
    return m_answer ? m_answer->activity() : QString();
}

double ChatViewModel::tokensPerSecond() const
{
    if (m_answer)
        return m_answer->row().tokensPerSecond;
    const QList<MessageRow>& rows = m_conversation.messages().rows();
    return !rows.isEmpty() && !isLoading() ? rows.last().tokensPerSecond : 0;
}

int ChatViewModel::contextUsed() const
{
    // The last token of a full context may be counted, though it found no room any more.
    const auto inContext
        = [this](int tokens) { return tokens == contextLength() + 1 ? tokens - 1 : tokens; };
    if (isGeneratingHere() && m_answer->contextUsed() > 0)
        return inContext(m_answer->contextUsed());
    const QList<MessageRow>& rows = m_conversation.messages().rows();
    const auto known = std::find_if(
        rows.rbegin(), rows.rend(), [](const MessageRow& row) { return row.contextTokens > 0; });
    return known != rows.rend() && !isLoading() ? inContext(known->contextTokens) : 0;
}

int ChatViewModel::contextLength() const
{
    return m_model.contextLength();
}

bool ChatViewModel::contextCanGrow() const
{
    return m_settings.contextLength() > 0;
}

bool ChatViewModel::isOnProcessor() const
{
    return m_model.isOnProcessor();
}

void ChatViewModel::ask(const QString& text)
{
    const QString question = text.trimmed();
    if (question.isEmpty() || !canAsk())
        return;
    if (conversationId() != 0) {
        addQuestion(m_conversation.lastMessage(), question);
        return;
    }
    setSending(true);
    const QJsonObject own = ownSettings(m_settings);
    m_store
        .beginConversation(titleFor(question), own, {storage::textPart(question)}, answerStart(own))
        .then(this, [this](const storage::Result<Asked>& asked) {
            if (asked) {
                m_composer.moveNewDraftTo(asked->conversation.id);
                if (conversationId() == 0)
                    m_conversation.takeStored(asked->conversation);
            }
            takeQuestion(asked);
        });
}

void ChatViewModel::addQuestion(qint64 parent, const QString& text)
{
    setSending(true);
    m_store
        .ask(conversationId(), parent, {storage::textPart(text)},
            answerStart(m_conversation.settings()))
        .then(this, [this](const storage::Result<Asked>& asked) { takeQuestion(asked); });
}

void ChatViewModel::takeQuestion(const storage::Result<Asked>& asked)
{
    if (asked)
        m_composer.takeSent(
            asked->conversation.id, asked->branch.at(asked->branch.size() - 2).text);
    takeAnswer(asked, {});
    if (asked && asked->conversation.id == conversationId())
        emit this->asked();
}

void ChatViewModel::answerQuestion(qint64 question, const QJsonObject& own, const SoFar& soFar)
{
    setSending(true);
    m_store.askAgain(question, answerStart(own))
        .then(
            this, [this, soFar](const storage::Result<Asked>& asked) { takeAnswer(asked, soFar); });
}

void ChatViewModel::takeAnswer(const storage::Result<Asked>& asked, const SoFar& soFar)
{
    setSending(false);
    if (asked)
        generate(*asked, soFar);
    else
        setProblem(asked.error());
}

storage::AnswerStart ChatViewModel::answerStart(const QJsonObject& own) const
{
    storage::AnswerStart start;
    start.modelName = m_model.name();
    start.modelFingerprint = QString::fromStdString(m_model.model().fingerprint);
    start.sampling = describe(samplingOf(own, m_settings, m_model.model().recommended));
    start.seed = m_settings.seed() >= 0 ? quint64(m_settings.seed())
                                        : quint64(QRandomGenerator::global()->generate());
    return start;
}

void ChatViewModel::generate(const Asked& asked, const SoFar& soFar)
{
    MessageRow row = goneOnFrom(soFar.row, rowOf(asked.branch.last()));
    row.state = MessageRow::State::Waiting;
    row.notice.clear();
    row.noticeDetails.clear();
    m_answer = new Answer(m_store, m_worker, asked.conversation, row, soFar.statistics, this);
    m_conversation.follow(m_answer);
    connect(m_answer, &Answer::progressed, this, &ChatViewModel::progressChanged);
    connect(m_answer, &Answer::finished, this, &ChatViewModel::finish);
    connect(m_answer, &Answer::notStored, this,
        [this](const storage::Error& error) { setProblem(error); });
    if (isGeneratingHere())
        m_conversation.show(asked.branch);
    m_answer->begin(requestFor(asked, row, soFar.thoughtIsOver));
    announceActivity();
    emit progressChanged();
}

ChatRequest ChatViewModel::requestFor(
    const Asked& asked, const MessageRow& begun, bool thoughtIsOver) const
{
    const QJsonObject& own = asked.conversation.settings;
    ChatRequest request;
    request.messages = engineMessages(
        systemPromptOf(own, m_settings), asked.branch.first(asked.branch.size() - 1));
    request.sampling = samplingOf(own, m_settings, m_model.model().recommended);
    request.sampling.seed = asked.branch.last().seed;
    request.maxTokens = std::uint32_t(m_settings.maxTokens());
    request.continueReasoning = begun.thought.toStdString();
    request.continueContent = begun.text.toStdString();
    request.answerNow = thoughtIsOver;
    return request;
}

void ChatViewModel::finish()
{
    const QString notice = std::exchange(m_answer, nullptr)->row().notice;
    announceActivity();
    emit progressChanged();
    emit answered(notice.isEmpty() ? tr("The answer is there.") : notice);
}

void ChatViewModel::stop()
{
    if (isGeneratingHere())
        m_answer->stop();
}

void ChatViewModel::showAnswering()
{
    if (m_answer)
        open(m_answer->conversation());
}

const MessageRow* ChatViewModel::rowAt(int row) const
{
    const QList<MessageRow>& rows = m_conversation.messages().rows();
    return row >= 0 && row < rows.size() ? &rows.at(row) : nullptr;
}

void ChatViewModel::answerAgain(int row)
{
    const MessageRow* of = rowAt(row);
    if (!of || !canAsk())
        return;
    const qint64 question = of->author == MessageRow::Author::Person ? of->id : of->parentId;
    if (question != 0)
        answerQuestion(question, m_conversation.settings(), {});
}

void ChatViewModel::goOn(int row)
{
    const MessageRow* ended = rowAt(row);
    if (!ended || row < 1 || !ended->canGoOn || !canAsk())
        return;
    setSending(true);
    m_store.tokenStatistics(ended->id).then(this,
        [this, ended = *ended, own = m_conversation.settings()](
            const storage::Result<QByteArray>& found) {
            answerQuestion(ended.parentId, own,
                {ended, found.value_or(QByteArray()), endedAfterItsThought(ended)});
        });
}

void ChatViewModel::steer(int row, const QString& thought, bool answerNow)
{
    const MessageRow* old = rowAt(row);
    if (!old || old->author == MessageRow::Author::Person || thought.trimmed().isEmpty()
        || !canAsk())
        return;
    setSending(true);
    m_store.tokenStatistics(old->id).then(this,
        [this, old = *old, thought, answerNow, own = m_conversation.settings()](
            const storage::Result<QByteArray>& found) {
            const SteeredAnswer steered = steeredAnswer(old, thought, found.value_or(QByteArray()));
            answerQuestion(old.parentId, own, {steered.row, steered.statistics, answerNow});
        });
}

void ChatViewModel::findTokens(qreal messageId)
{
    m_store.tokenStatistics(qint64(messageId))
        .then(this, [this, messageId](const storage::Result<QByteArray>& found) {
            emit tokensFound(messageId, found.value_or(QByteArray()));
        });
}

void ChatViewModel::askAnew(int row)
{
    while (rowAt(row) && rowAt(row)->author == MessageRow::Author::Model)
        --row;
    if (!rowAt(row))
        return;
    const QString question = rowAt(row)->text;
    startNew();
    const QString begun = m_composer.draft().trimmed();
    m_composer.setDraft(
        begun.isEmpty() || begun == question ? question : question + u"\n\n"_s + begun);
}

void ChatViewModel::editQuestion(int row, const QString& text)
{
    const QString question = text.trimmed();
    if (const MessageRow* of = rowAt(row); of && !question.isEmpty() && canAsk())
        addQuestion(of->parentId, question);
}

void ChatViewModel::copyMessage(int row) const
{
    if (const MessageRow* of = rowAt(row))
        QGuiApplication::clipboard()->setText(textForClipboard(of->text));
}

void ChatViewModel::copyLastAnswer() const
{
    int row = m_conversation.messages().count() - 1;
    while (rowAt(row) && rowAt(row)->author != MessageRow::Author::Model)
        --row;
    copyMessage(row);
}

void ChatViewModel::dismissProblem()
{
    setProblem(ErrorText());
}

void ChatViewModel::setSending(bool sending)
{
    if (m_sending == sending)
        return;
    m_sending = sending;
    announceActivity();
}

void ChatViewModel::setProblem(const storage::Error& error)
{
    setProblem(ErrorText{error.message, storage::detailsOf(error)});
}

void ChatViewModel::setProblem(const ErrorText& problem)
{
    if (m_problem == problem)
        return;
    m_problem = problem;
    emit problemChanged();
}

} // namespace ponder

#include "moc_chat_view_model.cpp"
