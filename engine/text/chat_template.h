#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/file/model_file.h"
#include "engine/result.h"
#include "engine/text/thought_format.h"
#include "engine/text/tokenizer.h"

namespace ponder {

struct ChatMessage {
    std::string role; ///< "system", "user" or "assistant"
    std::string content; ///< for the assistant: the answer without its thought
    std::string
        reasoningContent; ///< the thought; templates of most models drop it from earlier turns
};

/// A value for a template's own variables, such as enable_thinking.
using TemplateValue = std::variant<bool, std::int64_t, double, std::string>;

struct RenderOptions {
    bool addGenerationPrompt = true;
    std::string bosToken; ///< as written: what {{ bos_token }} gives
    std::string eosToken;
    std::map<std::string, TemplateValue> variables;
    /// Characters to protect in the messages besides '<' and '>': Tokenizer::specialEdges().
    std::u32string protect;
    /// Off: the template sees the messages as they are, tags included, and literals is empty.
    bool protectMessages = true;
    std::optional<std::tm> now; ///< local time for strftime_now; none: the clock's

    // Bounds for hostile templates. Published ones take about 20 ms and 5 MB.
    std::chrono::milliseconds timeLimit{1500}; ///< of processor time
    std::size_t memoryLimit = 256u << 20; ///< bytes
    std::size_t outputLimit = 4u << 20; ///< bytes, beside four times what the messages have
};

struct RenderedPrompt {
    std::string text;
    /// Byte offsets in text, ascending, of characters that came from a message and look like an edge of a
    /// special token: for Tokenizer::encode, so that "<｜User｜>" typed by a person stays text.
    std::vector<std::size_t> literals;
    /// InThought: the prompt ends in an open "<think>" or its like (and whitespace), and the model goes on inside its
    /// thought; InAnswer: where a format shows it, behind the thought.
    ThoughtStart start = ThoughtStart::Undecided;
};

/// A model's chat template: Jinja as it stands in the model's file, rendered by @huggingface/jinja in
/// QuickJS, each time in a fresh interpreter with bounded time, memory and stack, and no access to anything.
///
/// Protection: in every message, characters that could begin or end a special token are shown to
/// the template as private-use stand-ins, which come back as themselves in the rendered text. So a template
/// may trim or join messages as it likes, and neither a tag typed by a person nor one quoted in an answer is
/// mistaken for its own (as by content.split('</think>')).
///
/// Immutable; any number of threads may render with one.
class ChatTemplate {
public:
    /// Fails with TemplateFailed where the source is no Jinja template, with the parser's reason.
    [[nodiscard]] static Result<ChatTemplate> create(std::string source);

    /// The template of the file ("tokenizer.chat_template"); where it has none, DeepSeek's, if the vocabulary
    /// has its tokens: R1's form with "<｜User｜>" and "<｜Assistant｜>", else V2's "User: … Assistant:".
    /// Fails as create().
    [[nodiscard]] static Result<ChatTemplate> fromModelFile(
        const ModelFile& file, const Tokenizer& tokenizer);

    /// Invalid UTF-8 in a message is shown as U+FFFD. Fails with TemplateFailed: the template refuses the
    /// conversation (with its reason), has a fault, or went past a bound.
    [[nodiscard]] Result<RenderedPrompt> render(
        std::span<const ChatMessage> messages, const RenderOptions& options = {}) const;

    [[nodiscard]] const std::string& source() const { return m_source; }

private:
    explicit ChatTemplate(std::string source);
    std::string m_source;
};

} // namespace ponder
