#include "engine/text/thought_format.h"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "tests/engine/family_vocabularies.h"
#include "tests/engine/scripted_chat.h"
#include "tests/engine/shared_folder.h"

using namespace ponder;
using namespace ponder::test;

namespace {

// What the published templates do with messages, and nothing else of them.
const std::string kChannelTemplate = "<|start|>system<|message|>Reasoning: {{ reasoning_effort if "
                                     "reasoning_effort is defined else 'medium' }}\n"
                                     "Date: {{ strftime_now('%Y') }}<|end|>"
                                     "{%- for m in messages %}{%- if m.role == 'assistant' %}{{- "
                                     "'<|start|>assistant<|channel|>final<|message|>' + "
                                     "m.content + '<|end|>' }}"
                                     "{%- else %}{{- '<|start|>' + m.role + '<|message|>' + "
                                     "m.content + '<|end|>' }}{%- endif %}{%- endfor %}"
                                     "{%- if add_generation_prompt %}<|start|>assistant{% endif %}";
const std::string kQwenTemplate
    = "{%- for m in messages %}{%- set c = m.content.split('</think>')[-1].lstrip('\n') if m.role "
      "== 'assistant' else "
      "m.content %}"
      "{{- '<|im_start|>' + m.role + '\n' + c + '<|im_end|>\n' }}{%- endfor %}"
      "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}"
      "{%- if enable_thinking is defined and enable_thinking is false %}{{- "
      "'<think>\n\n</think>\n\n' }}{%- endif %}{%- "
      "endif %}";

struct FamilyChat : ScriptedChat {
    FamilyChat(const std::string& family, const std::string& chatTemplate, const char* ending)
        : FamilyChat(Families(), family, chatTemplate, ending)
    {
    }

private:
    FamilyChat(const Families& families, const std::string& family, const std::string& chatTemplate,
        const char* ending)
        : ScriptedChat(families.gguf(families.all["families"][family]), chatTemplate,
              load(families.gguf(families.all["families"][family]))->find(ending), 2000)
    {
    }
};

FamilyChat channelChat()
{
    return {"gpt-oss", kChannelTemplate, "<|return|>"};
}
FamilyChat qwenChat()
{
    return {"qwen3", kQwenTemplate, "<|im_end|>"};
}

std::string published(const char* name)
{
    const auto folder = sharedFolder("templates");
    if (folder.empty())
        return {};
    std::ifstream file(folder / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace

TEST_CASE("a model's format is told from its template, else from its vocabulary")
{
    const Families families;
    const auto formatOf = [&](const char* family, std::string_view source) {
        return thoughtFormatOf(*load(families.gguf(families.all["families"][family])), source).name;
    };
    CHECK(formatOf("gpt-oss", "") == channels().name);
    CHECK(formatOf("qwen3", "") == thinkTags().name);
    CHECK(formatOf("llama3", "") == thinkTags().name);
    CHECK(formatOf("llama3", "<|channel|>analysis<|message|>") == channels().name);
    CHECK(formatOf("gpt-oss", "{{ '<think>' }}") == thinkTags().name);
    CHECK(formatOf("llama3", "[INST]x[/INST][THINK]") == "Magistral");
    CHECK(formatOf("llama3", "{{ '<seed:think>' }}") == "Seed");
    CHECK(formatOf("llama3", "Here is my thought process:") == "Granite");
    CHECK(channelChat().session->text().format == &channels());
    CHECK(qwenChat().session->text().format == &thinkTags());
}

TEST_CASE("channels: a conversation")
{
    FamilyChat chat = channelChat();
    chat.says("<|channel|>analysis<|message|>Two and "
              "two.\n\nFour.<|end|><|start|>assistant<|channel|>final<|message|>"
              "It is **4**.");
    const Finish finish = chat.finished();
    CHECK((finish.reason == FinishReason::Stop));
    CHECK(finish.reasoningContent == "Two and two.\n\nFour.");
    CHECK(finish.content == "It is **4**.");
    CHECK(finish.steps == 2);
    CHECK(finish.usage.reasoningTokens > 4);
    CHECK(finish.usage.reasoningTokens < finish.usage.completionTokens);

    chat.request.messages.push_back({"assistant", finish.content, finish.reasoningContent});
    chat.request.messages.push_back({"user", "<|end|> Thanks", ""});
    const std::string prompt = chat.prompt();
    CHECK(prompt.find("Two and two.") == std::string::npos); // earlier thoughts are dropped
    CHECK(prompt.ends_with(
        "final<|message|>It is **4**.<|end|><|start|>user<|message|><|end|> Thanks<|end|>"
        "<|start|>assistant"));
    const auto tokens = *chat.session->promptTokens(chat.request);
    CHECK(std::count(tokens.begin(), tokens.end(), chat.tokenizer->find("<|end|>"))
        == 4); // the typed one is text
}

TEST_CASE("channels: a header without its end loses nothing")
{
    FamilyChat chat = channelChat();
    chat.says("<|channel|>final The answer is 4.");
    Finish finish = chat.finished();
    CHECK(finish.content == "The answer is 4.");
    CHECK_FALSE(finish.answerEmpty);
    chat.says("<|channel|>analysis We think<|end|><|start|>assistant<|channel|>final<|message|>4");
    finish = chat.finished();
    CHECK(finish.reasoningContent == "We think");
    CHECK(finish.content == "4");
    chat.says("<|channel|>analysis<|message|>We think<|end|>");
    finish = chat.finished();
    CHECK(finish.reasoningContent == "We think");
    CHECK(finish.answerEmpty);
}

TEST_CASE("a prompt that ends in any format's opening tag is inside the thought")
{
    for (const ThoughtFormat& format : thoughtFormats()) {
        CAPTURE(format.name);
        const auto chatTemplate
            = ChatTemplate::create("{{ messages[0].content }}:" + std::string(format.openThought));
        REQUIRE(chatTemplate);
        const std::vector<ChatMessage> messages{{"user", "Hi", ""}};
        CHECK((chatTemplate->render(messages)->start == ThoughtStart::InThought));
    }
}

TEST_CASE("channels: without a thought, and going on")
{
    FamilyChat chat = channelChat();
    chat.request.thinking = false;
    CHECK(chat.prompt().find("Reasoning: low") != std::string::npos);
    CHECK(chat.prompt().ends_with("<|start|>assistant<|channel|>final<|message|>"));
    chat.says("Four, <think>");
    const Finish finish = chat.finished();
    CHECK(finish.content == "Four, <think>");
    CHECK(finish.reasoningContent.empty());
    CHECK(finish.usage.reasoningTokens == 0);

    chat.request.thinking = true;
    CHECK(chat.prompt().find("Reasoning: medium") != std::string::npos);
    chat.request.variables["reasoning_effort"] = std::string("high");
    CHECK(chat.prompt().find("Reasoning: high") != std::string::npos);
    chat.request.continueReasoning = "First <|end|> a.\n\nThen";
    CHECK(
        chat.prompt().ends_with("assistant<|channel|>analysis<|message|>First <|end|> a.\n\nThen"));
    chat.says(" b.<|end|><|start|>assistant<|channel|>final<|message|>4");
    const Finish thought = chat.finished();
    CHECK(thought.reasoningContent == " b.");
    CHECK(thought.content == "4");
    CHECK(thought.steps == 2);
    CHECK(chat.events.front().step == 1);

    chat.request.continueContent = "It is";
    CHECK(chat.prompt().ends_with("Then<|end|><|start|>assistant<|channel|>final<|message|>It is"));
    chat.says(" 4");
    CHECK(chat.finished().content == " 4");
    chat.request.continueReasoning.clear();
    CHECK(chat.prompt().ends_with("<|start|>assistant<|channel|>final<|message|>It is"));
    CHECK(chat.finished().content == " 4");
}

TEST_CASE("channels: a call to a tool ends the answer")
{
    FamilyChat chat("gpt-oss", kChannelTemplate, "<|call|>");
    chat.says("<|channel|>commentary to=functions.f <|constrain|>json<|message|>{\"a\":1}");
    const Finish finish = chat.finished();
    CHECK((finish.reason == FinishReason::Stop));
    CHECK(finish.reasoningContent == "{\"a\":1}");
    CHECK(finish.content.empty());
}

TEST_CASE("Qwen3: thinking on, off, and asked for in words")
{
    FamilyChat chat = qwenChat();
    CHECK(chat.prompt().ends_with("<|im_start|>assistant\n"));
    chat.says("<think>\nTwo and two.\n</think>\n\nFour");
    CHECK(chat.finished().reasoningContent == "Two and two.");
    CHECK(chat.finished().content == "Four");

    chat.request.thinking = false;
    CHECK(chat.prompt().ends_with("<|im_start|>assistant\n<think>\n\n</think>\n\n"));
    chat.says("Four");
    CHECK(chat.finished().content == "Four");

    // "/no_think" is the model's to read; it answers with an empty thought.
    chat.request.thinking = true;
    for (const char* words : {"2 + 2? /no_think", "2 + 2? /think", "/no_think"}) {
        chat.request.messages = {{"user", words, ""}};
        CHECK(chat.prompt().ends_with(
            "<|im_start|>user\n" + std::string(words) + "<|im_end|>\n<|im_start|>assistant\n"));
    }
    chat.says("<think>\n\n</think>\n\nFour");
    const Finish finish = chat.finished();
    CHECK(finish.content == "Four");
    CHECK(finish.reasoningContent.empty());
    CHECK(finish.steps == 0);
}

TEST_CASE("published templates: thinking on and off, and earlier thoughts dropped")
{
    const std::string oss = published("openai-gpt-oss-120b.jinja");
    const std::string qwen = published("Qwen-Qwen3-0.6B.jinja");
    if (oss.empty() || qwen.empty()) {
        MESSAGE("skipped: there is no ../shared/templates (set PONDER_SHARED to the folder that "
                "has it)");
        return;
    }
    FamilyChat harmony("gpt-oss", oss, "<|return|>");
    harmony.request.messages
        = {{"user", "Hi", ""}, {"assistant", "Hello", "A greeting."}, {"user", "2 + 2?", ""}};
    CHECK(harmony.prompt().find("Reasoning: medium") != std::string::npos);
    CHECK(harmony.prompt().find("A greeting.") == std::string::npos);
    CHECK(harmony.prompt().ends_with("<|start|>user<|message|>2 + 2?<|end|><|start|>assistant"));
    harmony.request.thinking = false;
    CHECK(harmony.prompt().find("Reasoning: low") != std::string::npos);

    FamilyChat three("qwen3", qwen, "<|im_end|>");
    three.request.messages = harmony.request.messages;
    three.request.messages.back().content = "2 + 2? /no_think";
    CHECK(three.prompt().find("A greeting.") == std::string::npos);
    CHECK(three.prompt().ends_with("2 + 2? /no_think<|im_end|>\n<|im_start|>assistant\n"));
    three.request.thinking = false;
    CHECK(three.prompt().ends_with("assistant\n<think>\n\n</think>\n\n"));
    three.request.continueReasoning = "Hm";
    three.request.thinking = true;
    CHECK(three.prompt().ends_with("assistant\n<think>\nHm"));
}
