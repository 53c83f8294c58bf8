#include "engine/text/conversation_shape.h"

#include <algorithm>
#include <utility>

#include "engine/base/blank.h"

namespace ponder {

namespace {

using Messages = std::vector<ChatMessage>;

constexpr std::string_view kBlankLine = "\n\n";

bool isSystem(const ChatMessage& message)
{
    return message.role == "system" || message.role == "developer";
}

void append(std::string& text, const std::string& more)
{
    if (!text.empty() && !more.empty())
        text += kBlankLine;
    text += more;
}

std::string systemPrompt(std::span<const ChatMessage> messages)
{
    std::string prompt;
    for (const ChatMessage& message : messages)
        if (isSystem(message))
            append(prompt, message.content);
    return prompt;
}

Messages withoutSystem(std::span<const ChatMessage> messages)
{
    Messages rest(messages.begin(), messages.end());
    std::erase_if(rest, isSystem);
    return rest;
}

/// The system prompt before the first question.
Messages folded(std::span<const ChatMessage> messages)
{
    Messages rest = withoutSystem(messages);
    std::string prompt = systemPrompt(messages);
    const auto first = std::ranges::find(rest, "user", &ChatMessage::role);
    if (first == rest.end()) {
        rest.insert(rest.begin(), {"user", std::move(prompt), {}});
        return rest;
    }
    append(prompt, first->content);
    first->content = std::move(prompt);
    return rest;
}

/// Roles that alternate, beginning with a question.
Messages alternating(std::span<const ChatMessage> messages)
{
    Messages shaped;
    for (const ChatMessage& message : messages) {
        if (message.role == "assistant" && isBlank(message.content))
            continue;
        if (!shaped.empty() && shaped.back().role == message.role) {
            append(shaped.back().content, message.content);
            append(shaped.back().reasoningContent, message.reasoningContent);
            continue;
        }
        shaped.push_back(message);
    }
    const auto first = std::ranges::find_if_not(shaped, isSystem);
    if (first != shaped.end() && first->role == "assistant")
        shaped.insert(first, {"user", {}, {}});
    return shaped;
}

std::string withoutSpace(std::string_view text)
{
    std::string bare;
    for (const char c : text)
        if (!isBlank({&c, 1}))
            bare += c;
    return bare;
}

/// The prompt has nothing of the system prompt.
bool leavesOut(const ChatTemplate& chatTemplate, const RenderedPrompt& prompt,
    std::span<const ChatMessage> messages, const RenderOptions& options)
{
    const std::string system = withoutSpace(utf8Repaired(systemPrompt(messages)));
    const auto hasIt = [&](std::string_view text) {
        return withoutSpace(text).find(system) != std::string::npos;
    };
    const auto saysIt = [&](const ChatMessage& message) {
        return !isSystem(message)
            && (hasIt(utf8Repaired(message.content))
                || hasIt(utf8Repaired(message.reasoningContent)));
    };
    // Where another message has the same words, finding them tells nothing.
    if (system.empty() || (hasIt(prompt.text) && std::ranges::none_of(messages, saysIt)))
        return false;
    // A template may write it in a way of its own; only one that writes the same without it leaves it out.
    const auto bare = chatTemplate.render(withoutSystem(messages), options);
    return bare && bare->text == prompt.text;
}

} // namespace

Result<RenderedPrompt> renderConversation(const ChatTemplate& chatTemplate,
    std::span<const ChatMessage> messages, const RenderOptions& options)
{
    auto asItIs = chatTemplate.render(messages, options);
    const bool hasSystem = std::ranges::any_of(messages, isSystem);
    if (asItIs && (!hasSystem || !leavesOut(chatTemplate, *asItIs, messages, options)))
        return asItIs;

    const Messages joined = alternating(messages);
    std::vector<Messages> shapes;
    if (hasSystem)
        shapes.push_back(folded(messages));
    if (!asItIs) {
        shapes.push_back(joined);
        if (hasSystem)
            shapes.push_back(folded(joined));
    }
    for (const Messages& shape : shapes) {
        auto rendered = chatTemplate.render(shape, options);
        const bool takesSystem = rendered
            && (!std::ranges::any_of(shape, isSystem)
                || !leavesOut(chatTemplate, *rendered, shape, options));
        if (takesSystem)
            return rendered;
    }
    if (!asItIs && hasSystem && chatTemplate.render(alternating(withoutSystem(messages)), options))
        asItIs.error().message
            += " It takes the conversation without a system prompt: clear the system prompt.";
    return asItIs;
}

} // namespace ponder
