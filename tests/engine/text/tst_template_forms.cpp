#include "engine/text/template_forms.h"

#include <doctest/doctest.h>

#include "engine/generate/chat_session.h"
#include "tests/engine/contains.h"
#include "tests/engine/special_vocabulary.h"

using namespace ponder;
using namespace ponder::test;

namespace {

struct Asked {
    std::string name;
    std::string remark;
    std::string prompt;
};

Asked ask(const GgufBytes& built, const TemplateChoice& choice = {},
    std::vector<ChatMessage> messages = {{"system", "Be brief.", ""}, {"user", "Hi", ""},
        {"assistant", "Hello.", ""}, {"user", "2 + 2?", ""}},
    bool thinking = true)
{
    const std::string bytes = built.build();
    const auto file = ModelFile::fromBytes(bytesOf(bytes));
    REQUIRE(file);
    const auto text = ModelText::load(*file, choice);
    REQUIRE_MESSAGE(text, text.error().message);
    RenderOptions options;
    options.bosToken = "<BOS>";
    options.eosToken = "<EOS>";
    options.variables["enable_thinking"] = thinking;
    std::tm now{};
    now.tm_year = 125;
    now.tm_mon = 2;
    now.tm_mday = 4;
    options.now = now;
    const auto prompt = text->chatTemplate->render(messages, options);
    REQUIRE_MESSAGE(prompt, prompt.error().message);
    return {text->chatTemplate->name(), text->remark(), prompt->text};
}

} // namespace

