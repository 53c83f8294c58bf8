#include <doctest/doctest.h>

#include <string>

#include "tests/engine/thought_reading.h"

using namespace ponder;
using namespace ponder::test;

TEST_CASE("a thought opened by the model")
{
    const Reading reading = readText("\n<think>\nI add.\n\nDone.\n</think>\n\nIt is **4**.\n");
    CHECK(reading.steps == Steps{"I add.\n\n", "Done."});
    CHECK(reading.answer == "It is **4**.");
    CHECK(reading.thought);
    CHECK(reading.closed);
}

TEST_CASE("a thought opened by the prompt")
{
    CHECK(readText("I add.\n</think>4", true).reasoning() == "I add.");
    CHECK(readText("I add.\n</think>4", true).answer == "4");
    // some models open it once more
    CHECK(readText("\n<think>\nI add.</think>4", true).reasoning() == "I add.");
}

TEST_CASE("no thought at all")
{
    const Reading reading = readText(" Hello <think>, said a tag. </think> Bye");
    CHECK(reading.answer == "Hello <think>, said a tag. </think> Bye");
    CHECK_FALSE(reading.thought);
    CHECK(readText("").answer.empty());
    CHECK(readText("</think>\n\nHi").answer == "Hi");
    CHECK_FALSE(readText("</think>\n\nHi").closed);
    CHECK(readText("<thin").answer == "<thin");
    CHECK(readText("< think>x").answer == "< think>x");
}

TEST_CASE("an empty thought has no steps")
{
    for (const char* text :
        {"<think></think>4", "<think>\n\n</think>\n\n4", " <think> \n </think> 4"}) {
        const Reading reading = readText(text);
        CHECK(reading.steps.empty());
        CHECK(reading.answer == "4");
        CHECK(reading.closed);
    }
    CHECK(readText("\n\n</think>4", true).answer == "4");
}

TEST_CASE("an unclosed thought stays a thought")
{
    const Reading reading = readText("<think>I wonder </thi");
    CHECK(reading.reasoning() == "I wonder </thi");
    CHECK(reading.answer.empty());
    CHECK(reading.thought);
    CHECK_FALSE(reading.closed);
    CHECK(readText("  ", true).reasoning().empty());
    CHECK(readText("</thin", true).reasoning() == "</thin");
}

TEST_CASE("once the answer has begun, tags are text")
{
    const Reading reading
        = readText("<think>a</think>In HTML: <think>b</think> and\n```\n</think>\n<think>\n```");
    CHECK(reading.reasoning() == "a");
    CHECK(reading.answer == "In HTML: <think>b</think> and\n```\n</think>\n<think>\n```");
}

TEST_CASE("near misses of the closing tag are text")
{
    CHECK(readText("<think>a </think </thinks> <</think>b").reasoning() == "a </think </thinks> <");
    CHECK(readText("<think></</</think>b").reasoning() == "</</");
}

TEST_CASE("a first line that stands on its own keeps its indentation")
{
    CHECK(readText("<think>x</think>\n\n    code\n  more").answer == "    code\n  more");
    CHECK(readText("<think>x</think>   text").answer == "text");
}

TEST_CASE("whitespace inside is kept, at the end it is not")
{
    const Reading reading = readText("<think>a  b\n c\t\n</think>d \n\n\n e\n \n");
    CHECK(reading.reasoning() == "a  b\n c");
    CHECK(reading.answer == "d \n\n\n e");
}

TEST_CASE("steps are paragraphs")
{
    CHECK(readText("<think>One,\nstill one.\n\n\nTwo.\r\n\r\nThree.\n \t\nFour.</think>").steps
        == Steps{"One,\nstill one.\n\n\n", "Two.\r\n\r\n", "Three.\n \t\n", "Four."});
}

TEST_CASE("steps are items of a list")
{
    CHECK(readText("<think>Plan:\n1. add\n   carry\n2) check\n- dash\n* star\n• dot\nStep 1: "
                   "go\nStep two\n12.5 is no item\n1234. nor this\n  - nor this</think>")
              .steps
        == Steps{"Plan:\n", "1. add\n   carry\n", "2) check\n", "- dash\n", "* star\n", "• dot\n",
            "Step 1: go\nStep two\n12.5 is no item\n1234. nor this\n  - nor this"});
    CHECK(readText("<think>1. a\n2. b</think>").steps == Steps{"1. a\n", "2. b"});
    CHECK(readText("<think>a\n-\nb\n1.\n\nStep \n</think>").steps
        == Steps{"a\n-\nb\n1.\n\n", "Step"});
    CHECK(readText("<think>a\n**bold**\n-5\n--\n“x”\n•\u00e9</think>").stepCount == 1);
}

