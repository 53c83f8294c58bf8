#include "storage/conversations/conversation_store.h"

#include "storage/conversations/answer_writer.h"
#include "storage/conversations/conversation_table.h"
#include "storage/conversations/message_table.h"
#include "storage/database/compression.h"
#include "storage/database/database.h"
#include "storage/database/json.h"
#include "storage/database/sqlite.h"
#include "storage/search/message_index.h"

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

Result<Conversation> insertConversation(
    Connection& connection, const QString& title, const QJsonObject& settings)
{
    const auto now = QDateTime::currentDateTime();
    if (auto inserted = connection.run("INSERT INTO conversations "
                                       "(title, created, updated, settings_json, activity) "
                                       "SELECT ?, ?, ?, ?, coalesce(max(activity), 0) + 1 "
                                       "FROM conversations",
            title, now, now, toJson(settings));
        !inserted)
        return tl::unexpected(inserted.error());
    return readConversation(connection, connection.lastInsertId());
}

/// Into a conversation that is there.
Result<Placed> place(Connection& connection, AnswerWriter& writer, const Message& message)
{
    const auto id = insertMessage(connection, message);
    if (!id)
        return tl::unexpected(id.error());
    auto added = readMessage(connection, writer, *id);
    if (!added)
        return tl::unexpected(added.error());
    return readConversation(connection, message.conversation).map([&](const Conversation& now) {
        return Placed{*added, now};
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

/// Emits conversationChanged() on the GUI thread before the caller's continuation runs.
template <typename Job> Future<Conversation> ConversationStore::change(Job job)
{
    return m_database.write(std::move(job)).then(this, [this](const Result<Conversation>& changed) {
        if (changed)
            emit conversationChanged(*changed);
        return changed;
    });
}

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

Future<QList<Conversation>> ConversationStore::searchTitles(const QString& words)
{
    return m_database.run([words](Connection& connection) {
        return listConversations(connection, Include::Present)
            .map([&](const QList<Conversation>& all) { return withTitlesLike(all, words); });
    });
}

Future<QList<SearchHit>> ConversationStore::searchMessages(const QString& words, int limit)
{
    return m_database.run([words, limit](Connection& connection) {
        return findInMessages(connection, words, limit);
    });
}

Future<Conversation> ConversationStore::createConversation(
    const QString& title, const QJsonObject& settings)
{
    const auto insert = [title, settings](Connection& connection) -> Result<Conversation> {
        return insertConversation(connection, title, settings);
    };
    return m_database.write(insert).then(this, [this](const Result<Conversation>& created) {
        if (created)
            emit conversationAdded(*created);
        return created;
    });
}

Future<Message> ConversationStore::beginConversation(const QString& title, const QString& question)
{
    const auto insert
        = [title, question, writer = m_writer](Connection& connection) -> Result<Placed> {
        const auto conversation = insertConversation(connection, title, {});
        if (!conversation)
            return tl::unexpected(conversation.error());
        Message message;
        message.conversation = conversation->id;
        message.text = question;
        return place(connection, *writer, message);
    };
    return m_database.write(insert).then(this, [this](const Result<Placed>& placed) {
        if (placed)
            emit conversationAdded(placed->conversation);
        return placed.map([](const Placed& p) { return p.message; });
    });
}

Future<Conversation> ConversationStore::renameConversation(ConversationId id, const QString& title)
{
    return change([id, title](Connection& connection) {
        return changeConversation(
            connection, id, "UPDATE conversations SET title = ? WHERE id = ?", title);
    });
}

Future<Conversation> ConversationStore::setConversationSettings(
    ConversationId id, const QJsonObject& settings)
{
    return change([id, settings](Connection& connection) {
        return changeConversation(connection, id,
            "UPDATE conversations SET settings_json = ? WHERE id = ?", toJson(settings));
    });
}

Future<Conversation> ConversationStore::setArchived(ConversationId id, bool archived)
{
    return change([id, archived](Connection& connection) {
        return changeConversation(
            connection, id, "UPDATE conversations SET archived = ? WHERE id = ?", archived);
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
        return eraseConversations(
            connection, "SELECT id FROM conversations WHERE id = ? AND deleted IS NOT NULL", id)
            .map([](int) { });
    };
    return m_database.write(erase).then(this, [this](const Result<void>& erased) {
        if (erased)
            emit binChanged();
        return erased;
    });
}

Future<int> ConversationStore::emptyBin()
{
    const auto erase = [](Connection& connection) {
        return eraseConversations(
            connection, "SELECT id FROM conversations WHERE deleted IS NOT NULL");
    };
    return m_database.write(erase).then(this, [this](const Result<int>& erased) {
        if (erased)
            emit binChanged();
        return erased;
    });
}

Future<int> ConversationStore::purgeDeleted(const QDateTime& moment)
{
    return m_database.write([moment](Connection& connection) -> Result<int> {
        return eraseConversations(
            connection, "SELECT id FROM conversations WHERE deleted < ?", moment);
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

Future<QList<Message>> ConversationStore::branch(MessageId leaf)
{
    return m_database.run([leaf, writer = m_writer](Connection& connection) {
        return readBranch(connection, *writer, leaf);
    });
}

Future<Message> ConversationStore::message(MessageId id)
{
    return m_database.run([id, writer = m_writer](Connection& connection) {
        return readMessage(connection, *writer, id);
    });
}

Future<QList<Message>> ConversationStore::siblings(MessageId id)
{
    return m_database.run([id, writer = m_writer](Connection& connection) {
        return readSiblings(connection, *writer, id);
    });
}

Future<QByteArray> ConversationStore::tokenStatistics(MessageId id)
{
    return m_database.run([id](Connection& connection) -> Result<QByteArray> {
        Query row(connection, "SELECT zstd FROM token_statistics WHERE message = ?", id);
        if (row.next())
            return decompress(row.bytes(0));
        if (row.failed())
            return row.failure();
        return QByteArray();
    });
}

Future<Message> ConversationStore::add(const Message& message)
{
    const auto insert = [message, writer = m_writer](Connection& connection) -> Result<Placed> {
        if (auto there = readConversation(connection, message.conversation); !there)
            return tl::unexpected(there.error());
        return place(connection, *writer, message);
    };
    return m_database.write(insert).then(this, [this](const Result<Placed>& placed) {
        if (placed)
            emit conversationChanged(placed->conversation);
        return placed.map([](const Placed& p) { return p.message; });
    });
}

Future<Message> ConversationStore::addUserMessage(
    ConversationId conversation, MessageId parent, const QString& text)
{
    Message message;
    message.conversation = conversation;
    message.parent = parent;
    message.role = Role::User;
    message.text = text;
    return add(message);
}

Future<Message> ConversationStore::beginAnswer(
    ConversationId conversation, MessageId parent, const AnswerStart& start)
{
    Message message;
    message.conversation = conversation;
    message.parent = parent;
    message.role = Role::Assistant;
    message.state = MessageState::Streaming;
    message.modelName = start.modelName;
    message.modelFingerprint = start.modelFingerprint;
    message.seed = start.seed;
    message.sampling = start.sampling;
    return add(message);
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
