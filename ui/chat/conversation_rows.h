#pragma once

#include "engine/text/chat_template.h"
#include "storage/conversations/conversation.h"
#include "ui/chat/message_list_model.h"

#include <QList>
#include <QString>

#include <vector>

namespace ponder {

/// A stored message as the window shows it.
[[nodiscard]] MessageRow rowOf(const storage::Message& message);

/// A stored branch as the window shows it; system messages are left out.
[[nodiscard]] QList<MessageRow> rowsOf(const QList<storage::Message>& branch);

/// An answer that has just begun, with all that `ended` had come to, to go on from there: its thought where
/// that had no answer yet, else its answer. White space at the end is left to the model, as by ChatRequest.
[[nodiscard]] MessageRow goneOnFrom(const MessageRow& ended, MessageRow begun);

/// The message `step` places after (before, where negative) `id` among those with the same parent; 0:
/// there is none.
[[nodiscard]] storage::MessageId siblingOf(
    const QList<storage::TreeNode>& tree, storage::MessageId id, int step);

/// A conversation as the engine takes it: the system prompt first unless it is blank, then the
/// branch up to the question. A branch that begins with a system message has its own system prompt,
/// which stands in the place of `systemPrompt`. A question that was too long for the context is left out together with its failed
/// answer. Answers without a word stay, so that roles alternate: see conversation_shape.h.
[[nodiscard]] std::vector<ChatMessage> engineMessages(
    const QString& systemPrompt, const QList<storage::Message>& branch);

/// A title for a conversation that begins with this question: its first line or sentence without
/// mark-up, cut between words.
[[nodiscard]] QString titleFor(const QString& question);

} // namespace ponder
