#include "engine/text/chat_template.h"

#include <algorithm>
#include <ctime>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/blank.h"
#include "engine/text/script_engine.h"
#include "engine/text/template_forms.h"
#include "engine/text/template_scripts.h"

namespace ponder {

namespace {

using Json = nlohmann::ordered_json;

/// Calls visit(character, its bytes) for every character of valid UTF-8.
template <typename Visit> void eachCharacter(std::string_view text, Visit&& visit)
{
    while (!text.empty()) {
        const std::size_t length = std::max<std::size_t>(utf8Length(text), 1);
        visit(utf8Decode(text.substr(0, length)), text.substr(0, length));
        text.remove_prefix(length);
    }
}

bool isPrivateUse(char32_t c)
{
    return (c >= 0xE000 && c <= 0xF8FF) || (c >= 0xF0000 && c <= 0xFFFFD)
        || (c >= 0x100000 && c <= 0x10FFFD);
}

/// Characters and their stand-ins: private-use characters that occur in none of the texts.
class StandIns {
public:
    void avoid(std::string_view validText)
    {
        eachCharacter(validText, [&](char32_t c, std::string_view) {
            if (isPrivateUse(c))
                m_taken.insert(c);
        });
    }

    /// False where there are no free private-use characters.
    [[nodiscard]] bool choose(std::u32string_view characters)
    {
        char32_t next = 0xE000;
        for (const char32_t character : characters) {
            if (m_standInOf.contains(character))
                continue;
            while (next <= 0x10FFFD && (!isPrivateUse(next) || m_taken.contains(next)))
                ++next;
            if (next > 0x10FFFD)
                return false;
            m_standInOf.emplace(character, next);
            m_original.emplace(next++, character);
        }
        return true;
    }

    [[nodiscard]] std::string protect(std::string_view validText) const
    {
        std::string text;
        eachCharacter(validText, [&](char32_t c, std::string_view bytes) {
            if (const auto standIn = m_standInOf.find(c); standIn != m_standInOf.end())
                utf8Append(text, standIn->second);
            else
                text += bytes;
        });
        return text;
    }

