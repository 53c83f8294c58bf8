#include "engine/text/chat_template.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <iterator>
#include <thread>

#include <nlohmann/json.hpp>

#include "tests/engine/contains.h"
#include "tests/engine/shared_folder.h"

using namespace ponder;
using namespace ponder::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

const fs::path kData = fs::path(PONDER_TEST_DATA) / "templates";

std::string readFile(const fs::path& path)
{
    std::ifstream file(path, std::ios::binary);
    REQUIRE_MESSAGE(file, path.string());
    return {std::istreambuf_iterator<char>(file), {}};
}

struct Conversation {
    std::vector<ChatMessage> messages;
    RenderOptions options;
};

/// As make_expected.py renders it.
Conversation readConversation(const json& from)
{
    Conversation conversation;
    for (const json& message : from["messages"])
        conversation.messages.push_back(
            {message["role"], message["content"], message.value("reasoning_content", "")});
    auto& options = conversation.options;
    options.addGenerationPrompt = from.value("add_generation_prompt", true);
    options.bosToken = "<｜begin▁of▁sentence｜>";
    options.eosToken = "<｜end▁of▁sentence｜>";
    const json variables = from.value("variables", json::object());
    for (const auto& [name, value] : variables.items())
        options.variables[name] = value.get<bool>();
    std::tm now{};
    now.tm_year = 125;
    now.tm_mon = 2;
    now.tm_mday = 4;
    now.tm_hour = 5;
    now.tm_min = 6;
    options.now = now;
    return conversation;
}

ChatTemplate templateOf(std::string source)
{
    auto made = ChatTemplate::create(std::move(source));
    REQUIRE_MESSAGE(made, made.error().message);
    return *made;
}

RenderedPrompt renderedBy(const std::string& source, const std::vector<ChatMessage>& messages,
    const RenderOptions& options = {})
{
    auto rendered = templateOf(source).render(messages, options);
    REQUIRE_MESSAGE(rendered, rendered.error().message);
    return *rendered;
}

/// The sentence with which making or rendering the template fails.
std::string failureOf(const std::string& source, const RenderOptions& options = {})
{
    CAPTURE(source);
    auto made = ChatTemplate::create(source);
    if (!made) {
        CHECK(made.error().code == ErrorCode::TemplateFailed);
        return made.error().message;
    }
    auto rendered = made->render({}, options);
    REQUIRE_FALSE(rendered);
    CHECK(rendered.error().code == ErrorCode::TemplateFailed);
    return rendered.error().message;
}

void compareWithPython(const fs::path& folder, const std::string& name)
{
    CAPTURE(name);
    const json conversations = json::parse(readFile(kData / "conversations.json"));
    const json expected = json::parse(readFile(kData / "expected.json"));
    REQUIRE(expected.contains(name));
    const ChatTemplate chatTemplate = templateOf(readFile(folder / name));
    for (const auto& [title, wanted] : expected[name]["rendered"].items()) {
        CAPTURE(title);
        Conversation conversation = readConversation(conversations[title]);
        // Tags in messages mean something to a template only where it can see them.
        conversation.options.protectMessages = title != "tags";
        const auto rendered = chatTemplate.render(conversation.messages, conversation.options);
        if (wanted.is_object()) { // Python's error; the sentence may be another
            if (!rendered)
                CHECK(rendered.error().code == ErrorCode::TemplateFailed);
            continue;
        }
        REQUIRE_MESSAGE(rendered, rendered.error().message);
        CHECK(rendered->text == wanted.get<std::string>());
    }
}

} // namespace

TEST_CASE("own templates render as Python's Jinja renders them")
{
    compareWithPython(kData, "own-thinking.jinja");
    compareWithPython(kData, "own-json.jinja");
}

TEST_CASE("published templates render as Python's Jinja renders them")
{
    const fs::path folder = sharedFolder("templates");
    if (folder.empty()) {
        MESSAGE("skipped: there is no ../shared/templates (set PONDER_SHARED to the folder that "
                "has it)");
        return;
    }
    int compared = 0;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.path().extension() != ".jinja")
            continue;
        compareWithPython(folder, entry.path().filename().string());
        ++compared;
    }
    CHECK(compared >= 10);
}

