#include "ui/chat/chat_view_model.h"

#include "storage/database/error_report.h"
#include "ui/chat/answer_ending.h"
#include "ui/chat/conversation_rows.h"
#include "ui/chat/conversation_settings.h"
#include "ui/markdown/safe_text.h"
#include "ui/models/model_view_model.h"
#include "ui/settings/settings_view_model.h"
#include "ui/text/plain_text.h"
#include "ui/worker/inference_worker.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QLocale>
#include <QRandomGenerator>

#include <algorithm>

namespace ponder {

using namespace Qt::StringLiterals;
using storage::Asked;
using storage::Conversation;
using storage::ConversationStore;
using storage::Message;
using storage::TreeNode;

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
    m_own = {};
    m_systemMessage = 0;
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
        if (!found || id != m_conversation)
            return;
        setTitle(found->title);
        m_own = found->settings;
    });
    m_store.activeBranch(id).then(this, [this, id](const storage::Result<QList<Message>>& branch) {
        if (id != m_conversation)
            return;
        setLoading(false);
        if (branch)
            show(*branch);
        else
            setProblem(branch.error());
    });
}

void ChatViewModel::show(const QList<Message>& branch)
{
    QList<MessageRow> shown = rowsOf(branch);
    if (m_answer) {
        for (MessageRow& row : shown) {
            if (row.id == m_answer->row().id)
                row = m_answer->row(); // further than what is stored
        }
    }
    m_systemMessage = shown.isEmpty() && !branch.isEmpty() ? branch.last().id : 0;
    m_messages.setRows(std::move(shown));
    emit progressChanged();
}

void ChatViewModel::ask(const QString& text)
{
    const QString question = text.trimmed();
    if (question.isEmpty() || !canAsk())
        return;
    if (m_conversation != 0) {
        addQuestion(
            m_messages.count() > 0 ? m_messages.rows().last().id : m_systemMessage, question);
        return;
    }
    setSending(true);
    const QString title = titleFor(question);
    const QJsonObject own = ownSettings(m_settings);
    m_store.beginConversation(title, own, {storage::textPart(question)}, answerStart(own))
        .then(this, [this, title](const storage::Result<Asked>& asked) {
            if (asked) {
                const qint64 conversation = asked->conversation.id;
                m_drafts.setText(conversation, m_drafts.text(0));
                m_drafts.setText(0, {});
                if (m_conversation == 0) {
                    switchTo(conversation);
                    setTitle(title);
                    m_own = asked->conversation.settings;
                }
            }
            takeQuestion(asked);
        });
}

void ChatViewModel::addQuestion(qint64 parent, const QString& text)
{
    setSending(true);
    m_store.ask(m_conversation, parent, {storage::textPart(text)}, answerStart(m_own))
        .then(this, [this](const storage::Result<Asked>& asked) { takeQuestion(asked); });
}

void ChatViewModel::takeQuestion(const storage::Result<Asked>& asked)
{
    if (asked) {
        const qint64 conversation = asked->conversation.id;
        const QString question = asked->branch.at(asked->branch.size() - 2).text;
        if (m_drafts.text(conversation).trimmed() == question) {
            m_drafts.setText(conversation, {});
            emit draftChanged();
        }
    }
    takeAnswer(asked, {});
    if (asked && asked->conversation.id == m_conversation)
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
    const Message& begun = asked.branch.last();
    MessageRow row = goneOnFrom(soFar.row, rowOf(begun));
    row.state = MessageRow::State::Waiting;
    row.notice.clear();
    row.noticeDetails.clear();
    m_answer.emplace(++m_lastTicket, begun.conversation, row, soFar.statistics);
    m_answeringTitle = plainName(asked.conversation.title);
    m_promptDone = m_promptTotal = 0;
    m_stopping = false;
    m_store.appendToMessage(row.id, row.thought, row.text);
    if (begun.conversation == m_conversation)
        show(asked.branch);

    const QJsonObject& own = asked.conversation.settings;
    ChatRequest request;
    request.messages = engineMessages(
        systemPromptOf(own, m_settings), asked.branch.first(asked.branch.size() - 1));
    request.sampling = samplingOf(own, m_settings, m_model.model().recommended);
    request.sampling.seed = begun.seed;
    request.maxTokens = std::uint32_t(m_settings.maxTokens());
    request.continueReasoning = row.thought.toStdString();
    request.continueContent = row.text.toStdString();
    request.answerNow = soFar.thoughtIsOver;
    m_worker.generate(m_lastTicket, request);
    emit activityChanged();
    emit progressChanged();
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
    const MessageRow& of = m_messages.at(row);
    const qint64 question = of.author == MessageRow::Author::Person ? of.id : of.parentId;
    if (question != 0)
        answerQuestion(question, m_own, {});
}

void ChatViewModel::goOn(int row)
{
    if (!canAsk() || row < 1 || row >= m_messages.count() || !m_messages.at(row).canGoOn)
        return;
    setSending(true);
    const MessageRow ended = m_messages.at(row);
    m_store.tokenStatistics(ended.id).then(
        this, [this, ended, own = m_own](const storage::Result<QByteArray>& found) {
            answerQuestion(ended.parentId, own,
                {ended, found.value_or(QByteArray()), endedAfterItsThought(ended)});
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
    addQuestion(m_messages.at(row).parentId, question);
}

void ChatViewModel::showSibling(int row, int step)
{
    if (row < 0 || row >= m_messages.count())
        return;
    const qint64 id = m_messages.at(row).id;
    const qint64 conversation = m_conversation;
    m_store.tree(conversation)
        .then(this, [this, id, step, conversation](const storage::Result<QList<TreeNode>>& tree) {
            const qint64 other = tree ? siblingOf(*tree, id, step) : 0;
            if (other != 0 && conversation == m_conversation)
                showBranch(other);
        });
}

void ChatViewModel::showBranch(qint64 through)
{
    const qint64 conversation = m_conversation;
    m_store.activateBranch(through).then(
        this, [this, conversation](const storage::Result<QList<Message>>& branch) {
            if (!branch)
                setProblem(branch.error());
            else if (conversation == m_conversation)
                show(*branch);
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
