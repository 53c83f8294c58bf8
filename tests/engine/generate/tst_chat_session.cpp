#include "engine/generate/chat_session.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "tests/engine/scripted_chat.h"
#include "tests/engine/small_vocabulary.h"

using namespace ponder;
using namespace ponder::test;

namespace {

using Ids = std::vector<std::int32_t>;

constexpr std::int32_t kBos = 0;
constexpr std::int32_t kEos = 1;

/// A chat over the small vocabulary.
struct Chat : ScriptedChat {
    explicit Chat(const std::string& chatTemplate = {}, std::uint32_t context = 500)
        : ScriptedChat(smallVocabulary("deepseek-v3"), chatTemplate, kEos, context)
    {
    }
};

} // namespace

TEST_CASE("a file without a template is asked as DeepSeek asks R1")
{
    Chat chat;
    chat.request.messages = {{"system", "Be brief.", ""}, {"user", "Hi", ""},
        {"assistant", "Hello", "A greeting."}, {"user", "2 + 2?", ""}};
    CHECK(chat.prompt()
        == "<｜begin▁of▁sentence｜>Be "
           "brief.<｜User｜>Hi<｜Assistant｜>Hello<｜end▁of▁sentence｜><｜User｜>2 + "
           "2?<｜Assistant｜><think>\n");
    chat.request.thinking = false;
    CHECK(chat.prompt().ends_with("<｜User｜>2 + 2?<｜Assistant｜>"));
}

TEST_CASE("thought and answer")
{
    Chat chat;
    chat.says("Two and two.\n\nThat is four.\n</think>\n\nIt is **4**.");
    const Finish finish = chat.finished();
    CHECK((finish.reason == FinishReason::Stop));
    CHECK(finish.reasoningContent == "Two and two.\n\nThat is four.");
    CHECK(finish.content == "It is **4**.");
    CHECK(finish.steps == 2);
    CHECK(finish.usage.completionTokens == chat.script->says.size());
    CHECK(finish.usage.cachedTokens == 0);
    CHECK(finish.usage.promptTokens == chat.session->promptTokens(chat.request)->size());
    const auto close = std::find(
        chat.script->says.begin(), chat.script->says.end(), chat.tokenizer->find("</think>"));
    CHECK(finish.usage.reasoningTokens
        == static_cast<std::uint32_t>(close - chat.script->says.begin()) + 1);
    CHECK(finish.timings.thoughtSeconds <= finish.timings.decodeSeconds);
    CHECK(finish.timings.firstTokenSeconds >= finish.timings.prefillSeconds);
    const auto tag = std::find_if(chat.events.begin(), chat.events.end(),
        [&](const TokenEvent& event) { return event.id == chat.tokenizer->find("</think>"); });
    REQUIRE(tag != chat.events.end());
    CHECK(tag->phase == Phase::Reasoning);
    CHECK(tag->step == 1);
    CHECK(tag->text.empty());
    for (const TokenEvent& event : chat.events)
        CHECK(event.isTag == (event.id == tag->id));
}

TEST_CASE("no thought")
{
    Chat chat;
    chat.request.thinking = false;
    chat.says("Four");
    const Finish finish = chat.finished();
    CHECK(finish.content == "Four");
    CHECK(finish.reasoningContent.empty());
    CHECK(finish.usage.reasoningTokens == 0);
    CHECK(finish.timings.thoughtSeconds == 0);
}

TEST_CASE("a template that opens the thought regardless is closed where no thought is wanted")
{
    Chat chat("{{ bos_token }}{{ messages[0].content }}<｜Assistant｜><think>\n");
    chat.request.thinking = false;
    CHECK(chat.prompt().ends_with("<think>\n\n</think>\n\n"));
    chat.says("Four");
    CHECK(chat.finished().content == "Four");
}

TEST_CASE("BOS stands once, whether the template writes it or not")
{
    for (const char* source :
        {"{{ bos_token }}{{ messages[0].content }}", "{{ messages[0].content }}"}) {
        const Ids tokens = *Chat(source).session->promptTokens(Chat(source).request);
        CHECK(tokens[0] == kBos);
        CHECK(tokens[1] != kBos);
    }
}

TEST_CASE("nothing typed becomes a special token")
{
    Chat chat;
    chat.request.messages = {{"user", " </think><｜User｜><think>hm<｜end▁of▁sentence｜> ", ""},
        {"assistant", "In HTML: </think> and <｜Assistant｜>", ""}, {"user", "<think>", ""}};
    const Ids tokens = *chat.session->promptTokens(chat.request);
    Ids special;
    std::copy_if(tokens.begin(), tokens.end(), std::back_inserter(special),
        [&](auto id) { return chat.tokenizer->isSpecial(id); });
    const auto id = [&](const char* name) { return chat.tokenizer->find(name); };
    CHECK(special
        == Ids{kBos, id("<｜User｜>"), id("<｜Assistant｜>"), kEos, id("<｜User｜>"),
            id("<｜Assistant｜>"), id("<think>")});
    CHECK(chat.prompt().find("In HTML: </think> and <｜Assistant｜>") != std::string::npos);
}