TEST_CASE(
    "small constructs render as Python's Jinja renders them, and are refused where it refuses them")
{
    const json cases = json::parse(readFile(kData / "constructs.json"));
    REQUIRE(cases.size() > 350);
    const std::vector<ChatMessage> messages{{"system", "Be brief.", ""},
        {"user", "Hello, World!\n  What is 2 + 2?", ""}, {"assistant", "It is 4.", "Two and two."},
        {"user", "\t naïve café 🙂 ", ""}};
    RenderOptions options;
    options.bosToken = "<s>";
    options.eosToken = "</s>";
    options.variables["enable_thinking"] = false;
    options.protectMessages = false;
    std::tm now{};
    now.tm_year = 125;
    now.tm_mon = 2;
    now.tm_mday = 4;
    now.tm_hour = 5;
    now.tm_min = 6;
    now.tm_sec = 7;
    options.now = now;
    for (const json& each : cases) {
        const std::string source = each["template"];
        CAPTURE(source);
        const auto made = ChatTemplate::create(source);
        const auto rendered = made ? made->render(messages, options)
                                   : Result<RenderedPrompt>(tl::unexpected(made.error()));
        if (each["rendered"].is_null()) {
            REQUIRE_FALSE(rendered);
            CHECK(rendered.error().code == ErrorCode::TemplateFailed);
        } else {
            REQUIRE_MESSAGE(rendered, rendered.error().message);
            CHECK(rendered->text == each["rendered"].get<std::string>());
        }
    }
}

TEST_CASE("a refusal comes with the template's own words")
{
    const std::string message = failureOf("{{ raise_exception('Roles must alternate') }}");
    CHECK(message
        == "The model's chat template could not write this conversation: Roles must alternate.");
}

TEST_CASE("a broken template fails with a sentence, when it is made or when it renders")
{
    for (const char* source : {"{% if %}", "{{ 'open", "{% for x in %}", "{% endfor %}",
             "{{ 1 + }}", "{%", "{{ x | nosuch }}", "{{ nosuch() }}", "{% set x = 1",
             "{{ (((((1 }}", "{% macro a() %}", "{{ messages | first.x(1) }}"}) {
        const std::string message = failureOf(source);
        CHECK(message.starts_with("The model's chat template c"));
        CHECK(message.ends_with("."));
    }
}

TEST_CASE("hostile templates are stopped")
{
    RenderOptions options;
    options.timeLimit = std::chrono::milliseconds(500);
    options.memoryLimit = 48u << 20;
    const auto start = std::chrono::steady_clock::now();

    SUBCASE("an endless loop")
    {
        CHECK(contains(failureOf("{% set r = range(10000) %}{% for a in r %}{% for b in r %}{% "
                                 "endfor %}{% endfor %}",
                           options),
            "longer than 500 ms"));
    }
    SUBCASE("memory")
    {
        options.timeLimit
            = std::chrono::seconds(5); // so that memory ends first with sanitizers, too
        const std::string doubling
            = "{% set ns = namespace(x='aaaaaaaa') %}{% for i in range(60) %}"
              "{% set ns.x = ns.x ~ ns.x %}{% endfor %}";
        const std::string refused = failureOf(doubling, options);
        CAPTURE(refused);
        CHECK((contains(refused, "string") || contains(refused, "48 MB")));
        const std::string lists = "{% set ns = namespace(x=[[], [], []]) %}{% for i in range(60) %}"
                                  "{% set ns.x = ns.x + ns.x %}{% endfor %}";
        CHECK(contains(failureOf(lists, options), "48 MB"));
        CHECK_FALSE(failureOf("{{ range(1000000000) | list }}", options).empty());
    }
    SUBCASE("output")
    {
        CHECK(contains(
            failureOf("{% set ns = namespace(x='abcdefgh') %}{% for i in range(20) %}{% set ns.x "
                      "= ns.x ~ ns.x %}{% endfor %}{{ ns.x }}",
                options),
            "made 8 MB of this"));
    }
    SUBCASE("nesting")
    {
        options.timeLimit
            = std::chrono::seconds(5); // so that the stack ends first with sanitizers, too
#if defined(PONDER_SANITIZED)
        constexpr std::size_t kDepth = 5000; // time is up before the stack is, with more
#else
        constexpr std::size_t kDepth = 20000;
#endif
        const std::string deep
            = "{{ " + std::string(kDepth, '(') + "1" + std::string(kDepth, ')') + " }}";
        CHECK(contains(failureOf(deep, options), "nested too deeply"));
        const std::string lists
            = "{{ " + std::string(kDepth, '[') + std::string(kDepth, ']') + " }}";
        CHECK(contains(failureOf(lists, options), "nested too deeply"));
    }
    SUBCASE("recursion")
    {
        CHECK_FALSE(
            failureOf("{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}", options).empty());
    }
    SUBCASE("reaching for the interpreter")
    {
        for (const char* source : {"{{ raise_exception.constructor('return 1')() }}",
                 "{{ messages.constructor.constructor('x') }}", "{{ ''.__proto__.x() }}",
                 "{{ range.constructor('while(1);')() }}"})
            CHECK_FALSE(failureOf(source, options).empty());
    }
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
}

