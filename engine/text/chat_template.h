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

#include "engine/base/result.h"
#include "engine/file/model_file.h"
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

/// TemplateChoice::form: the form that the vocabulary's special tokens tell, whatever template the file brings.
inline constexpr std::string_view kTemplateByVocabulary = "auto";

/// With which template a person wants a model to be asked. Nothing given: the model's own.
struct TemplateChoice {
    std::string source; ///< Jinja of the person's own; blank: none
    std::string form; ///< kTemplateByVocabulary or a TemplateForm's id; empty: none

    bool operator==(const TemplateChoice&) const = default;
};

/// A model's chat template: Jinja as it stands in the model's file, rendered as Python's Jinja renders it (jinja/*.js) in
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

    /// The template that was chosen; without a choice, the file's ("tokenizer.chat_template"). Where the file has none,
    /// a blank one, or one that cannot write a question, the form that the vocabulary's special tokens tell
    /// (template_forms.h), else plain text; remark() says so.
    /// Fails as create() where what was chosen cannot be read, with InvalidArgument where there is no such form.
    [[nodiscard]] static Result<ChatTemplate> fromModelFile(
        const ModelFile& file, const Tokenizer& tokenizer, const TemplateChoice& choice = {});

    /// Invalid UTF-8 in a message is shown as U+FFFD. Fails with TemplateFailed: the template refuses the
    /// conversation (with its reason), has a fault, or went past a bound.
    [[nodiscard]] Result<RenderedPrompt> render(
        std::span<const ChatMessage> messages, const RenderOptions& options = {}) const;

    [[nodiscard]] const std::string& source() const { return m_source; }

    /// Which it is, for people: "the model's own", "the ChatML form", "plain text", "a template of your own".
    [[nodiscard]] const std::string& name() const { return m_name; }

    /// Sentences where it is not what the file brings, and nobody chose it; else empty.
    [[nodiscard]] const std::string& remark() const { return m_remark; }

private:
    explicit ChatTemplate(std::string source);
    ChatTemplate named(std::string name, std::string remark) &&;
    [[nodiscard]] Result<ChatTemplate> tried() const;
    std::string m_source;
    bool m_takesParts = false; ///< a message's content as a list of parts, and not as text
    std::string m_name = "the model's own";
    std::string m_remark;
};

} // namespace ponder