TEST_CASE("a file without a template is asked in the form that its special tokens tell")
{
    struct Row {
        const char* id;
        std::vector<std::string> tokens;
        const char* prompt;
    };
    const Row rows[] = {
        {"chatml", {"<|im_start|>", "<|im_end|>", "<|endoftext|>"},
            "<|im_start|>system\nBe "
            "brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHello.<|im_"
            "end|>\n"
            "<|im_start|>user\n2 + 2?<|im_end|>\n<|im_start|>assistant\n"},
        {"llama3", {"<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"},
            "<BOS><|start_header_id|>system<|end_header_id|>\n\nBe "
            "brief.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n"
            "Hi<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nHello.<|eot_id|><|start_"
            "header_id|>user<|end_header_id|>"
            "\n\n2 + 2?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"},
        {"llama4", {"<|header_start|>", "<|header_end|>", "<|eot|>"},
            "<BOS><|header_start|>system<|header_end|>\n\nBe "
            "brief.<|eot|><|header_start|>user<|header_end|>\n\nHi<|eot|>"
            "<|header_start|>assistant<|header_end|>\n\nHello.<|eot|><|header_start|>user<|header_"
            "end|>\n\n2 + 2?<|eot|>"
            "<|header_start|>assistant<|header_end|>\n\n"},
        {"deepseek",
            {"<｜User｜>", "<｜Assistant｜>", "<think>", "</think>", "<|im_start|>", "<|im_end|>"},
            "<BOS>Be brief.<｜User｜>Hi<｜Assistant｜>Hello.<EOS><｜User｜>2 + "
            "2?<｜Assistant｜><think>\n"},
        {"gemma", {"<start_of_turn>", "<end_of_turn>"},
            "<BOS><start_of_turn>user\nBe "
            "brief.\n\nHi<end_of_turn>\n<start_of_turn>model\nHello.<end_of_turn>\n<start_of_turn>"
            "user\n"
            "2 + 2?<end_of_turn>\n<start_of_turn>model\n"},
        {"phi3", {"<|system|>", "<|user|>", "<|assistant|>", "<|end|>"},
            "<|system|>\nBe "
            "brief.<|end|>\n<|user|>\nHi<|end|>\n<|assistant|>\nHello.<|end|>\n<|user|>\n2 + "
            "2?<|end|>\n<|assistant|>\n"},
        {"phi4", {"<|im_start|>", "<|im_sep|>", "<|im_end|>"},
            "<|im_start|>system<|im_sep|>Be "
            "brief.<|im_end|><|im_start|>user<|im_sep|>Hi<|im_end|><|im_start|>assistant<|im_sep|>"
            "Hello.<|im_end|><|im_start|>user<|im_sep|>2 + "
            "2?<|im_end|><|im_start|>assistant<|im_sep|>"},
        {"zephyr", {"<|user|>", "<|assistant|>", "<|system|>"},
            "<|system|>\nBe "
            "brief.<EOS>\n<|user|>\nHi<EOS>\n<|assistant|>\nHello.<EOS>\n<|user|>\n2 + "
            "2?<EOS>\n<|assistant|>\n"},
        {"glm4", {"[gMASK]", "<sop>", "<|user|>", "<|assistant|>", "<|system|>"},
            "[gMASK]<sop><|system|>\nBe brief.<|user|>\nHi<|assistant|>\nHello.<|user|>\n2 + "
            "2?<|assistant|>"},
        {"mistral", {"[INST]", "[/INST]"},
            "<BOS>[INST] Hi[/INST] Hello.<EOS>[INST] Be brief.\n\n2 + 2?[/INST]"},
        {"mistral-tekken", {"[INST]", "[/INST]", "[PREFIX]", "[SUFFIX]"},
            "<BOS>[INST]Hi[/INST]Hello.<EOS>[INST]Be brief.\n\n2 + 2?[/INST]"},
        {"mistral-v7", {"[INST]", "[/INST]", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]"},
            "<BOS>[SYSTEM_PROMPT]Be brief.[/SYSTEM_PROMPT][INST]Hi[/INST]Hello.<EOS>[INST]2 + "
            "2?[/INST]"},
        {"command-r",
            {"<|START_OF_TURN_TOKEN|>", "<|END_OF_TURN_TOKEN|>", "<|USER_TOKEN|>",
                "<|CHATBOT_TOKEN|>", "<|SYSTEM_TOKEN|>"},
            "<BOS><|START_OF_TURN_TOKEN|><|SYSTEM_TOKEN|>Be "
            "brief.<|END_OF_TURN_TOKEN|><|START_OF_TURN_TOKEN|><|USER_TOKEN|>Hi"
            "<|END_OF_TURN_TOKEN|><|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>Hello.<|END_OF_TURN_"
            "TOKEN|><|START_OF_TURN_TOKEN|>"
            "<|USER_TOKEN|>2 + 2?<|END_OF_TURN_TOKEN|><|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>"},
        {"kimi",
            {"<|im_user|>", "<|im_assistant|>", "<|im_system|>", "<|im_middle|>", "<|im_end|>"},
            "<|im_system|>system<|im_middle|>Be "
            "brief.<|im_end|><|im_user|>user<|im_middle|>Hi<|im_end|><|im_assistant|>assistant"
            "<|im_middle|>Hello.<|im_end|><|im_user|>user<|im_middle|>2 + "
            "2?<|im_end|><|im_assistant|>assistant<|im_middle|>"},
        {"granite", {"<|start_of_role|>", "<|end_of_role|>", "<|end_of_text|>"},
            "<|start_of_role|>system<|end_of_role|>Be "
            "brief.<|end_of_text|>\n<|start_of_role|>user<|end_of_role|>Hi<|end_of_text|>\n"
            "<|start_of_role|>assistant<|end_of_role|>Hello.<|end_of_text|>\n<|start_of_role|>user<"
            "|end_of_role|>2 + 2?<|end_of_text|>\n"
            "<|start_of_role|>assistant<|end_of_role|>"},
        {"harmony", {"<|start|>", "<|end|>", "<|message|>", "<|channel|>", "<|return|>"},
            "<|start|>system<|message|>You are ChatGPT, a large language model trained by "
            "OpenAI.\nKnowledge cutoff: 2024-06\n"
            "Current date: 2025-03-04\n\nReasoning: medium\n\n# Valid channels: analysis, "
            "commentary, final. Channel must be included "
            "for every message.<|end|><|start|>developer<|message|># Instructions\n\nBe "
            "brief.\n\n<|end|><|start|>user<|message|>Hi<|end|>"
            "<|start|>assistant<|channel|>final<|message|>Hello.<|end|><|start|>user<|message|>2 + "
            "2?<|end|><|start|>assistant"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.id);
        const Asked asked = ask(vocabularyWith(row.tokens));
        const TemplateForm* form = findTemplateForm(row.id);
        REQUIRE(form != nullptr);
        CHECK(asked.name == "the " + std::string(form->name) + " form");
        CHECK(asked.prompt == row.prompt);
        CHECK(contains(asked.remark, "brings no chat template"));
        CHECK(contains(asked.remark, form->name));
        CHECK(asked.remark.ends_with("."));
        // The same where the tokens are stored as ordinary ones.
        CHECK(ask(vocabularyWith(row.tokens, 1)).prompt == row.prompt);
    }
}

TEST_CASE("every form renders, whoever speaks, and can be chosen")
{
    for (const TemplateForm& form : templateForms()) {
        CAPTURE(form.id);
        std::vector<std::string> tokens(form.tokens.begin(), form.tokens.end());
        for (const std::vector<ChatMessage>& messages :
            {std::vector<ChatMessage>{{"user", "Hi", ""}},
                std::vector<ChatMessage>{{"system", "Be brief.", ""}, {"user", "Hi", ""}},
                std::vector<ChatMessage>{{"user", "Hi", ""}, {"user", "There", ""}}}) {
            const Asked asked = ask(vocabularyWith({"<s>"}), {{}, std::string(form.id)}, messages);
            for (const ChatMessage& message : messages)
                CHECK(contains(asked.prompt, message.content));
            CHECK(asked.remark.empty()); // it was chosen
        }
        if (!tokens.empty())
            CHECK(contains(ask(vocabularyWith(tokens)).remark, form.name));
    }
}