TEST_CASE("an open thought is seen at the prompt's end only")
{
    CHECK(renderedBy("{{ messages[0].content }}<think>", {{"user", "hi", ""}}).start
        == ThoughtStart::InThought);
    CHECK(renderedBy("a<think>\n\n", {}).start == ThoughtStart::InThought);
    CHECK(ThoughtStart::InThought != renderedBy("<think></think>", {}).start);
    CHECK(ThoughtStart::InThought != renderedBy("<think>hm", {}).start);
    CHECK(ThoughtStart::InThought != renderedBy("", {}).start);
    CHECK(ThoughtStart::InThought
        != renderedBy("{{ messages[0].content }}", {{"user", "<think>", ""}}).start);
    RenderOptions finished;
    finished.addGenerationPrompt = false;
    CHECK(ThoughtStart::InThought != renderedBy("<think>", {}, finished).start);
}

TEST_CASE("what a person wrote stays text")
{
    RenderOptions options;
    options.protect = U"<｜>[";
    const std::string typed = " </think>ab [x] \xEE\x80\x80 <｜User｜> ";
    const RenderedPrompt prompt
        = renderedBy("{% set c = messages[0].content.strip() %}{{ '</think>' in c }}<U>"
                     "{{ c.split('</think>')[-1] }}",
            {{"user", typed, ""}}, options);
    CHECK(prompt.text == "False<U></think>ab [x] \xEE\x80\x80 <｜User｜>");
    std::string literal;
    for (const std::size_t at : prompt.literals)
        literal += prompt.text[at];
    CHECK(literal == "<>[<\xEF\xEF>"); // the bars are three bytes each
    CHECK(prompt.literals.front() == std::string_view("False<U>").size());
    CHECK(std::is_sorted(prompt.literals.begin(), prompt.literals.end()));
}

TEST_CASE("private-use characters and invalid UTF-8 in messages come through")
{
    std::string typed = "<";
    for (char32_t c = 0xE000; c < 0xF900; ++c)
        utf8Append(typed, c);
    CHECK(renderedBy("{{ messages[0].content }}", {{"user", typed, ""}}).text == typed);
    CHECK(renderedBy("{{ messages[0].content }}", {{"user", "a\xFF\xC3", ""}}).text
        == "a\uFFFD\uFFFD");
    CHECK(
        utf8Repaired(renderedBy("{{ messages[0].content[:1] }}", {{"user", "\U0001F999", ""}}).text)
            .size()
        >= 3);
}

TEST_CASE("threads share a template")
{
    const ChatTemplate chatTemplate
        = templateOf("{% for m in messages %}{{ m.role }}{{ m.content }};{% endfor %}");
    std::array<std::string, 4> results;
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < results.size(); ++i)
        threads.emplace_back([&, i] {
            const std::vector<ChatMessage> messages{{"user", std::to_string(i), ""}};
            results[i] = chatTemplate.render(messages).value_or(RenderedPrompt{}).text;
        });
    threads.clear();
    CHECK(results == std::array<std::string, 4>{"user0;", "user1;", "user2;", "user3;"});
}
