// The rule for steps: the only one there is, for what streams and for what is stored.
#include "engine/reasoning/step_splitter.h"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/decimal_digit.h"
#include "engine/base/utf8.h"

using namespace ponder;

namespace {

using Texts = std::vector<std::string>;

/// What a splitter gives: the steps' texts, and where they begin in all that it gave.
struct Split {
    Texts steps;
    std::vector<std::size_t> begins;
    bool operator==(const Split&) const = default;
};

Split splitParts(const std::vector<std::string_view>& parts)
{
    Split split;
    std::size_t size = 0;
    StepSplitter splitter;
    const auto add = [&](const std::vector<StepSplitter::Piece>& pieces) {
        for (const auto& piece : pieces) {
            CHECK_FALSE(piece.text.empty());
            CHECK(utf8ValidPrefix(piece.text) == piece.text.size());
            const auto step = static_cast<std::size_t>(piece.step);
            REQUIRE(step <= split.steps.size());
            REQUIRE(step + 1 >= split.steps.size()); // a step never comes back
            if (step == split.steps.size()) {
                split.steps.emplace_back();
                split.begins.push_back(size);
            }
            split.steps.back() += piece.text;
            size += piece.text.size();
        }
    };
    for (const std::string_view part : parts)
        add(splitter.push(part));
    add(splitter.finish());
    CHECK(splitter.stepCount() == static_cast<int>(split.steps.size()));
    return split;
}

std::vector<std::size_t> characterBegins(std::string_view text)
{
    std::vector<std::size_t> begins;
    for (std::size_t at = 0; at < text.size(); at += utf8Length(text.substr(at)))
        begins.push_back(at);
    return begins;
}

std::vector<std::string_view> cutAt(std::string_view text, const std::vector<std::size_t>& cuts)
{
    std::vector<std::string_view> parts;
    std::size_t from = 0;
    for (const std::size_t cut : cuts) {
        parts.push_back(text.substr(from, cut - from));
        from = cut;
    }
    parts.push_back(text.substr(from));
    return parts;
}

/// The steps of text, checked to be the same at every cut in two and in three, and as stepBegins() has them.
Texts steps(std::string_view text)
{
    const Split whole = splitParts({text});
    const std::vector<std::size_t> begins = characterBegins(text);
    for (std::size_t i = 0; i < begins.size(); ++i) {
        for (std::size_t j = i; j < begins.size(); ++j)
            CHECK(splitParts(cutAt(text, {begins[i], begins[j]})) == whole);
    }
    CHECK(splitParts(cutAt(text, begins)) == whole);
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    std::vector<std::size_t> expected = whole.begins;
    for (std::size_t& begin : expected)
        begin += first;
    CHECK(stepBegins(text) == expected);
    return whole.steps;
}

} // namespace

TEST_CASE("a step is a paragraph")
{
    CHECK(steps("One,\nstill one.\n\n\nTwo.\r\n\r\nThree.\n \t\nFour.")
        == Texts{"One,\nstill one.\n\n\n", "Two.\r\n\r\n", "Three.\n \t\n", "Four."});
    CHECK(steps("\n\n  one \n\n") == Texts{"one"});
    CHECK(steps(" \n\n").empty());
    CHECK(steps("").empty());
}

TEST_CASE("a step is an item of a list")
{
    CHECK(steps("so\n- a\n* b\n• c\n1. d\n2) e\n123. f\nStep 1: g\nStep 22 h")
        == Texts{"so\n", "- a\n", "* b\n", "• c\n", "1. d\n", "2) e\n", "123. f\n", "Step 1: g\n",
            "Step 22 h"});
    CHECK(steps("- a\n  - b\n\t- c\n- d") == Texts{"- a\n  - b\n\t- c\n", "- d"});
    CHECK(steps("a\n**b**\n--\n-5\n3.5\n1234. x\n1.x\n•x\nSteps\nStep on\nStep\n").size() == 1);
    CHECK(steps("a\n-\nb\n1.\nc\nStep \nd\n- \ne").size()
        == 2); // "- " is an item, a mark alone is none
}

