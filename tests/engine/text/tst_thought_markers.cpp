// Tags and headers that models write otherwise than they should.
#include <doctest/doctest.h>

#include <string>

#include "tests/engine/thought_reading.h"

using namespace ponder;
using namespace ponder::test;

TEST_CASE("a closing tag that nobody opened: what stands before it was the thought")
{
    const Reading reading = readTokens("I should\n\nplan</think>\n\nDone.");
    CHECK(reading.steps == Steps{"I should\n\n", "plan"});
    CHECK(reading.answer == "Done.");
    CHECK(reading.retold);
    CHECK(reading.thought);
    CHECK(reading.closed);
    CHECK(readTokens("~<think>plan</think>Done").reasoning() == "plan");
    CHECK(readTokens("plan</think>").reasoning() == "plan");
    CHECK(readTokens("plan</think>").answer.empty());
    CHECK(readTokens("<think></think>plan</think>Done").reasoning() == "plan");
    CHECK(readTokens("a</think>b</think>c").reasoning() == "a");
    CHECK(readTokens("a</think>b</think>c").answer == "b\n\nc"); // a stray one
    CHECK(readTokens("a</think>b<think>c</think>d").reasoning() == "a\n\nc");
    // one that is spoken of
    for (const char* text : {"Write `</think>` there.", "```\n</think>\n```", "It's \"</think>\".",
             "The tag “</think>” closes."}) {
        CHECK(readTokens(text).answer == text);
        CHECK(readTokens(text).reasoning().empty());
    }
    CHECK(readTokens("He said \"yes\".</think>Done").answer == "Done");
    CHECK(readTokens("I write `x`.</think>Done").answer == "Done");
    CHECK(readTokens("```\nx\n```\n</think>Done").answer == "Done");
}

TEST_CASE("told by its text, a closing tag that nobody opened stands on a line of its own")
{
    const Reading reading = readText("I should\n\nplan.\n</think> \n\nDone.");
    CHECK(reading.steps == Steps{"I should\n\n", "plan."});
    CHECK(reading.answer == "Done.");
    for (const char* text : {"a\n</think> b", "a </think>\nb", "```\n</think>\n```",
             "Tags: <think>\n</think>\nboth", "a\n</think>"})
        CHECK(readText(text).answer == text);
}

TEST_CASE("a second thought goes to the first")
{
    const Reading reading = readTokens("<think>a</think>b\n\n<think>c</think>\n\nd");
    CHECK(reading.steps == Steps{"a\n\n", "c"});
    CHECK(reading.answer == "b\n\nd");
    CHECK(reading.closed);
    const Reading late = readTokens("Sure.\n<think>plan</think>Done");
    CHECK(late.reasoning() == "plan");
    CHECK(late.answer == "Sure.\n\nDone");
    CHECK(readTokens("<think>a</think><think>b</think>c").steps == Steps{"a\n\n", "b"});
    CHECK(readText("<think>a</think><think>b</think>c").steps == Steps{"a\n\n", "b"});
    CHECK(readText("<think>a</think>\n<think>b</think>c").answer == "c");
}

TEST_CASE("an opening tag in a line that nothing closes was spoken of")
{
    CHECK(readTokens("Use <think> tags. Then go on.").answer == "Use <think> tags. Then go on.");
    CHECK(readTokens("<think>a</think>Use <think> tags.").answer == "Use <think> tags.");
    CHECK(readTokens("<think>a</think>Use <think> tags.").reasoning() == "a");
    CHECK(readTokens("Use `<think>` tags.").answer == "Use `<think>` tags.");
    const auto cut
        = readTokens("Sure. <think>plan", thinkTags(), ThoughtStart::Undecided, Ending::Cut);
    CHECK(cut.reasoning() == "plan");
    CHECK(cut.answer == "Sure.");
    CHECK(readTokens("Sure.\n<think>plan").reasoning() == "plan");
    CHECK(readTokens("<think>I see <think> here").reasoning() == "I see <think> here");
    CHECK(readTokens("<think>a\n<think>\nb</think>c").reasoning() == "a\n\nb");
    CHECK(readTokens("Sure. <think>plan~</think>Done").answer == "Sure.\n\nDone");
}

