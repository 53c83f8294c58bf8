#pragma once

#include "engine/text/chat_template.h"
#include "storage/conversation.h"
#include "ui/chat/message_list_model.h"

#include <QList>
#include <QString>

#include <vector>

namespace ponder {

/// A stored message as the window shows it.
[[nodiscard]] MessageRow rowOf(const storage::Message& message);

/// A stored branch as the window shows it; system messages are left out.
[[nodiscard]] QList<MessageRow> rowsOf(const QList<storage::Message>& branch);

/// A conversation as the engine takes it: the system prompt first unless it is blank, then the
/// rows up to the question. Answers that failed before their first word are left out.
[[nodiscard]] std::vector<ChatMessage> engineMessages(
    const QString& systemPrompt, const QList<MessageRow>& rows);

/// A title for a conversation that begins with this question: its first line or sentence without
/// mark-up, cut between words.
[[nodiscard]] QString titleFor(const QString& question);

} // namespace ponder