    /// Puts the characters back, and notes where.
    [[nodiscard]] RenderedPrompt restore(std::string_view rendered) const
    {
        RenderedPrompt prompt;
        eachCharacter(rendered, [&](char32_t c, std::string_view bytes) {
            if (const auto original = m_original.find(c); original != m_original.end()) {
                prompt.literals.push_back(prompt.text.size());
                utf8Append(prompt.text, original->second);
            } else {
                prompt.text += bytes;
            }
        });
        return prompt;
    }

private:
    std::unordered_set<char32_t> m_taken;
    std::unordered_map<char32_t, char32_t> m_standInOf;
    std::unordered_map<char32_t, char32_t> m_original;
};

Json toJson(const TemplateValue& value)
{
    return std::visit([](const auto& v) { return Json(v); }, value);
}

std::string clockJson(const std::optional<std::tm>& given)
{
    std::tm now{};
    if (given) {
        now = *given;
    } else {
        const std::time_t seconds = std::time(nullptr);
        localtime_r(&seconds, &now);
    }
    std::tm dated
        = now; // with the day of the week and of the year, which a given time need not have
    timegm(&dated);
    return Json{{"year", now.tm_year + 1900}, {"month", now.tm_mon}, {"day", now.tm_mday},
        {"hours", now.tm_hour}, {"minutes", now.tm_min}, {"seconds", now.tm_sec},
        {"weekday", dated.tm_wday}, {"yearday", dated.tm_yday}}
        .dump();
}

/// The prompt ends in `marker` and whitespace, and the marker is the template's own.
bool endsIn(const RenderedPrompt& prompt, std::string_view marker)
{
    const std::size_t end = prompt.text.find_last_not_of(" \t\r\n") + 1;
    const std::string_view text = std::string_view(prompt.text).substr(0, end);
    return !marker.empty() && text.ends_with(marker)
        && !std::binary_search(prompt.literals.begin(), prompt.literals.end(), end - marker.size());
}

ThoughtStart startOf(const RenderedPrompt& prompt)
{
    for (const ThoughtFormat& format : thoughtFormats()) {
        if (endsIn(prompt, format.thoughtOpened)
            || (!format.label.empty()
                && endsIn(prompt, std::string(format.thoughtOpened).append(format.label))))
            return ThoughtStart::InThought;
        if (endsIn(prompt, format.answerOpened))
            return ThoughtStart::InAnswer;
    }
    return ThoughtStart::Undecided;
}

/// The template that a file brings; of several with names, the one for chats. Empty where there is none.
std::string templateIn(const ModelFile& file)
{
    constexpr std::string_view kKey = "tokenizer.chat_template";
    std::string source(file.getString(kKey).value_or(""));
    const auto names = file.getStrings("tokenizer.chat_templates");
    for (std::size_t i = 0; isBlank(source) && names && i < names->size(); ++i) {
        const std::string_view name = (*names)[i];
        if (name != "tool_use" && name != "rag")
            source = file.getString(std::string(kKey) + '.' + std::string(name)).value_or("");
    }
    return source;
}

/// Small letters of a text, without what a template may change: case and white space.
std::string lettersOf(std::string_view text)
{
    std::string letters;
    for (const char c : text) {
        const char small = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        if (small >= 'a' && small <= 'z')
            letters += small;
    }
    return letters;
}

std::string describe(const TemplateForm& form)
{
    return isPlainText(form) ? "plain text" : "the " + std::string(form.name) + " form";
}

std::string insteadOf(const TemplateForm& form)
{
    if (isPlainText(form))
        return "Its special tokens tell no form either, so it is asked in plain text (\"User: "
               "…\"), and "
               "may answer badly: give it a template of your own.";
    return "It is asked in the " + std::string(form.name) + " form, which its special tokens tell.";
}

std::string templateFormIds()
{
    std::string ids(kTemplateByVocabulary);
    for (const TemplateForm& form : templateForms())
        ids += ", " + std::string(form.id);
    return ids;
}

tl::unexpected<Error> templateFailure(const char* what, Error error)
{
    error.message = what + utf8Repaired(error.message) + ".";
    return tl::unexpected(std::move(error));
}

} // namespace

ChatTemplate::ChatTemplate(std::string source)
    : m_source(std::move(source))
{
}

Result<ChatTemplate> ChatTemplate::create(std::string source)
{
    source = utf8Repaired(source);
    auto engine = ScriptEngine::create({});
    if (!engine)
        return tl::unexpected(engine.error());
    auto checked = engine->run(kTemplateScript, "template");
    if (checked)
        checked = engine->call("checkTemplate", {source}).map([](const std::string&) { });
    if (!checked)
        return templateFailure("The model's chat template cannot be read: ", checked.error());
    return ChatTemplate(std::move(source));
}

ChatTemplate ChatTemplate::named(std::string name, std::string remark) &&
{
    m_name = std::move(name);
    m_remark = std::move(remark);
    return std::move(*this);
}

Result<ChatTemplate> ChatTemplate::fromModelFile(
    const ModelFile& file, const Tokenizer& tokenizer, const TemplateChoice& choice)
{
    if (!isBlank(choice.source))
        return create(choice.source).map([](ChatTemplate made) {
            return made.tried().value_or(made).named("a template of your own", {});
        });
    const TemplateForm& told = templateFormOf(tokenizer);
    if (!choice.form.empty()) {
        const TemplateForm* form
            = choice.form == kTemplateByVocabulary ? &told : findTemplateForm(choice.form);
        if (form == nullptr)
            return fail(ErrorCode::InvalidArgument,
                "There is no form of chat template called \"" + utf8Repaired(choice.form)
                    + "\". There are " + templateFormIds() + ".");
        return create(sourceOf(*form, tokenizer)).map([&](ChatTemplate made) {
            return std::move(made).named(describe(*form), {});
        });
    }
    const std::string source = templateIn(file);
    std::string problem = "This model brings no chat template";
    if (!isBlank(source)) {
        auto own = create(source);
        if (own)
            own = own->tried();
        if (own)
            return own;
        problem = own.error().message;
        if (problem.ends_with('.'))
            problem.pop_back();
    }
    return create(sourceOf(told, tokenizer)).map([&](ChatTemplate made) {
        return std::move(made).named(describe(told), problem + ". " + insteadOf(told));
    });
}

/// The same, with content in the shape that it takes, unless it cannot write even the simplest conversation.
Result<ChatTemplate> ChatTemplate::tried() const
{
    const ChatMessage question{"user", "How many moons does Saturn have?", {}};
    const auto writesIt = [&](const Result<RenderedPrompt>& prompt) {
        return prompt
            && lettersOf(prompt->text).find(lettersOf(question.content)) != std::string::npos;
    };
    const auto prompt = render(std::span(&question, 1));
    if (writesIt(prompt))
        return *this;
    // A template for models that see pictures, too, may read nothing but a list of parts.
    ChatTemplate parts = *this;
    parts.m_takesParts = true;
    if (writesIt(parts.render(std::span(&question, 1))))
        return parts;
    if (!prompt)
        return tl::unexpected(prompt.error());
    return fail(ErrorCode::TemplateFailed,
        isBlank(prompt->text) ? "The model's chat template writes nothing of a conversation."
                              : "The model's chat template leaves out the question.");
}

Result<RenderedPrompt> ChatTemplate::render(
    std::span<const ChatMessage> messages, const RenderOptions& options) const
{
    StandIns standIns;
    if (options.protectMessages) {
        standIns.avoid(m_source);
        standIns.avoid(utf8Repaired(options.bosToken));
        standIns.avoid(utf8Repaired(options.eosToken));
        for (const auto& [name, value] : options.variables)
            if (const auto* text = std::get_if<std::string>(&value))
                standIns.avoid(utf8Repaired(*text));
        for (const ChatMessage& message : messages) {
            standIns.avoid(utf8Repaired(message.content));
            standIns.avoid(utf8Repaired(message.reasoningContent));
        }
        if (!standIns.choose(U"<>" + options.protect))
            return fail(ErrorCode::TemplateFailed,
                "The conversation uses every private-use character there is, so it cannot be shown "
                "safely to the model.");
    }

    Json list = Json::array();
    for (const ChatMessage& message : messages) {
        Json content = standIns.protect(utf8Repaired(message.content));
        if (m_takesParts)
            content = Json::array({Json{{"type", "text"}, {"text", std::move(content)}}});
        Json entry{{"role", utf8Repaired(message.role)}, {"content", std::move(content)}};
        if (!message.reasoningContent.empty())
            entry["reasoning_content"] = standIns.protect(utf8Repaired(message.reasoningContent));
        list.push_back(std::move(entry));
    }
    Json variables{{"messages", std::move(list)},
        {"add_generation_prompt", options.addGenerationPrompt}, {"tools", nullptr},
        {"documents", nullptr}};
    variables["bos_token"] = utf8Repaired(options.bosToken);
    variables["eos_token"] = utf8Repaired(options.eosToken);
    for (const auto& [name, value] : options.variables)
        variables[utf8Repaired(name)] = toJson(value);
    const std::string json = variables.dump(-1, ' ', false, Json::error_handler_t::replace);

    auto engine = ScriptEngine::create({options.timeLimit, options.memoryLimit});
    if (!engine)
        return tl::unexpected(engine.error());
    auto prepared = engine->run(kTemplateScript, "template");
    Result<std::string> rendered = prepared
        ? engine->call("renderTemplate", {m_source, clockJson(options.now), json})
        : Result<std::string>(tl::unexpected(prepared.error()));
    if (!rendered)
        return templateFailure(
            "The model's chat template could not write this conversation: ", rendered.error());

    if (rendered->size() > options.outputLimit + json.size() * 4)
        return fail(ErrorCode::TemplateFailed,
            "The model's chat template made " + std::to_string(rendered->size() >> 20)
                + " MB of this conversation, which no model could read.");

    // A template that cuts a character in two leaves a lone surrogate, which is no UTF-8.
    RenderedPrompt prompt = standIns.restore(utf8Repaired(*rendered));
    if (options.addGenerationPrompt)
        prompt.start = startOf(prompt);
    return prompt;
}

} // namespace ponder
