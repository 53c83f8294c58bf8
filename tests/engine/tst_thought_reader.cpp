#include "engine/text/thought_reader.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace ponder;

namespace {

/// Everything a reader gave, runs of one phase and step joined.
struct Reading {
    std::vector<std::string> steps;
    std::string answer;
    int stepCount = 0;
    bool thought = false;
    bool closed = false;

    [[nodiscard]] std::string reasoning() const
    {
        std::string text;
        for (const std::string& step : steps)
            text += step;
        return text;
    }

    bool operator==(const Reading&) const = default;
};

void add(Reading& reading, const std::vector<ThoughtReader::Chunk>& chunks)
{
    for (const auto& chunk : chunks) {
        CHECK_FALSE(chunk.text.empty());
        CHECK(utf8Repaired(chunk.text) == chunk.text);
        if (chunk.phase == Phase::Answer) {
            CHECK(chunk.step == 0);
            reading.answer += chunk.text;
            continue;
        }
        CHECK(reading.answer.empty()); // a phase never comes back
        const auto step = static_cast<std::size_t>(chunk.step);
        REQUIRE(step + 1 >= reading.steps.size()); // nor a step
        REQUIRE(step <= reading.steps.size());
        reading.steps.resize(step + 1);
        reading.steps[step] += chunk.text;
    }
}

void end(Reading& reading, ThoughtReader& reader)
{
    add(reading, reader.finish());
    reading.stepCount = reader.stepCount();
    reading.thought = reader.thought();
    reading.closed = reader.closed();
}

/// The reading of parts pushed one after the other.
Reading readParts(const std::vector<std::string_view>& parts, bool thinkOpen)
{
    Reading reading;
    ThoughtReader reader(thinkOpen);
    for (const std::string_view part : parts)
        add(reading, reader.push(part));
    end(reading, reader);
    return reading;
}

/// The reading of text, checked to be the same wherever the text is cut.
Reading readText(std::string_view text, bool thinkOpen = false)
{
    const Reading whole = readParts({text}, thinkOpen);
    for (std::size_t cut = 0; cut <= text.size(); ++cut)
        CHECK(readParts({text.substr(0, cut), text.substr(cut)}, thinkOpen) == whole);
    for (const std::size_t length : {1, 2, 3, 7}) {
        std::vector<std::string_view> parts;
        for (std::size_t i = 0; i < text.size(); i += length)
            parts.push_back(text.substr(i, length));
        CHECK(readParts(parts, thinkOpen) == whole);
    }
    CHECK(whole.stepCount == static_cast<int>(whole.steps.size()));
    return whole;
}

using Steps = std::vector<std::string>;

} // namespace

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
    CHECK(readText("<think>a</think><think>b</think>").answer == "<think>b</think>");
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
    ThoughtReader reader(false, ThoughtReader::Tags::asTokens);
    CHECK(reader.phase() == Phase::Answer);
    add(reading, reader.push("\n"));
    add(reading, reader.open());
    CHECK(reader.phase() == Phase::Reasoning);
    add(reading, reader.push("say <think>"));
    add(reading, reader.push(" and </think>"));
    add(reading, reader.open());
    CHECK(reader.phase() == Phase::Reasoning);
    add(reading, reader.push("\xE4\xB8")); // cut by the tag
    add(reading, reader.close());
    CHECK(reader.phase() == Phase::Answer);
    add(reading, reader.push("\n\nx </think>"));
    add(reading, reader.close());
    end(reading, reader);
    CHECK(reading.reasoning() == "say <think> and </think><think>\uFFFD");
    CHECK(reading.answer == "x </think></think>");
}

TEST_CASE("a token's tag right after the prompt's")
{
    Reading reading;
    ThoughtReader reader(true, ThoughtReader::Tags::asTokens);
    add(reading, reader.open());
    add(reading, reader.push("a"));
    add(reading, reader.close());
    end(reading, reader);
    CHECK(reading.steps == Steps{"a"});
    CHECK(reading.closed);

    Reading empty;
    ThoughtReader closedAtOnce(true, ThoughtReader::Tags::asTokens);
    add(empty, closedAtOnce.push("\n\n"));
    add(empty, closedAtOnce.close());
    add(empty, closedAtOnce.push("\n\nb"));
    end(empty, closedAtOnce);
    CHECK(empty.steps.empty());
    CHECK(empty.answer == "b");
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