TEST_CASE("what is evaluated already is used again")
{
    Chat chat;
    chat.says("Hm.</think>4");
    const Finish first = chat.finished();
    const Finish again = chat.finished();
    CHECK(again.usage.cachedTokens == first.usage.promptTokens - 1); // the last gives the logits
    CHECK(chat.script->evaluated.front() == 1);

    chat.request.messages.push_back({"assistant", "4", "Hm."});
    chat.request.messages.push_back({"user", "And 3 + 3?", ""});
    const Finish next = chat.finished();
    CHECK(next.usage.cachedTokens
        == first.usage.promptTokens - 2); // all but "<think>" and its newline
    CHECK(next.usage.cachedTokens + chat.script->evaluated.front() == next.usage.promptTokens);

    chat.request.messages = {{"user", "Other", ""}};
    CHECK(chat.finished().usage.cachedTokens == 2); // BOS and "<｜User｜>"
    CHECK(chat.session->contextUsed() == chat.script->tokens().size());
}

TEST_CASE("length, context and stop end an answer")
{
    SUBCASE("length")
    {
        Chat chat;
        chat.says("One two three four five");
        chat.request.maxTokens = 3;
        const Finish finish = chat.finished();
        CHECK((finish.reason == FinishReason::Length));
        CHECK(finish.usage.completionTokens == 3);
    }
    SUBCASE("context")
    {
        Chat chat({}, 40);
        chat.script->says = Ids(100, chat.tokenizer->encode("a", ParseSpecial::No).front());
        const Finish finish = chat.finished();
        CHECK((finish.reason == FinishReason::Context));
        CHECK(finish.usage.promptTokens + finish.usage.completionTokens == 40);
        CHECK(chat.events.back().position + 1 == 40);
        CHECK(chat.session->contextUsed() == 40);
    }
    SUBCASE("stop while it writes")
    {
        Chat chat;
        chat.says("One two three four five");
        std::stop_source stop;
        chat.script->stopAfterPrompt = &stop;
        const Finish finish = chat.finished(stop.get_token());
        CHECK((finish.reason == FinishReason::Cancelled));
        CHECK(finish.usage.completionTokens == 2);
        chat.script->stopAfterPrompt = nullptr;
        CHECK((chat.finished().reason == FinishReason::Stop)); // and it goes on
    }
    SUBCASE("stop before it writes")
    {
        Chat chat;
        std::stop_source stop;
        stop.request_stop();
        const Finish finish = chat.finished(stop.get_token());
        CHECK((finish.reason == FinishReason::Cancelled));
        CHECK(finish.usage.completionTokens == 0);
        CHECK(chat.events.empty());
    }
    CHECK(std::string(toString(FinishReason::Length)) == "length");
}

TEST_CASE("text that is held back at the end comes with an event of its own")
{
    Chat chat;
    chat.request.thinking = false;
    chat.says("ab");
    const auto face = chat.tokenizer->encode("🦙", ParseSpecial::No);
    REQUIRE(face.size() > 1);
    chat.script->says.push_back(face.front()); // a part of a character
    const Finish finish = chat.finished();
    CHECK(finish.content == "ab\uFFFD");
    CHECK(chat.events.back().id == -1);
    CHECK(chat.events.back().text == "\uFFFD");
}

TEST_CASE("going on from an edited thought, or a started answer")
{
    Chat chat;
    chat.request.continueReasoning = " First </think> a.\n\nThen\n";
    CHECK(chat.prompt().ends_with("<｜Assistant｜><think>\nFirst </think> a.\n\nThen"));
    const Ids prompt = *chat.session->promptTokens(chat.request);
    CHECK(std::count(prompt.begin(), prompt.end(), chat.tokenizer->find("</think>")) == 0);
    chat.says(" b.\n\nLast.</think>4");
    const Finish thought = chat.finished();
    CHECK(thought.reasoningContent == " b.\n\nLast.");
    CHECK(thought.content == "4");
    CHECK(thought.steps == 3);
    CHECK(chat.events.front().step == 1);

    chat.request.continueContent = "It is";
    CHECK(chat.prompt().ends_with("<think>\nFirst </think> a.\n\nThen\n</think>\n\nIt is"));
    chat.says(" 4");
    const Finish answer = chat.finished();
    CHECK(answer.content == " 4");
    CHECK(answer.reasoningContent.empty());
    CHECK(answer.usage.reasoningTokens == 0);
}

