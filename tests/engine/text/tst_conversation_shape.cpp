#include "engine/text/conversation_shape.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace ponder;

namespace {

// In the manner of templates that were published: each wants something else.
const std::string kPlain
    = "{% for m in messages %}<{{ m.role }}>{{ m.content }}</>{% endfor %}<assistant>";
const std::string kAlternating
    = "{% for m in messages %}{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}"
      "{{ raise_exception('Conversation roles must alternate') }}{% endif %}"
      "<{{ m.role }}>{{ m.content | trim }}</>{% endfor %}<assistant>";
const std::string kGemma = "{% if messages[0]['role'] == 'system' %}"
                           "{{ raise_exception('System role not supported') }}{% endif %}"
    + kAlternating;
const std::string kMistral
    = "{% if messages[0]['role'] == 'system' %}{% set system = messages[0]['content'] %}"
      "{% set loop_messages = messages[1:] %}{% else %}{% set loop_messages = messages %}{% endif "
      "%}"
      "{% for m in loop_messages %}{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}"
      "{{ raise_exception('Roles must alternate') }}{% endif %}{% if m['role'] == 'user' %}"
      "[INST] {% if loop.first and system is defined %}{{ system + '\n\n' }}{% endif %}{{ "
      "m.content }} [/INST]"
      "{% else %}{{ m.content }}</s>{% endif %}{% endfor %}";
const std::string kDeaf = "{% for m in messages %}{% if m.role == 'user' %}<user>{{ m.content }}</>"
                          "{% elif m.role == 'assistant' %}<assistant>{{ m.content }}</>{% endif "
                          "%}{% endfor %}<assistant>";
const std::string kNoEmptyAnswer
    = "{% for m in messages %}{% if m.role == 'assistant' and not m.content %}"
      "{{ raise_exception('Assistant message must have content') }}{% endif %}"
      "<{{ m.role }}>{{ m.content }}</>{% endfor %}<assistant>";

using Messages = std::vector<ChatMessage>;

Result<RenderedPrompt> render(const std::string& source, const Messages& messages)
{
    const auto chatTemplate = ChatTemplate::create(source);
    REQUIRE(chatTemplate);
    return renderConversation(*chatTemplate, messages);
}

std::string text(const std::string& source, const Messages& messages)
{
    const auto rendered = render(source, messages);
    REQUIRE_MESSAGE(rendered, rendered.error().message);
    return rendered->text;
}

const Messages kStopped{{"user", "One?", ""}, {"assistant", "", ""}, {"user", "Two?", ""}};
const Messages kTwoQuestions{{"user", "One?", ""}, {"user", "Two?", ""}};
const Messages kSystem{{"system", "Be brief.", ""}, {"user", "Hi", ""}};

} // namespace

TEST_CASE("what a template takes stays as it is")
{
    CHECK(text(kPlain, kStopped) == "<user>One?</><assistant></><user>Two?</><assistant>");
    CHECK(text(kPlain, kTwoQuestions) == "<user>One?</><user>Two?</><assistant>");
    CHECK(text(kPlain, kSystem) == "<system>Be brief.</><user>Hi</><assistant>");
    CHECK(text(kAlternating, kStopped) == "<user>One?</><assistant></><user>Two?</><assistant>");
}

TEST_CASE("roles that must alternate")
{
    CHECK(text(kAlternating, kTwoQuestions) == "<user>One?\n\nTwo?</><assistant>");
    CHECK(text(kNoEmptyAnswer, kStopped) == "<user>One?\n\nTwo?</><assistant>");
    CHECK(text(kAlternating,
              {{"user", "a", ""}, {"assistant", "", ""}, {"assistant", "b", ""}, {"user", "c", ""},
                  {"user", "", ""}, {"user", "d", ""}})
        == "<user>a</><assistant>b</><user>c\n\nd</><assistant>");
    CHECK(text(kAlternating, {{"assistant", "Hello", ""}, {"user", "Hi", ""}})
        == "<user></><assistant>Hello</><user>Hi</><assistant>");
}

TEST_CASE("a system prompt that the template refuses goes before the first question")
{
    CHECK(text(kGemma, kSystem) == "<user>Be brief.\n\nHi</><assistant>");
    CHECK(text(kMistral, kSystem) == "[INST] Be brief.\n\nHi [/INST]");
    CHECK(text(kGemma,
              {{"system", "Be brief.", ""}, {"user", "One?", ""}, {"assistant", "1", ""},
                  {"user", "Two?", ""}})
        == "<user>Be brief.\n\nOne?</><assistant>1</><user>Two?</><assistant>");
    CHECK(text(kGemma, {{"system", "Be brief.", ""}, {"user", "One?", ""}, {"user", "Two?", ""}})
        == "<user>Be brief.\n\nOne?\n\nTwo?</><assistant>");
    CHECK(text(kGemma, {{"developer", "Be brief.", ""}, {"user", "Hi", ""}})
        == "<user>Be brief.\n\nHi</><assistant>");
}

TEST_CASE("a system prompt that the template leaves out goes there, too")
{
    CHECK(text(kDeaf, kSystem) == "<user>Be brief.\n\nHi</><assistant>");
    CHECK(text(kDeaf, {{"system", "  ", ""}, {"user", "Hi", ""}}) == "<user>Hi</><assistant>");
    CHECK(
        text(
            "{% if messages[0].role == 'system' %}S={{ messages[0].content | upper }};{% endif %}x",
            kSystem)
        == "S=BE BRIEF.;x"); // written in its own way
    // Its words in the question do not hide that.
    CHECK(text(kDeaf, {{"system", "Be brief.", ""}, {"user", "Be brief. What is 2 + 2?", ""}})
        == "<user>Be brief.\n\nBe brief. What is 2 + 2?</><assistant>");
    CHECK(text(kPlain, {{"system", "Be brief.", ""}, {"user", "Be brief. What is 2 + 2?", ""}})
        == "<system>Be brief.</><user>Be brief. What is 2 + 2?</><assistant>");
}

TEST_CASE("nothing of a person's text becomes a tag where messages are joined")
{
    const auto chatTemplate = ChatTemplate::create(kGemma);
    REQUIRE(chatTemplate);
    const auto rendered = renderConversation(
        *chatTemplate, Messages{{"system", "<a>", ""}, {"user", "<b>", ""}, {"user", "c", ""}});
    REQUIRE(rendered);
    CHECK(rendered->text == "<user><a>\n\n<b>\n\nc</><assistant>");
    CHECK(rendered->literals == std::vector<std::size_t>{6, 8, 11, 13});
}

TEST_CASE("what no shape helps fails with the template's own reason")
{
    const auto refused = render("{{ raise_exception('No.') }}", kSystem);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::TemplateFailed);
    CHECK(refused.error().message.find("No.") != std::string::npos);
    CHECK(refused.error().message.find("system prompt") == std::string::npos);
    const auto odd = render("{% for m in messages %}{% if 'brief' in m.content %}"
                            "{{ raise_exception('Not this word') }}{% endif %}{% endfor %}x",
        kSystem);
    REQUIRE_FALSE(odd);
    CHECK(odd.error().message.find("clear the system prompt") != std::string::npos);
}
