#include "ui/chat/chat_view_model.h"

#include "storage/error_details.h"
#include "ui/chat/answer_ending.h"
#include "ui/chat/conversation_rows.h"
#include "ui/chat/inference_worker.h"
#include "ui/chat/model_view_model.h"
#include "ui/chat/plain_text.h"
#include "ui/chat/steered_answer.h"
#include "ui/markdown/safe_text.h"
#include "ui/settings/settings_view_model.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QLocale>
#include <QRandomGenerator>

#include <algorithm>

namespace ponder {

using namespace Qt::StringLiterals;
using storage::Conversation;
using storage::ConversationStore;
using storage::Message;

namespace {

QJsonObject describe(const SamplingOptions& sampling)
{
    return {
        {u"temperature"_s, double(sampling.temperature)},
        {u"topP"_s, double(sampling.topP)},
        {u"topK"_s, sampling.topK},
        {u"minP"_s, double(sampling.minP)},
        {u"repetitionPenalty"_s, double(sampling.repetitionPenalty)},
        {u"repetitionWindow"_s, sampling.repetitionWindow},
    };
}

} // namespace

ChatViewModel::ChatViewModel(ConversationStore& store, InferenceWorker& worker,
    const ModelViewModel& model, const SettingsViewModel& settings, Drafts& drafts, QObject* parent)
    : QObject(parent)
    , m_store(store)
    , m_worker(worker)
    , m_model(model)
    , m_settings(settings)
    , m_drafts(drafts)
{
    connect(&drafts, &Drafts::restored, this, &ChatViewModel::draftChanged);
    connect(&worker, &InferenceWorker::tokensArrived, this, &ChatViewModel::takeTokens);
    connect(&worker, &InferenceWorker::finished, this, &ChatViewModel::finish);
    connect(&worker, &InferenceWorker::promptProgressed, this,
        [this](quint64, const PromptProgress& progress) {
            m_promptDone = int(progress.done);
            m_promptTotal = int(progress.total);
            emit progressChanged();
        });
    connect(&model, &ModelViewModel::stateChanged, this, &ChatViewModel::activityChanged);
    connect(&model, &ModelViewModel::stateChanged, this, &ChatViewModel::progressChanged);
    connect(&model, &ModelViewModel::stateChanged, this, &ChatViewModel::contextCanGrowChanged);
    connect(&settings, &SettingsViewModel::contextLengthChanged, this,
        &ChatViewModel::contextCanGrowChanged);
    connect(&model, &ModelViewModel::placeChanged, this, &ChatViewModel::placeChanged);
    connect(&store, &ConversationStore::conversationChanged, this, &ChatViewModel::adopt);
    connect(&store, &ConversationStore::conversationRemoved, this, [this](qint64 id) {
        if (m_answer && m_answer->conversation() == id)
            stopAnswer();
        if (id == m_conversation)
            startNew();
    });
}

ChatViewModel::~ChatViewModel() = default;

bool ChatViewModel::isGeneratingHere() const
{
    return m_answer && m_answer->conversation() == m_conversation;
}

QString ChatViewModel::answeringElsewhere() const
{
    return m_answer && !isGeneratingHere() ? m_answeringTitle : QString();
}

QString ChatViewModel::obstacle() const
{
    if (!m_readOnlyReason.isEmpty())
        return m_readOnlyReason;
    if (m_model.isOpening())
        return tr("%1 is being opened…").arg(m_model.name());
    if (!m_model.isReady())
        return tr("No model is open. Open one to ask it something.");
    if (m_answer && !isGeneratingHere())
        return tr("Answering in “%1”.").arg(m_answeringTitle);
    if (m_answer)
        return tr("Still answering.");
    if (m_loading)
        return tr("Reading the conversation…");
    if (m_sending)
        return tr("Storing the question…");
    return {};
}

QString ChatViewModel::activity() const
{
    if (!m_answer)
        return {};
    if (m_stopping)
        return tr("Stopping…");
    switch (m_answer->row().state) {
    case MessageRow::State::Waiting:
        return m_promptTotal > 0 && m_promptDone < m_promptTotal
            ? tr("Reading %1 of %2 tokens")
                  .arg(QLocale().toString(m_promptDone), QLocale().toString(m_promptTotal))
            : tr("Reading");
    case MessageRow::State::Thinking:
        return tr("Thinking");
    case MessageRow::State::Answering:
        return tr("Answering");
    default:
        return {};
    }
}

double ChatViewModel::tokensPerSecond() const
{
    if (m_answer)
        return m_answer->row().tokensPerSecond;
    return m_messages.count() > 0 && !m_loading ? m_messages.rows().last().tokensPerSecond : 0;
}

int ChatViewModel::contextUsed() const
{
    // The last token of a full context may be counted, though it found no room any more.
    const auto inContext
        = [this](int tokens) { return tokens == contextLength() + 1 ? tokens - 1 : tokens; };
    if (isGeneratingHere() && m_answer->contextUsed() > 0)
        return inContext(m_answer->contextUsed());
    const QList<MessageRow>& rows = m_messages.rows();
    const auto known = std::find_if(
        rows.rbegin(), rows.rend(), [](const MessageRow& row) { return row.contextTokens > 0; });
    return known != rows.rend() && !m_loading ? inContext(known->contextTokens) : 0;
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

void ChatViewModel::setReadOnly(const QString& reason)
{
    m_readOnlyReason = reason;
    emit activityChanged();
}

void ChatViewModel::setDraft(const QString& draft)
{
    if (m_drafts.text(m_conversation) == draft)
        return;
    m_drafts.setText(m_conversation, draft);
    emit draftChanged();
}

void ChatViewModel::startNew()
{
    if (m_conversation == 0 && !m_loading)
        return;
    m_messages.setRows({});
    setTitle({});
    setLoading(false);
    switchTo(0);
}

void ChatViewModel::open(qint64 conversationId)
{
    if (conversationId == m_conversation)
        return;
    if (conversationId == 0) {
        startNew();
        return;
    }
    switchTo(conversationId);
    load();
}

void ChatViewModel::switchTo(qint64 conversation)
{
    m_conversation = conversation;
    setProblem(ErrorText());
    emit conversationChanged();
    emit draftChanged();
    emit activityChanged();
    emit progressChanged();
}

void ChatViewModel::load()
{
    setLoading(true);
    const qint64 id = m_conversation;
    m_store.conversation(id).then(this, [this, id](const storage::Result<Conversation>& found) {
        if (found && id == m_conversation)
            setTitle(found->title);
    });
    m_store.activeBranch(id).then(this, [this, id](const storage::Result<QList<Message>>& branch) {
        if (id != m_conversation)
            return;
        setLoading(false);
        if (branch)
            show(rowsOf(*branch));
        else
            setProblem(branch.error());
    });
}

void ChatViewModel::show(const QList<MessageRow>& rows)
{
    QList<MessageRow> shown = rows;
    if (m_answer) {
        for (MessageRow& row : shown) {
            if (row.id == m_answer->row().id)
                row = m_answer->row(); // further than what is stored
        }
    }
    m_messages.setRows(std::move(shown));
    emit progressChanged();
}

void ChatViewModel::ask(const QString& text)
{
    const QString question = text.trimmed();
    if (question.isEmpty() || !canAsk())
        return;
    setSending(true);
    if (m_conversation != 0) {
        addQuestion(m_conversation, m_messages.rows(), question);
        return;
    }
    const QString title = titleFor(question);
    m_store.beginConversation(title, question)
        .then(this, [this, title](const storage::Result<Message>& added) {
            if (!added) {
                setSending(false);
                setProblem(added.error());
                return;
            }
            m_drafts.setText(added->conversation, m_drafts.text(0));
            m_drafts.setText(0, {});
            if (m_conversation == 0) {
                switchTo(added->conversation);
                setTitle(title);
            }
            takeQuestion(*added, {});
        });
}

void ChatViewModel::addQuestion(qint64 conversation, QList<MessageRow> history, const QString& text)
{
    const qint64 parent = history.isEmpty() ? 0 : history.last().id;
    m_store.addUserMessage(conversation, parent, text)
        .then(this, [this, history](const storage::Result<Message>& added) {
            if (added) {
                takeQuestion(*added, history);
                return;
            }
            setSending(false);
            setProblem(added.error());
        });
}

void ChatViewModel::takeQuestion(const Message& question, QList<MessageRow> history)
{
    const qint64 conversation = question.conversation;
    if (m_drafts.text(conversation).trimmed() == question.text) {
        m_drafts.setText(conversation, {});
        emit draftChanged();
    }
    history.append(rowOf(question));
    if (conversation == m_conversation) {
        show(history);
        emit asked();
    }
    beginAnswer(conversation, history);
}

void ChatViewModel::beginAnswer(qint64 conversation, QList<MessageRow> history, const SoFar& soFar)
{
    if (!m_model.isReady()) {
        setSending(false);
        return;
    }
    storage::AnswerStart start;
    start.modelName = m_model.name();
    start.modelFingerprint = QString::fromStdString(m_model.model().fingerprint);
    start.sampling = describe(sampling());
    start.seed = m_settings.seed() >= 0 ? quint64(m_settings.seed())
                                        : quint64(QRandomGenerator::global()->generate());
    m_store.beginAnswer(conversation, history.last().id, start)
        .then(this, [this, history, start, soFar](const storage::Result<Message>& begun) {
            setSending(false);
            if (begun)
                generate(*begun, history, start, soFar);
            else
                setProblem(begun.error());
        });
}

void ChatViewModel::generate(const Message& begun, const QList<MessageRow>& history,
    const storage::AnswerStart& start, const SoFar& soFar)
{
    MessageRow row = goneOnFrom(soFar.row, rowOf(begun));
    row.state = MessageRow::State::Waiting;
    row.notice.clear();
    row.noticeDetails.clear();
    m_answer.emplace(++m_lastTicket, begun.conversation, row, soFar.statistics);
    m_answeringTitle = begun.conversation == m_conversation ? m_title : tr("another conversation");
    m_promptDone = m_promptTotal = 0;
    m_stopping = false;
    m_store.appendToMessage(row.id, row.thought, row.text);
    if (begun.conversation == m_conversation)
        show(history + QList{row});

    ChatRequest request;
    request.messages = engineMessages(m_settings.systemPrompt(), history);
    request.sampling = sampling();
    request.sampling.seed = start.seed;
    request.maxTokens = std::uint32_t(m_settings.maxTokens());
    request.continueReasoning = row.thought.toStdString();
    request.continueContent = row.text.toStdString();
    request.answerNow = soFar.thoughtIsOver;
    m_worker.generate(m_lastTicket, request);
    emit activityChanged();
    emit progressChanged();
}

SamplingOptions ChatViewModel::sampling() const
{
    SamplingOptions sampling = m_model.model().recommended;
    if (!m_settings.recommendedSampling()) {
        sampling.temperature = float(m_settings.temperature());
        sampling.topP = float(m_settings.topP());
        sampling.topK = m_settings.topK();
        sampling.minP = float(m_settings.minP());
        sampling.repetitionPenalty = float(m_settings.repetitionPenalty());
    }
    return sampling;
}

void ChatViewModel::takeTokens(quint64 ticket, const QList<TokenEvent>& events)
{
    if (!m_answer || m_answer->ticket() != ticket)
        return;
    const MessageGrowth growth = m_answer->take(events);
    const qint64 id = m_answer->row().id;
    if (growth.replaces)
        m_store.rewriteMessage(id, growth.thought, growth.text);
    else
        m_store.appendToMessage(id, growth.thought, growth.text);
    if (m_messages.count() > 0 && m_messages.rows().last().id == id)
        m_messages.growLast(growth);
    emit progressChanged();
}

void ChatViewModel::finish(quint64 ticket, const AnswerOutcome& outcome)
{
    if (!m_answer || m_answer->ticket() != ticket)
        return;
    const storage::AnswerEnd end = m_answer->end(outcome.result);
    const MessageRow row = m_answer->row();
    m_answer.reset();
    if (m_messages.count() > 0 && m_messages.rows().last().id == row.id)
        m_messages.update(m_messages.count() - 1, row);
    m_store.finishMessage(row.id, end).then(this, [this](const storage::Result<Message>& stored) {
        if (!stored)
            setProblem(stored.error());
    });
    emit activityChanged();
    emit progressChanged();
    emit answered(row.notice.isEmpty() ? tr("The answer is there.") : row.notice);
}

void ChatViewModel::stop()
{
    if (isGeneratingHere())
        stopAnswer();
}

void ChatViewModel::stopAnswer()
{
    m_stopping = true;
    m_worker.stop();
    emit progressChanged();
}

void ChatViewModel::showAnswering()
{
    if (m_answer)
        open(m_answer->conversation());
}

void ChatViewModel::answerAgain(int row)
{
    if (!canAsk() || row < 0 || row >= m_messages.count())
        return;
    const bool isQuestion = m_messages.at(row).author == MessageRow::Author::Person;
    const QList<MessageRow> history = m_messages.rows().first(isQuestion ? row + 1 : row);
    if (history.isEmpty())
        return;
    setSending(true);
    beginAnswer(m_conversation, history);
}

void ChatViewModel::goOn(int row)
{
    if (!canAsk() || row < 1 || row >= m_messages.count() || !m_messages.at(row).canGoOn)
        return;
    setSending(true);
    const MessageRow ended = m_messages.at(row);
    const QList<MessageRow> history = m_messages.rows().first(row);
    const qint64 conversation = m_conversation;
    m_store.tokenStatistics(ended.id).then(
        this, [this, ended, history, conversation](const storage::Result<QByteArray>& found) {
            beginAnswer(conversation, history,
                {ended, found.value_or(QByteArray()), endedAfterItsThought(ended)});
        });
}

void ChatViewModel::steer(int row, const QString& thought, bool answerNow)
{
    if (!canAsk() || row < 1 || row >= m_messages.count() || thought.trimmed().isEmpty()
        || m_messages.at(row).author == MessageRow::Author::Person)
        return;
    setSending(true);
    const MessageRow old = m_messages.at(row);
    const QList<MessageRow> history = m_messages.rows().first(row);
    const qint64 conversation = m_conversation;
    m_store.tokenStatistics(old.id).then(this, [=, this](const storage::Result<QByteArray>& found) {
        const SteeredAnswer steered = steeredAnswer(old, thought, found.value_or(QByteArray()));
        beginAnswer(conversation, history, {steered.row, steered.statistics, answerNow});
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
    while (row >= 0 && row < m_messages.count()
        && m_messages.at(row).author == MessageRow::Author::Model)
        --row;
    if (row < 0 || row >= m_messages.count())
        return;
    const QString question = m_messages.at(row).text;
    startNew();
    const QString begun = draft().trimmed();
    setDraft(begun.isEmpty() || begun == question ? question : question + u"\n\n"_s + begun);
}

void ChatViewModel::editQuestion(int row, const QString& text)
{
    const QString question = text.trimmed();
    if (!canAsk() || question.isEmpty() || row < 0 || row >= m_messages.count())
        return;
    setSending(true);
    addQuestion(m_conversation, m_messages.rows().first(row), question);
}

void ChatViewModel::showSibling(int row, int step)
{
    if (row < 0 || row >= m_messages.count())
        return;
    const qint64 id = m_messages.at(row).id;
    const qint64 conversation = m_conversation;
    m_store.siblings(id).then(
        this, [this, id, step, conversation](const storage::Result<QList<Message>>& siblings) {
            if (!siblings || conversation != m_conversation)
                return;
            for (qsizetype i = 0; i < siblings->size(); ++i) {
                const qsizetype other = i + step;
                if (siblings->at(i).id != id || other < 0 || other >= siblings->size())
                    continue;
                m_store.activateBranch(siblings->at(other).id)
                    .then(
                        this, [this, conversation](const storage::Result<QList<Message>>& branch) {
                            if (!branch)
                                setProblem(branch.error());
                            else if (conversation == m_conversation)
                                show(rowsOf(*branch));
                        });
            }
        });
}

void ChatViewModel::copyMessage(int row) const
{
    if (row >= 0 && row < m_messages.count())
        QGuiApplication::clipboard()->setText(textForClipboard(m_messages.at(row).text));
}

void ChatViewModel::copyLastAnswer() const
{
    for (int row = m_messages.count() - 1; row >= 0; --row) {
        if (m_messages.at(row).author == MessageRow::Author::Model) {
            copyMessage(row);
            return;
        }
    }
}

void ChatViewModel::dismissProblem()
{
    setProblem(ErrorText());
}

void ChatViewModel::adopt(const Conversation& conversation)
{
    if (conversation.id == m_conversation)
        setTitle(conversation.title);
    if (m_answer && m_answer->conversation() == conversation.id) {
        m_answeringTitle = plainName(conversation.title);
        emit activityChanged();
    }
}

void ChatViewModel::setSending(bool sending)
{
    if (m_sending == sending)
        return;
    m_sending = sending;
    emit activityChanged();
}

void ChatViewModel::setLoading(bool loading)
{
    if (m_loading == loading)
        return;
    m_loading = loading;
    emit loadingChanged();
    emit activityChanged();
}

void ChatViewModel::setTitle(const QString& title)
{
    const QString plain = plainName(title);
    if (m_title == plain)
        return;
    m_title = plain;
    emit titleChanged();
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