TEST_CASE("a tab after a mark is a space like any other")
{
    CHECK(steps("a\n-\tb\n*\tc\n•\td") == Texts{"a\n", "-\tb\n", "*\tc\n", "•\td"});
    CHECK(steps("a\n1.\tb\n2)\tc\nStep\t3") == Texts{"a\n", "1.\tb\n", "2)\tc\n", "Step\t3"});
    CHECK(steps("a\nStep\t\nb") == Texts{"a\nStep\t\nb"}); // the tab may stand at a line's end
    CHECK(steps("a\nStep\t") == Texts{"a\nStep"}); // and at the end of all
}

TEST_CASE("a number in any script numbers an item")
{
    CHECK(steps("a\n١. b\n٢) c") == Texts{"a\n", "١. b\n", "٢) c"});
    CHECK(steps("a\n१२३. b\n７. c\n𝟙. d\nStep ४ e")
        == Texts{"a\n", "१२३. b\n", "７. c\n", "𝟙. d\n", "Step ४ e"});
    CHECK(steps("a\n١٢٣٤. b\n١.b\n² . c\nⅣ. d\n一. e\n½. f").size()
        == 1); // letters, fractions, four digits
}

TEST_CASE("no step begins inside a fenced code block")
{
    CHECK(steps("a\n\n```py\n- x\n\n1. y\n```\n\nb")
        == Texts{"a\n\n", "```py\n- x\n\n1. y\n```\n\n", "b"});
    CHECK(steps("~~~\n\n-\tx\n١. y").size() == 1);
}

TEST_CASE("decimal digits are those of Unicode")
{
    for (const char32_t digit :
        {U'0', U'9', U'٠', U'٩', U'९', U'９', U'\U0001D7CE', U'\U0001D7FF', U'\U0001FBF9'})
        CHECK(isDecimalDigit(digit));
    for (const char32_t other :
        {U'/', U':', U'a', U'²', U'½', U'Ⅳ', U'一', U'\u066A', U'\U0001D7CD', U'\U0001FBFA'})
        CHECK_FALSE(isDecimalDigit(other));
    CHECK_FALSE(isDecimalDigit(0));
    CHECK_FALSE(isDecimalDigit(0x10FFFF));
    int count = 0;
    for (char32_t character = 0; character < 0x110000; ++character)
        count += isDecimalDigit(character) ? 1 : 0;
    CHECK(count == 760);
}

TEST_CASE("wherever a text is cut, its steps are the same")
{
    constexpr std::string_view kPieces[]
        = {"\n", "\n\n", " ", "\t", "\r\n", "- ", "-\t", "*", "•", "1. ", "12)", "١. ", "४",
            "７.\t", "Step ", "Step\t", "Ste", "```", "~~~\n", "word ", "é", "字", "😀", "."};
    std::mt19937 random(11);
    for (int round = 0; round < 400; ++round) {
        std::string text;
        for (int i = 0; i < 24; ++i)
            text += kPieces[random() % std::size(kPieces)];
        const Split whole = splitParts({text});
        for (int cutting = 0; cutting < 20; ++cutting) {
            std::vector<std::size_t> cuts;
            for (const std::size_t begin : characterBegins(text)) {
                if (random() % (1 + static_cast<unsigned>(cutting)) == 0)
                    cuts.push_back(begin);
            }
            CHECK(splitParts(cutAt(text, cuts)) == whole);
        }
        // As far as it has come, too: what reads the text in the middle sees the same steps.
        StepSplitter splitter;
        std::string soFar;
        for (const std::string_view part : cutAt(text, characterBegins(text))) {
            for (const auto& piece : splitter.push(part))
                soFar += piece.text;
            CHECK(stepBegins(soFar).size() == static_cast<std::size_t>(splitter.stepCount()));
        }
    }
}