TEST_CASE("thinking is switched off where the vocabulary has a thought's tags")
{
    const std::vector<std::string> tokens{"<|im_start|>", "<|im_end|>", "<think>", "</think>"};
    const std::vector<ChatMessage> question{{"user", "Hi", ""}};
    CHECK(ask(vocabularyWith(tokens), {}, question, true)
            .prompt.ends_with("<|im_start|>assistant\n"));
    CHECK(ask(vocabularyWith(tokens), {}, question, false)
            .prompt.ends_with("assistant\n<think>\n\n</think>\n\n"));
}

TEST_CASE("where nothing tells the form it is plain text, with a warning")
{
    const Asked asked = ask(vocabularyWith({"<s>", "</s>"}));
    CHECK(asked.name == "plain text");
    CHECK(asked.prompt
        == "<BOS>Be brief.\n\nUser: Hi\n\nAssistant: Hello.<EOS>User: 2 + 2?\n\nAssistant:");
    CHECK(contains(asked.remark, "may answer badly"));
}

TEST_CASE("a template that is blank or broken is as good as none, and that is said")
{
    for (const char* source : {"", "  \n", "{% if x %}", "{{ nosuch() }}", "{# nothing #}\n",
             "{{ raise_exception('no') }}"}) {
        CAPTURE(source);
        GgufBytes file = vocabularyWith({"<|im_start|>", "<|im_end|>"});
        file.putText("tokenizer.chat_template", source);
        const Asked asked = ask(file);
        CHECK(asked.name == "the ChatML form");
        CHECK(contains(asked.remark, "ChatML"));
        CHECK(contains(asked.prompt, "<|im_start|>user\n2 + 2?<|im_end|>"));
    }
    GgufBytes file = vocabularyWith({"<|im_start|>", "<|im_end|>"});
    file.putText("tokenizer.chat_template", "{{ messages[0].content }}!");
    const Asked own = ask(file);
    CHECK(own.name == "the model's own");
    CHECK(own.remark.empty());
    CHECK(own.prompt == "Be brief.!");
}

TEST_CASE("a template that takes content as a list of parts is given one")
{
    const char* sources[] = {
        "{% for m in messages %}<{{ m.role }}>{% for line in m['content'] %}{% if line['type'] == "
        "'text' %}{{ line['text'] }}{% endif %}{% endfor %}{% endfor %}",
        "{% for m in messages %}<{{ m.role }}>{{ m.content[0].text }}{% endfor %}",
        "{% for m in messages %}{% if m.content is string %}{{ raise_exception('A list') }}{% "
        "endif %}<{{ m.role }}>{{ m.content[0]['text'] }}{% endfor %}",
        "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}"};
    for (const char* source : sources) {
        CAPTURE(source);
        GgufBytes file = vocabularyWith({"<|im_start|>", "<|im_end|>"});
        const std::string prompt = "<system>Be brief.<user>Hi<assistant>Hello.<user>2 + 2?";
        CHECK(ask(file, {source, {}}).prompt == prompt); // a person's own
        file.putText("tokenizer.chat_template", source);
        const Asked own = ask(file);
        CHECK(own.name == "the model's own");
        CHECK(own.remark.empty());
        CHECK(own.prompt == prompt);
    }
    for (const char* source : {"{{ bos_token }}Answer:", "{{ messages[0].text }}Hi"}) {
        GgufBytes file = vocabularyWith({"<|im_start|>", "<|im_end|>"});
        file.putText("tokenizer.chat_template", source);
        const Asked asked = ask(file);
        CHECK(asked.name == "the ChatML form");
        CHECK(contains(asked.remark, "leaves out the question"));
    }
}

TEST_CASE("of several templates with names, the one for chats is taken")
{
    GgufBytes file = vocabularyWith({"<|im_start|>", "<|im_end|>"});
    file.put("tokenizer.chat_templates", 9, textArray({"tool_use", "thinking"}));
    file.putText("tokenizer.chat_template.tool_use", "tools");
    file.putText("tokenizer.chat_template.thinking", "chats {{ messages[0].content }}");
    CHECK(ask(file).prompt == "chats Be brief.");
}

TEST_CASE("a template of one's own goes before the file's, and a broken one is refused")
{
    GgufBytes built = vocabularyWith({"<|im_start|>", "<|im_end|>"});
    built.putText("tokenizer.chat_template", "the file's {{ messages[0].content }}");
    const Asked own = ask(built, {"mine: {{ messages[-1].content }}", {}});
    CHECK(own.name == "a template of your own");
    CHECK(own.prompt == "mine: 2 + 2?");
    CHECK(own.remark.empty());
    CHECK(contains(ask(built, {{}, "auto"}).prompt, "<|im_start|>"));
    CHECK(ask(built, {" \n", {}}).name == "the model's own");

    const std::string bytes = built.build();
    const auto file = ModelFile::fromBytes(bytesOf(bytes));
    REQUIRE(file);
    const auto broken = ModelText::load(*file, {"{% if %}", {}});
    REQUIRE_FALSE(broken);
    CHECK(broken.error().code == ErrorCode::TemplateFailed);
    const auto unknown = ModelText::load(*file, {{}, "nosuch"});
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().code == ErrorCode::InvalidArgument);
    CHECK(contains(unknown.error().message, "chatml"));
}