TEST_CASE("a fenced code block is one step")
{
    CHECK(readText("<think>Code:\n\n```py\na = 1\n\n- b\n1. c\n```\n\nSo.</think>").steps
        == Steps{"Code:\n\n", "```py\na = 1\n\n- b\n1. c\n```\n\n", "So."});
    CHECK(readText("<think>~~~\n\nx\n</think>").stepCount == 1);
}

TEST_CASE("characters come whole, and invalid bytes as U+FFFD")
{
    const Reading reading = readText("<think>\xD0\x96\xFF 🦙\xF0\x9F</think>世\xE4\xB8");
    CHECK(reading.reasoning() == "Ж\uFFFD 🦙\uFFFD");
    CHECK(reading.answer == "世\uFFFD");
}

TEST_CASE("where tags are tokens, spelled-out tags are text")
{
    Reading reading;
    ThoughtReader reader(thinkTags(), ThoughtStart::Undecided, ThoughtReader::Tags::asTokens);
    CHECK(reader.phase() == Phase::Answer);
    add(reading, reader.push("\n"));
    add(reading, reader.mark(marker("<think>")));
    CHECK(reader.phase() == Phase::Reasoning);
    add(reading, reader.push("say <think>"));
    add(reading, reader.push(" and </think>"));
    add(reading, reader.mark(marker("<think>")));
    CHECK(reader.phase() == Phase::Reasoning);
    add(reading, reader.push("\xE4\xB8")); // cut by the tag
    add(reading, reader.mark(marker("</think>")));
    CHECK(reader.phase() == Phase::Answer);
    add(reading, reader.push("\n\nx </think>"));
    add(reading, reader.mark(marker("</think>")));
    end(reading, reader);
    CHECK(reading.reasoning() == "say <think> and </think><think>\uFFFD");
    CHECK(reading.answer == "x </think>");
}

TEST_CASE("a token's tag right after the prompt's")
{
    Reading reading;
    ThoughtReader reader(thinkTags(), ThoughtStart::InThought, ThoughtReader::Tags::asTokens);
    add(reading, reader.mark(marker("<think>")));
    add(reading, reader.push("a"));
    add(reading, reader.mark(marker("</think>")));
    end(reading, reader);
    CHECK(reading.steps == Steps{"a"});
    CHECK(reading.closed);

    Reading empty;
    ThoughtReader closedAtOnce(thinkTags(), ThoughtStart::InThought, ThoughtReader::Tags::asTokens);
    add(empty, closedAtOnce.push("\n\n"));
    add(empty, closedAtOnce.mark(marker("</think>")));
    add(empty, closedAtOnce.push("\n\nb"));
    end(empty, closedAtOnce);
    CHECK(empty.steps.empty());
    CHECK(empty.answer == "b");
}

TEST_CASE("channels: a thought and an answer")
{
    const std::string_view text = "<|channel|>analysis<|message|>Add "
                                  "them.\n\nDone.<|end|><|start|>assistant<|channel|>final"
                                  "<|message|>It is **4**.<|return|>";
    const Reading reading = readText(text, false, channels());
    CHECK(reading.steps == Steps{"Add them.\n\n", "Done."});
    CHECK(reading.answer == "It is **4**.");
    CHECK(reading.thought);
}

TEST_CASE("channels: opened by the prompt, absent, empty, unclosed, without a header")
{
    const ThoughtFormat& f = channels();
    CHECK(readText("a<|end|><|start|>assistant<|channel|>final<|message|>b", true, f).reasoning()
        == "a");
    CHECK(
        readText("a<|end|><|start|>assistant<|channel|>final<|message|>b", true, f).answer == "b");
    const Reading absent = readText("<|channel|>final<|message|> b", false, f);
    CHECK(absent.answer == "b");
    CHECK_FALSE(absent.thought);
    const Reading empty = readText(
        "<|channel|>analysis<|message|><|end|><|start|>assistant<|channel|>final<|message|>b",
        false, f);
    CHECK(empty.steps.empty());
    CHECK(empty.answer == "b");
    const Reading unclosed = readText("<|channel|>analysis<|message|>a <|en", false, f);
    CHECK(unclosed.reasoning() == "a <|en");
    CHECK(unclosed.answer.empty());
    CHECK(readText("just text", false, f).answer == "just text");
    CHECK(readText("to=", false, f).answer == "to=");
    CHECK(readText("tomorrow", false, f).answer == "tomorrow");
    CHECK(readText("<|channel|>final<|message|>a<|end|> b", false, f).answer == "a\n\nb");
    CHECK(readText("<|channel|>fin", false, f).answer.empty());
}