TEST_CASE("a thought closed by a spelled tag, where the answer would stay empty")
{
    const Reading reading = readTokens("<think>plan\n\nmore\n~</think>\n\nDone.");
    CHECK(reading.steps == Steps{"plan\n\n", "more"});
    CHECK(reading.answer == "Done.");
    CHECK(reading.closed);
    CHECK(readTokens("<think>plan.~</think>Done.").answer == "Done.");
    CHECK(readTokens("<think>plan ~</think> Done.").answer == "Done.");
    CHECK(readTokens("<think>say ~</think> twice\n~</think>\nDone.").answer == "Done.");
    CHECK(readTokens("<think>plan\n~</think>\n<answer>Done.</answer>").answer == "Done.");
    // spoken of
    for (const char* text : {"The tag ~</think> closes it.", "It ends with `~</think>`.",
             "```\n~</think>\n```", "close with ~</think>."}) {
        CHECK(readTokens(std::string("<think>") + text).answer.empty());
        CHECK(readTokens(std::string("<think>") + text + "</think>Done").answer == "Done");
    }
    // cut short, only a tag that begins its line closes
    const auto cut = [](std::string_view text) {
        return readTokens(text, thinkTags(), ThoughtStart::InThought, Ending::Cut).answer;
    };
    CHECK(cut("plan\n~</think>\n\nDo") == "Do");
    CHECK(cut("plan.~</think>Do").empty());
    CHECK(cut("plan ~</thi").empty());
}