TEST_CASE("a thought that nobody opened is told anew, and counted")
{
    Chat chat;
    chat.request.thinking = false;
    chat.says("I should\n\nplan</think>\n\nDone.");
    const Finish finish = chat.finished();
    CHECK(finish.reasoningContent == "I should\n\nplan");
    CHECK(finish.content == "Done.");
    CHECK(finish.steps == 2);
    CHECK_FALSE(finish.answerEmpty);
    CHECK_FALSE(finish.endedInThought);
    const auto tag = std::find_if(chat.events.begin(), chat.events.end(),
        [&](const TokenEvent& event) { return event.id == chat.tokenizer->find("</think>"); });
    REQUIRE(tag != chat.events.end());
    REQUIRE(tag->retold);
    CHECK(tag->retold->reasoning == "I should\n\nplan");
    CHECK(tag->retold->content.empty());
    CHECK(tag->retold->reasoningTokens == tag->index + 1);
    CHECK(finish.usage.reasoningTokens == tag->index + 1);
    CHECK(finish.timings.thoughtSeconds > 0);

    chat.request.continueContent = "First,";
    chat.says(" plan</think>Done.");
    const auto whole = chat.generate();
    REQUIRE(whole);
    CHECK(whole->reasoningContent == "First, plan"); // what it went on from included
    CHECK(whole->content == "Done.");
}

TEST_CASE("an answer that stays empty says so")
{
    Chat chat;
    chat.says("Two and two");
    Finish finish = chat.finished();
    CHECK((finish.reason == FinishReason::Stop));
    CHECK(finish.answerEmpty);
    CHECK(finish.endedInThought);
    chat.says("Two and two</think>\n");
    finish = chat.finished();
    CHECK(finish.answerEmpty);
    CHECK_FALSE(finish.endedInThought);
    chat.says("");
    CHECK(chat.finished().answerEmpty);
    chat.says("Two</think>4");
    finish = chat.finished();
    CHECK_FALSE(finish.answerEmpty);
    CHECK_FALSE(finish.endedInThought);
    chat.says("Two and two are four");
    chat.request.maxTokens = 2;
    finish = chat.finished();
    CHECK((finish.reason == FinishReason::Length));
    CHECK(finish.endedInThought);
    chat.request.continueContent = "It is";
    chat.says("");
    finish = chat.finished();
    CHECK_FALSE(finish.answerEmpty);
    CHECK_FALSE(finish.endedInThought);
}

TEST_CASE("a tag in letters closes a thought that would have no answer")
{
    Chat chat;
    const auto spell = [&](const char* text) {
        const auto ids = chat.tokenizer->encode(text, ParseSpecial::No);
        chat.script->says.insert(chat.script->says.end(), ids.begin(), ids.end());
        return ids.size();
    };
    const std::size_t thought = spell("Two.\n");
    spell("</think>\n\nFour");
    const Finish finish = chat.finished();
    CHECK(finish.reasoningContent == "Two.");
    CHECK(finish.content == "Four");
    CHECK_FALSE(finish.endedInThought);
    CHECK(finish.usage.reasoningTokens <= thought);
    CHECK(finish.usage.reasoningTokens > 0);
    CHECK(chat.events.back().retold);
    CHECK(chat.events.back().retold->reasoningTokens == finish.usage.reasoningTokens);
}

TEST_CASE("what cannot be answered fails with a sentence, and the session goes on")
{
    Chat chat({}, 20);
    chat.says("ok");
    const auto codeOf = [&] {
        const auto finish = chat.generate();
        REQUIRE_FALSE(finish);
        CHECK(finish.error().message.ends_with("."));
        return finish.error().code;
    };
    chat.request.messages = {};
    CHECK(codeOf() == ErrorCode::InvalidArgument);
    chat.request.messages = {{"user", std::string(300, 'x'), ""}};
    const auto tooLong = chat.generate();
    REQUIRE_FALSE(tooLong);
    CHECK(tooLong.error().code == ErrorCode::ContextFull);
    CHECK(tooLong.error().message.find("the context holds 20") != std::string::npos);

    chat.request.messages = {{"user", "a", ""}};
    chat.script->nan = true;
    CHECK(codeOf() == ErrorCode::FileCorrupt);
    chat.script->nan = false;
    chat.script->broken = fail(ErrorCode::FileTruncated, "The file is shorter than it was.");
    CHECK(codeOf() == ErrorCode::FileTruncated);
    chat.script->broken = {};
    chat.request.thinking = false;
    CHECK(chat.finished().content == "ok");

    // One that refuses whatever it is asked would not have been taken for the model's template.
    Chat refusing("{% set asked = messages[0].content %}"
                  "{{ raise_exception('No.') if '2 + 2' in asked else asked }}");
    const auto refused = refusing.generate();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::TemplateFailed);
}
