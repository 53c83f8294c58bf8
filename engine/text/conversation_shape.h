#pragma once

#include <span>

#include "engine/base/result.h"
#include "engine/text/chat_template.h"

namespace ponder {

/// Renders a conversation in a shape that the template takes. Templates are made for conversations without accidents: many
/// raise an exception where roles do not alternate, or where there is a system prompt, and some leave that out
/// without a word. Tried in this order, until the template takes one:
///
/// 1. as it is, with empty answers as empty turns;
/// 2. with the system prompt before the first question, a blank line between;
/// 3. without empty answers, and with neighbouring messages of one role as one, a blank line between;
/// 4. both of the last.
///
/// A system prompt that the template takes and leaves out counts as refused. Fails as ChatTemplate::render(), with the
/// error of the first shape; where there is a system prompt without which it would work, the sentence says so.
[[nodiscard]] Result<RenderedPrompt> renderConversation(const ChatTemplate& chatTemplate,
    std::span<const ChatMessage> messages, const RenderOptions& options = {});

} // namespace ponder