TEST_CASE("a quotation or a code that ended, or never will, hides no closing tag")
{
    struct Row {
        const char* text;
        const char* reasoning;
    };
    const Row rows[] = {
        {"I will say 'Hello!'</think>\n\nHello!", "I will say 'Hello!'"},
        {"I say: \"Hello!\nHow are you?\"</think>\n\nHello!", "I say: \"Hello!\nHow are you?\""},
        {"Press the ` key.</think>\n\nHello!", "Press the ` key."},
        {"Press the ` key.</think>Hello!", "Press the ` key."},
        {"He says (\"Hi\nyou\")</think>Hello!", "He says (\"Hi\nyou\")"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        const Reading reading = readText(row.text, true, thinkTags(), Ending::ByModel);
        CHECK(reading.reasoning() == row.reasoning);
        CHECK(reading.answer == "Hello!");
        CHECK(reading.closed);
    }
    for (const char* text : {"It ends with '</think>' there", "It ends with \"</think>\" there",
             "It ends with `</think>` there", "The tag (\"</think>\") is", "标签\"</think>\"的",
             "例如：\"</think>\"的", "“</think>” is"}) {
        CAPTURE(text);
        CHECK(readText(text, true, thinkTags(), Ending::ByModel).answer.empty());
        CHECK(readText(text, true, thinkTags(), Ending::ByModel).reasoning() == text);
    }
}

TEST_CASE("a thought closed by another spelling, where the answer would stay empty")
{
    for (const char* close : {"</thinking>", "</Think>", "</THINK>", "</Reasoning>", "</tHiNk>"}) {
        CAPTURE(close);
        const std::string text = std::string("plan\n") + close + "\n\nDone.";
        for (const Reading& reading : {readTokens("<think>" + text),
                 readText("<think>" + text, false), readText(text, true)}) {
            CHECK(reading.reasoning() == "plan");
            CHECK(reading.answer == "Done.");
        }
        CHECK(readTokens("<think>plan" + std::string(close) + "Done.").answer.empty());
        CHECK(readTokens("<think>```\n" + std::string(close) + "\n```").answer.empty());
    }
    // a section within the thought; all of the thought in another spelling
    CHECK(readTokens("<think>a\n<thinking>\nb\n</thinking>\nc").answer.empty());
    CHECK(readTokens("<think>a\n<thinking>\nb\n</thinking>\nc\n~</think>\nd").answer == "d");
    CHECK(readTokens("<think><thinking>\nb\n</thinking>\n\nc").answer == "c");
}

TEST_CASE("tags in capitals are tags")
{
    for (const auto& [open, close] : {std::pair("<Think>", "</Think>"), {"<THINK>", "</THINK>"},
             {"<thoughts>", "</thoughts>"}, {"<Thoughts>", "</Thoughts>"},
             {"<Thinking>", "</Thinking>"}, {"<Reasoning>", "</Reasoning>"}}) {
        CAPTURE(open);
        const std::string text = std::string(open) + "plan" + close + "Done.";
        for (const Reading& reading : {readTokens(text), readText(text)}) {
            CHECK(reading.reasoning() == "plan");
            CHECK(reading.answer == "Done.");
        }
    }
}

TEST_CASE("every spelling, by its own model")
{
    for (const ThoughtFormat& format : thoughtFormats()) {
        if (format.hasHeaders)
            continue;
        CAPTURE(format.name);
        const std::string open(format.openThought);
        const std::string close(format.closeThought);
        const auto* end = format.find(ThoughtMark::CloseAnswer);
        const std::string text
            = open + "Two.\n\nFour." + close + "It is **4**." + std::string(end ? end->text : "");
        for (const Reading& reading : {readText(text, false, format), readTokens(text, format)}) {
            CHECK(reading.steps == Steps{"Two.\n\n", "Four."});
            CHECK(reading.answer == "It is **4**.");
            CHECK(reading.closed);
        }
        CHECK(readText("Two." + close + "4", true, format).answer == "4");
        CHECK(readText("Two." + close + "4", true, format).reasoning() == "Two.");
        if (!format.isSpelled)
            continue;
        // and by a model of another kind, letter by letter
        const Reading other = readText(text, false, thinkTags());
        CHECK(other.steps == Steps{"Two.\n\n", "Four."});
        CHECK(other.answer == "It is **4**.");
        CHECK(readTokens(text).closed);
        const std::string quoted = "The tag " + open + "a" + close + "b";
        CHECK(readText(quoted).answer == quoted);
    }
}

TEST_CASE("an opening tag of another spelling that nothing closes was the answer's first word")
{
    CHECK(readTokens("<thinking> is a tag.").answer == "<thinking> is a tag.");
    CHECK(readTokens("<thinking> is a tag.").reasoning().empty());
    CHECK(readTokens("`<thinking>` is a tag.").answer == "`<thinking>` is a tag.");
    const auto cut = readText("<thinking>Let me see", false);
    CHECK(cut.reasoning() == "Let me see");
}

TEST_CASE("tags around an answer are left out")
{
    CHECK(readText("<think>a</think> <answer>4</answer>").answer == "4");
    CHECK(readText("<think>a</think><answer>\n4\n</answer>\nBye").answer == "4\n\nBye");
    CHECK(readText("<think>a</think><answer>4 </ans").answer == "4 </ans");
    CHECK(readText("<think>a</think><answer").answer == "<answer");
    CHECK(readText("<think>a</think>4 <answer> 5").answer == "4 <answer> 5");
    CHECK(readText("<answer>4</answer>").answer == "<answer>4</answer>");
    CHECK(readTokens("<think>a</think><answer>4</answer>").answer == "4");
}

TEST_CASE("channels: what cannot be a header is the message's text")
{
    struct Case {
        const char* text;
        const char* reasoning;
        const char* answer;
    };
    const std::string tool = "functions." + std::string(600, 'x');
    const std::string longHeader
        = "<|channel|>commentary to=" + tool + " <|constrain|>json<|message|>{}<|call|>";
    const Case cases[] = {
        {"<|channel|>final The answer is 4.<|return|>", "", "The answer is 4."},
        {"<|channel|>final the answer is 4.<|return|>", "", "the answer is 4."},
        {"<|channel|>final four<|return|>", "", "four"},
        {"<|channel|>finalThe answer is 4.<|return|>", "", "The answer is 4."},
        {"<|channel|>final**4**", "", "**4**"},
        {"<|channel|>final答案是4。", "", "答案是4。"},
        {"<|channel|>final\nThe answer", "", "The answer"},
        {"<|channel|>analysis We think<|end|><|start|>assistant<|channel|>final<|message|>4",
            "We think", "4"},
        {"<|channel|>analysisWe think", "We think", ""},
        {"<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final 4", "a", "4"},
        {"<|channel|>analysis<|message|>a<|start|>assistant<|channel|>final<|message|>4", "a", "4"},
        {"<|channel|>analysis<|message|>a<|channel|>final<|message|>4", "a", "4"},
        {"<|channel|>analysis<|message|>a<|end|><|start|>assistant The answer", "a", "The answer"},
        {"<|channel|>analysis<|message|>a<|end|><|start|>assistant<|message|>4", "a", "4"},
        {"<|channel|>analysis<|message|>a<|end|><|channel|>final<|message|>4", "a", "4"},
        {"<|channel|>analysis<|message|>a<|end|>four", "a", "four"},
        {"<|channel|><|message|>four", "", "four"},
        {"<|channel|>Sure, it is 4.", "", "Sure, it is 4."},
        {"<|channel|>four<|return|>", "", "four"},
        {"<|channel|>it is four<|return|>", "", "it is four"},
        {"<|channel|>finally it is 4", "", "finally it is 4"},
        {"<|message|>four", "", "four"},
        {"<|start|>assistant four is it", "", "four is it"},
        {"<|start|>assistantFour is it", "", "Four is it"},
        {"<|start|>Hello there", "", "Hello there"},
        {"<|start|>Hello<|end|>", "", "Hello"},
        {"<|channel|>justify<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>4", "a",
            "4"},
        {"<|channel|>final <|constrain|>json<|message|>{}", "", "{}"},
        {"<|channel|>final <|constrain|>json{}", "", "{}"},
        {"<|channel|>commentary json<|message|>{}", "", "{}"},
        {"<|channel|>commentary to=f code<|message|>x", "x", ""},
        {"<|channel|>commentary to=f <|constrain|>json{\"a\":1}<|call|>", "{\"a\":1}", ""},
        {longHeader.c_str(), "{}", ""},
        {"<|channel|>final<|message|>4<|message|>5", "", "4\n\n5"},
        {"<|channel|>final<|message|>say `<|channel|>` and `<|message|>`", "",
            "say `<|channel|>` and `<|message|>`"},
        {"<|channel|>analysis<|channel|>final<|message|>4", "", "4"},
        {"<|channel|>analysis<|message|>a\n~<|end|>~<|start|>assistant~<|channel|>final~<|"
         "message|>4",
            "a", "4"},
        {"to=5 is what I need", "", "to=5 is what I need"},
        {"<|channel|>fin", "", ""},
    };
    for (const Case& c : cases) {
        CAPTURE(c.text);
        const Reading reading = readTokens(c.text, channels());
        CHECK(reading.reasoning() == c.reasoning);
        CHECK(reading.answer == c.answer);
        if (std::string_view(c.text).find('~') == std::string_view::npos)
            readText(c.text, false, channels(), Ending::ByModel);
    }
}

TEST_CASE("random tokens read the same in pieces of any length, and nothing is lost")
{
    const std::string_view words[]
        = {"<think>", "</think>", "~<think>", "~</think>", "\n", "\n\n", " ", "- ", "`", "```\n",
            "\"", "a", "é", "世", "<answer>", "</answer>", "<thinking>", "</thinking>"};
    std::uint32_t state = 11;
    for (int i = 0; i < 400; ++i) {
        std::string text;
        for (int j = 0; j < 12; ++j) {
            state = state * 1664525u + 1013904223u;
            text += words[(state >> 16) % std::size(words)];
        }
        CAPTURE(text);
        for (const Ending ending : {Ending::Cut, Ending::ByModel}) {
            const Reading reading = readTokens(text, thinkTags(),
                i % 2 == 0 ? ThoughtStart::Undecided : ThoughtStart::InThought, ending);
            const std::string told = reading.reasoning() + reading.answer;
            for (const std::string_view word : {"a", "é", "世"}) {
                const auto count = [&](std::string_view in) {
                    std::size_t found = 0;
                    for (auto at = in.find(word); at != in.npos; at = in.find(word, at + 1))
                        ++found;
                    return found;
                };
                std::string bare = text;
                for (const std::string_view tag :
                    {"<think>", "</think>", "<answer>", "</answer>", "<thinking>", "</thinking>"})
                    for (auto at = bare.find(tag); at != bare.npos; at = bare.find(tag))
                        bare.replace(at, tag.size(), "|");
                std::string without = told;
                for (const std::string_view tag :
                    {"<think>", "</think>", "<answer>", "</answer>", "<thinking>", "</thinking>"})
                    for (auto at = without.find(tag); at != without.npos; at = without.find(tag))
                        without.replace(at, tag.size(), "|");
                CHECK(count(without) == count(bare));
            }
        }
    }
}
