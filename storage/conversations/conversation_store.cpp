#include "storage/conversations/conversation_store.h"

#include "storage/conversations/answer_writer.h"
#include "storage/conversations/bin.h"
#include "storage/conversations/conversation_table.h"
#include "storage/conversations/message_parts.h"
#include "storage/conversations/message_table.h"
#include "storage/database/compression.h"
#include "storage/database/database.h"
#include "storage/database/sqlite.h"
#include "storage/database/translate.h"

namespace ponder::storage {

namespace {

/// Runs an UPDATE of one conversation and answers with it.
template <typename... Values>
Result<Conversation> changeConversation(
    Connection& connection, ConversationId id, const char* sql, const Values&... values)
{
    if (auto changed = connection.run(sql, values..., id); !changed)
        return tl::unexpected(changed.error());
    return readConversation(connection, id);
}

/// A message, and its conversation as it is now.
struct Placed {
    Message message;
    Conversation conversation;
};

/// The answer that begins, below `question`.
Message begun(ConversationId conversation, MessageId question, const AnswerStart& start)
{
    Message answer;
    answer.conversation = conversation;
    answer.parent = question;
    answer.role = Role::Assistant;
    answer.state = MessageState::Streaming;
    answer.modelName = start.modelName;
    answer.modelFingerprint = start.modelFingerprint;
    answer.seed = start.seed;
    answer.sampling = start.sampling;
    return answer;
}

/// Adds the answer below `question`, of a conversation that is there.
Result<Asked> beginAnswer(Connection& connection, const AnswerWriter& writer,
    ConversationId conversation, MessageId question, const AnswerStart& start)
{
    const auto answer = insertMessage(connection, begun(conversation, question, start));
    if (!answer)
        return tl::unexpected(answer.error());
    const auto branch = readBranch(connection, writer, *answer);
    if (!branch)
        return tl::unexpected(branch.error());
    return readConversation(connection, conversation).map([&](const Conversation& now) {
        return Asked{*branch, now};
    });
}

/// Adds question and answer to a conversation that is there.
Result<Asked> addQuestion(Connection& connection, const AnswerWriter& writer,
    ConversationId conversation, MessageId parent, const QList<MessagePart>& parts,
    const AnswerStart& start)
{
    Message question;
    question.conversation = conversation;
    question.parent = parent;
    question.parts = parts;
    return insertMessage(connection, question).and_then([&](MessageId id) {
        return beginAnswer(connection, writer, conversation, id, start);
    });
}

struct Shown {
    QList<Message> branch;
    Conversation conversation;
};

} // namespace

ConversationStore::ConversationStore(Database& database, QObject* parent)
    : QObject(parent)
    , m_database(database)
    , m_writer(std::make_shared<AnswerWriter>())
{
    m_database.addPutOffWrite(
        [writer = m_writer](Connection& connection) { return writer->flush(connection); });
}

ConversationStore::~ConversationStore() = default;

Future<QList<Conversation>> ConversationStore::conversations(Include include)
{
    return m_database.run(
        [include](Connection& connection) { return listConversations(connection, include); });
}

Future<Conversation> ConversationStore::conversation(ConversationId id)
{
    return m_database.run(
        [id](Connection& connection) { return readConversation(connection, id); });
}

Future<QList<SearchHit>> ConversationStore::searchMessages(const QString& words, int limit)
{
    return m_database.run([words, limit](Connection& connection) {
        return findInMessages(connection, words, limit);
    });
}

Future<Conversation> ConversationStore::renameConversation(ConversationId id, const QString& title)
{
    const auto rename = [id, title](Connection& connection) {
        return changeConversation(
            connection, id, "UPDATE conversations SET title = ? WHERE id = ?", title);
    };
    return m_database.write(rename).then(this, [this](const Result<Conversation>& renamed) {
        if (renamed)
            emit conversationChanged(*renamed);
        return renamed;
    });
}

Future<void> ConversationStore::deleteConversation(ConversationId id)
{
    const auto putInBin = [id](Connection& connection) {
        return changeConversation(connection, id,
            "UPDATE conversations SET deleted = ?, days_in_bin = 0 WHERE id = ?",
            QDateTime::currentDateTime());
    };
    return m_database.write(putInBin).then(
        this, [this, id](const Result<Conversation>& deleted) -> Result<void> {
            if (!deleted)
                return tl::unexpected(deleted.error());
            emit conversationRemoved(id);
            emit binChanged();
            return {};
        });
}

Future<Conversation> ConversationStore::restoreConversation(ConversationId id)
{
    const auto takeBack = [id](Connection& connection) {
        return changeConversation(
            connection, id, "UPDATE conversations SET deleted = NULL WHERE id = ?");
    };
    return m_database.write(takeBack).then(this, [this](const Result<Conversation>& restored) {
        if (restored) {
            emit conversationAdded(*restored);
            emit binChanged();
        }
        return restored;
    });
}

Future<void> ConversationStore::eraseConversation(ConversationId id)
{
    const auto erase = [id](Connection& connection) -> Result<void> {
        return eraseFromBin(connection, id).map([](int) { });
    };
    return m_database.write(erase).then(this, [this](const Result<void>& erased) {
        if (erased)
            emit binChanged();
        return erased;
    });
}

Future<int> ConversationStore::emptyBin()
{
    const auto erase = [](Connection& connection) { return eraseFromBin(connection); };
    return m_database.write(erase).then(this, [this](const Result<int>& erased) {
        if (erased)
            emit binChanged();
        return erased;
    });
}

Future<QList<Message>> ConversationStore::activeBranch(ConversationId id)
{
    return m_database.run([id, writer = m_writer](Connection& connection) {
        return readConversation(connection, id)
            .and_then([&](const Conversation& conversation) -> Result<QList<Message>> {
                if (conversation.activeLeaf == 0)
                    return QList<Message>();
                return readBranch(connection, *writer, conversation.activeLeaf);
            });
    });
}

Future<QList<TreeNode>> ConversationStore::tree(ConversationId id)
{
    return m_database.run([id](Connection& connection) { return readTree(connection, id); });
}

Future<QByteArray> ConversationStore::tokenStatistics(MessageId id)
{
    return m_database.run([id](Connection& connection) -> Result<QByteArray> {
        Query row(connection, "SELECT zstd FROM token_statistics WHERE message = ?", id);
        if (row.next()) {
            auto bytes = decompress(row.bytes(0));
            if (!bytes)
                bytes.error().message = tr("The token statistics of this answer cannot be read.");
            return bytes;
        }
        if (row.failed())
            return row.failure();
        return QByteArray();
    });
}

Future<QByteArray> ConversationStore::attachment(AttachmentId id)
{
    return m_database.run([id](Connection& connection) { return readAttachment(connection, id); });
}

template <typename Job> Future<Asked> ConversationStore::storeAsked(Job job)
{
    return m_database.write(std::move(job)).then(this, [this](const Result<Asked>& asked) {
        if (asked)
            emit conversationChanged(asked->conversation);
        return asked;
    });
}

Future<Asked> ConversationStore::beginConversation(const QString& title,
    const QJsonObject& settings, const QList<MessagePart>& question, const AnswerStart& answer)
{
    const auto begin = [=, writer = m_writer](Connection& connection) {
        return insertConversation(connection, title, settings)
            .and_then([&](const Conversation& conversation) {
                return addQuestion(connection, *writer, conversation.id, 0, question, answer);
            });
    };
    return m_database.write(begin).then(this, [this](const Result<Asked>& asked) {
        if (asked)
            emit conversationAdded(asked->conversation);
        return asked;
    });
}

Future<Asked> ConversationStore::ask(ConversationId conversation, MessageId parent,
    const QList<MessagePart>& question, const AnswerStart& answer)
{
    return storeAsked([=, writer = m_writer](Connection& connection) {
        return readConversation(connection, conversation).and_then([&](const Conversation&) {
            return addQuestion(connection, *writer, conversation, parent, question, answer);
        });
    });
}

Future<Asked> ConversationStore::askAgain(MessageId question, const AnswerStart& answer)
{
    return storeAsked([=, writer = m_writer](Connection& connection) {
        return readMessage(connection, *writer, question).and_then([&](const Message& there) {
            return beginAnswer(connection, *writer, there.conversation, question, answer);
        });
    });
}

void ConversationStore::appendToMessage(MessageId id, const QString& reasoning, const QString& text)
{
    if (reasoning.isEmpty() && text.isEmpty())
        return;
    m_database.post([&database = m_database, writer = m_writer, id, reasoning, text] {
        writer->append(id, reasoning, text);
        database.requestFlush();
    });
}

void ConversationStore::rewriteMessage(MessageId id, const QString& reasoning, const QString& text)
{
    m_database.post([&database = m_database, writer = m_writer, id, reasoning, text] {
        writer->rewrite(id, reasoning, text);
        database.requestFlush();
    });
}

Future<Message> ConversationStore::finishMessage(MessageId id, const AnswerEnd& end)
{
    const auto finish = [&database = m_database, writer = m_writer, id, end](
                            Connection& connection) -> Result<Placed> {
        if (end.state == MessageState::Streaming)
            return fail(ErrorCode::InvalidArgument,
                QStringLiteral("An answer cannot end in the state of being written."));
        if (auto finished = writer->finish(connection, id, end); !finished) {
            if (finished.error().code != ErrorCode::NotFound)
                database.announceFailure(finished.error());
            return tl::unexpected(finished.error());
        }
        const auto message = readMessage(connection, *writer, id);
        if (!message)
            return tl::unexpected(message.error());
        return readConversation(connection, message->conversation)
            .map([&](const Conversation& now) { return Placed{*message, now}; });
    };
    return m_database.run(finish).then(this, [this](const Result<Placed>& placed) {
        if (placed)
            emit conversationChanged(placed->conversation);
        return placed.map([](const Placed& p) { return p.message; });
    });
}

Future<QList<Message>> ConversationStore::activateBranch(MessageId id)
{
    const auto activate = [id, writer = m_writer](Connection& connection) -> Result<Shown> {
        const auto leaf = newestLeaf(connection, id);
        if (!leaf)
            return tl::unexpected(leaf.error());
        auto branch = readBranch(connection, *writer, *leaf);
        if (!branch)
            return tl::unexpected(branch.error());
        return changeConversation(connection, branch->last().conversation,
            "UPDATE conversations SET active_leaf = ? WHERE id = ?", *leaf)
            .map([&](const Conversation& now) { return Shown{*branch, now}; });
    };
    return m_database.write(activate).then(this, [this](const Result<Shown>& shown) {
        if (shown)
            emit conversationChanged(shown->conversation);
        return shown.map([](const Shown& s) { return s.branch; });
    });
}

} // namespace ponder::storage

#include "moc_conversation_store.cpp"