TEST_CASE("channels: commentary is answer, a call to a tool is thought, a thought may come back")
{
    const Reading reading
        = readText("<|channel|>analysis<|message|>One.<|end|><|start|>assistant<|channel|>"
                   "commentary<|message|>"
                   "I will look.<|end|><|start|>assistant to=functions.look<|channel|>commentary "
                   "<|constrain|>json<|message|>{\"a\":1}<|call|><|start|>assistant<|channel|>"
                   "analysis<|message|>"
                   "Two.<|end|><|start|>assistant<|channel|>final<|message|>Found.",
            false, channels());
    CHECK(reading.steps == Steps{"One.\n\n", "{\"a\":1}\n\n", "Two."});
    CHECK(reading.answer == "I will look.\n\nFound.");
    CHECK(reading.cameBack);
    CHECK(readText(" to=python<|channel|>commentary<|message|>x", false, channels()).reasoning()
        == "x");
}

TEST_CASE("channels: where markers are tokens, spelled-out ones are text")
{
    Reading reading;
    ThoughtReader reader(channels(), ThoughtStart::Undecided, ThoughtReader::Tags::asTokens);
    const auto mark = [&](const char* text) { add(reading, reader.mark(marker(text))); };
    mark("<|channel|>");
    CHECK(reader.phase() == Phase::Answer); // not settled yet
    add(reading, reader.push("anal"));
    add(reading, reader.push("ysis"));
    CHECK(reader.phase() == Phase::Reasoning);
    mark("<|message|>");
    add(reading, reader.push("say <|end|> and </think>"));
    mark("<|end|>");
    CHECK(reader.phase() == Phase::Reasoning);
    mark("<|start|>");
    add(reading, reader.push("assistant"));
    mark("<|channel|>");
    add(reading, reader.push("final"));
    CHECK(reader.phase() == Phase::Answer);
    mark("<|message|>");
    add(reading, reader.push("<|channel|>"));
    mark("<|return|>");
    end(reading, reader);
    CHECK(reading.reasoning() == "say <|end|> and </think>");
    CHECK(reading.answer == "<|channel|>");
    CHECK(reading.closed == false);
}

TEST_CASE("a reader goes on from a thought and an answer, whatever they look like")
{
    for (const ThoughtFormat& format : thoughtFormats()) {
        Reading reading;
        ThoughtReader reader(format, ThoughtStart::InThought);
        add(reading, reader.resume("I see </think> and <|end|>.", false, {}));
        add(reading, reader.push("\n\nMore." + std::string(format.closeThought) + "Four"));
        end(reading, reader);
        CHECK(reading.steps == Steps{"I see </think> and <|end|>.\n\n", "More."});
        CHECK(reading.answer == "Four");

        Reading answer;
        ThoughtReader late(format, ThoughtStart::InThought);
        add(answer, late.resume("a", true, "b <think>"));
        add(answer, late.push(" c"));
        end(answer, late);
        CHECK(answer.reasoning() == "a");
        CHECK(answer.answer == "b <think> c");
    }
}

TEST_CASE("random streams read the same wherever they are cut")
{
    const std::string_view words[]
        = {"<think>", "</think>", "</", "think>", "\n", "\n\n", " ", "1. ", "- ", "```", "Step 3",
            "a", "é", "\xF0\x9F", "\xA6\x99", "世", "•", "\t", "<", "~~~\n"};
    std::uint32_t state = 7;
    for (int i = 0; i < 300; ++i) {
        std::string text;
        for (int j = 0; j < 14; ++j) {
            state = state * 1664525u + 1013904223u;
            text += words[(state >> 16) % std::size(words)];
        }
        CAPTURE(text);
        readText(text, i % 2 == 0);
    }
}

TEST_CASE("random messages read the same wherever they are cut")
{
    const std::string_view words[] = {"<|start|>", "<|channel|>", "<|message|>", "<|end|>",
        "<|return|>", "<|constrain|>", "assistant", "analysis", "final", "commentary", " to=x",
        "to=", "t", "<|", "|>", " ", "\n\n", "- ", "a", "é", "\xF0\x9F",
        "<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>"};
    std::uint32_t state = 9;
    for (int i = 0; i < 300; ++i) {
        std::string text;
        for (int j = 0; j < 12; ++j) {
            state = state * 1664525u + 1013904223u;
            text += (state >> 8) % 97 == 0 ? std::string(300, 'h')
                                           : std::string(words[(state >> 16) % std::size(words)]);
        }
        CAPTURE(text);
        if (text.size() < 300 || i % 10 == 0)
            readText(text, i % 2 == 0, channels());
    }
}
