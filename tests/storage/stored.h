#pragma once

#include "storage/conversations/answer_writer.h"
#include "storage/conversations/conversation_store.h"
#include "storage/conversations/conversation_table.h"
#include "storage/conversations/message_table.h"
#include "storage/database/database.h"
#include "storage/database/sqlite.h"
#include "storage/ponder_schema.h"
#include "tests/storage/await.h"

namespace ponder::storage {

// Conversations made message by message, which the window never does. No store tells of them.

inline Conversation addConversation(
    Database& database, const QString& title, const QJsonObject& settings = {})
{
    return mustGive(database.write(
        [=](Connection& connection) { return insertConversation(connection, title, settings); }));
}

/// Adds a message that has begun (an answer in state Streaming) or is whole.
inline Future<Message> tryToAdd(Database& database, const Message& message)
{
    return database.write([message](Connection& connection) -> Result<Message> {
        if (const auto there = readConversation(connection, message.conversation); !there)
            return tl::unexpected(there.error());
        const auto id = insertMessage(connection, message);
        if (!id)
            return tl::unexpected(id.error());
        return readMessage(connection, AnswerWriter(), *id);
    });
}

inline Message questionIn(ConversationId conversation, MessageId parent, const QString& text)
{
    Message message;
    message.conversation = conversation;
    message.parent = parent;
    message.parts = {textPart(text)};
    return message;
}

inline Message addQuestion(
    Database& database, ConversationId conversation, MessageId parent, const QString& text)
{
    return mustGive(tryToAdd(database, questionIn(conversation, parent, text)));
}

inline Message addSystemMessage(
    Database& database, ConversationId conversation, MessageId parent, const QString& text)
{
    Message message = questionIn(conversation, parent, text);
    message.role = Role::System;
    return mustGive(tryToAdd(database, message));
}

inline Message beginAnswer(Database& database, ConversationId conversation, MessageId parent)
{
    Message message;
    message.conversation = conversation;
    message.parent = parent;
    message.role = Role::Assistant;
    message.state = MessageState::Streaming;
    return mustGive(tryToAdd(database, message));
}

/// A whole answer, as the window stores it.
inline Message addAnswer(Database& database, ConversationStore& store, ConversationId conversation,
    MessageId parent, const QString& text, const QString& reasoning = {})
{
    const MessageId id = beginAnswer(database, conversation, parent).id;
    store.appendToMessage(id, reasoning, text);
    return mustGive(store.finishMessage(id, {}));
}

/// A message as the store sees it, which shows its branch for that.
inline Message messageOf(ConversationStore& store, MessageId id)
{
    for (const Message& message : mustGive(store.activateBranch(id))) {
        if (message.id == id)
            return message;
    }
    return {};
}

} // namespace ponder::storage
