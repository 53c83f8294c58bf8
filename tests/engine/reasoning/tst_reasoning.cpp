// Steps, candidates, hints and loops.
#include <algorithm>
#include <string>

#include <doctest/doctest.h>

#include "engine/reasoning/characters.h"
#include "engine/reasoning/loop_detector.h"
#include "engine/reasoning/step_splitter.h"
#include "reasoning_fixture.h"

using namespace ponder;

namespace {

/// The steps as StepSplitter writes them.
std::vector<std::string> splitterSteps(std::string_view text)
{
    StepSplitter splitter;
    std::vector<std::string> steps;
    const auto take = [&steps](const std::vector<StepSplitter::Piece>& pieces) {
        for (const StepSplitter::Piece& piece : pieces) {
            if (steps.size() <= static_cast<std::size_t>(piece.step))
                steps.resize(static_cast<std::size_t>(piece.step) + 1);
            steps[static_cast<std::size_t>(piece.step)] += piece.text;
        }
    };
    take(splitter.push(text));
    take(splitter.finish());
    for (std::string& step : steps)
        step.erase(step.find_last_not_of(" \t\r\n") + 1);
    return steps;
}

std::vector<std::string> valuesOf(const Analysis& analysis)
{
    std::vector<std::string> values;
    for (const Candidate& candidate : analysis.candidates)
        values.push_back(candidate.value);
    return values;
}

using Values = std::vector<std::string>;

} // namespace

TEST_CASE("steps begin where StepSplitter begins them")
{
    for (const std::string_view text : {std::string_view("One.\n\nTwo.\nStill two.\n\n\n  Three."),
             std::string_view("  \n\nA\n- b\n- c\n* d\n• e\n12) f\n1234. no\nStep 3: g\nSteps h"),
             std::string_view("Code:\n```\na\n\n- b\n```\n\nAfter"),
             std::string_view("~~~\n\nopen to the end\n\n- x"),
             std::string_view("line\r\n\r\nnext\r\n- item"), std::string_view("a\n -b\n - c"),
             std::string_view(""), std::string_view("\n \n"),
             std::string_view("-\n\n- \n1.\n\n`` no"), std::string_view("a\n-\tb\n١. c"),
             std::string_view("思考\n\n一步\n1. 二步")}) {
        const CodePoints points(text);
        std::vector<std::string> steps;
        for (const AnalysedStep& step : analyseText(text).steps) {
            const std::size_t begin = points.byteAt(step.start);
            steps.emplace_back(text.substr(begin, points.byteAt(step.end) - begin));
        }
        CHECK(steps == splitterSteps(text));
    }
}

TEST_CASE("begins of steps that are none are left out")
{
    for (const std::vector<std::size_t>& begins :
        {std::vector<std::size_t>{2, 1}, {0, 99}, {99}, {3, 3, 4}, {2}}) {
        ReasoningRecord record;
        record.reasoning = "a\n \nb";
        record.stepBegins = begins;
        for (const AnalysedStep& step : analyse(record).steps)
            CHECK((step.start < step.end && step.end <= 5));
    }
}

TEST_CASE("places count code points")
{
    const Analysis analysis = analyseText("Größe — 数\n\nÜber 😀 x");
    REQUIRE(analysis.steps.size() == 2);
    CHECK(analysis.steps[0].start == 0);
    CHECK(analysis.steps[0].end == 9);
    CHECK(analysis.steps[1].start == 11);
    CHECK(analysis.steps[1].end == 19);
    const CodePoints points("a\xFFü");
    CHECK(points.at(2) == 2); // a byte that is no character counts as one
    CHECK(points.at(4) == 3);
    CHECK(points.byteAt(3) == 4);
}

TEST_CASE("steps have a kind in three languages, and turning back begins an attempt")
{
    const auto kindsOf = [](std::string_view text) {
        std::string kinds;
        for (const AnalysedStep& step : analyseText(text).steps)
            kinds += std::string(stepKindName(step.kind)) + " ";
        return kinds;
    };
    CHECK(kindsOf("Okay, so the problem asks for a sum.\n\nI need to add both.\n\n3 + 4 = 7\n\nLet "
                  "me double-check that.\n\n"
                  "Wait, that's not all.\n\n7 + 1 = 8\n\nTherefore, the answer is 8.")
        == "setup plan work check turn_back work conclude ");
    CHECK(kindsOf("Die Aufgabe fragt nach der Summe.\n\nZuerst addiere ich.\n\n3 + 4 = 7\n\nWarte, "
                  "da fehlt etwas.\n\nDie Antwort ist 8.")
        == "setup plan work turn_back conclude ");
    CHECK(kindsOf(
              "题目要求求和。\n\n首先把两个数相加。\n\n3 + 4 = 7\n\n等等，不对。\n\n所以答案是8。")
        == "setup plan work turn_back conclude ");

    const Analysis analysis
        = analyseText("The problem.\n\n1 + 1 = 2\n\n2 + 2 = 4\n\nWait, no.\n\n3 + 3 = 6");
    REQUIRE(analysis.steps.size() == 5);
    CHECK(analysis.steps[1].move == analysis.steps[2].move);
    CHECK(analysis.steps[2].attempt == 0);
    CHECK(analysis.steps[3].attempt == 1);
    CHECK(analysis.steps[4].attempt == 1);
}

TEST_CASE("candidates for the answer are listed in order")
{
    CHECK(valuesOf(analyseText("So the answer is 42.\n\nNo: \\boxed{\\frac{1}{2}}."))
        == Values{"42", "\\frac{1}{2}"});
    CHECK(valuesOf(analyseText("所以答案是 17。")) == Values{"17"});
    CHECK(valuesOf(analyseText("Also ist die Antwort 12,5.", {}, {}, "de")) == Values{"12,5"});
    CHECK(valuesOf(analyseText("We find x = 7, done.")) == Values{"7"});
    CHECK(valuesOf(analyseText("The answer should be approximately **1,250** apples."))
        == Values{"1250"});
    CHECK(valuesOf(analyseText("The final answer: Tuesday.")) == Values{"Tuesday"});
    CHECK(valuesOf(analyseText(
              "Therefore, the number of red apples is 12.", {}, "How many red apples are there?"))
        == Values{"12"});
}

TEST_CASE("what only speaks of an answer names none")
{
    for (const char* text : {"If the answer is 5, we are done.", "The answer is not clear.",
             "I must check whether the answer is 7.", "The answer is correct.",
             "The answer is based on it.", "\\boxed{}"})
        CHECK_MESSAGE(valuesOf(analyseText(text)).empty(), text);
}

TEST_CASE("a change of mind and an answer that differs are found")
{
    const Analysis analysis
        = analyseText("The answer is 12. Wait. The answer is 15.", "It is \\boxed{12}.");
    const auto changes = findingsOf(analysis, FindingKind::ChangedMind);
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].written == "12");
    CHECK(changes[0].value == "15");
    const auto differs = findingsOf(analysis, FindingKind::AnswerDiffers);
    REQUIRE(differs.size() == 1);
    CHECK(differs[0].part == TextPart::Answer);
    CHECK(differs[0].start == 13);
    CHECK(differs[0].end == 15);
}

TEST_CASE("the same answer in other words is the same")
{
    for (const auto& [thought, answer] : {std::pair{"The answer is 0.5.", "\\boxed{\\frac{1}{2}}"},
             {"The answer is 5.83.", "\\boxed{5.8}"}, {"The answer is 1,250.", "Answer: 1250"},
             {"The answer is Tuesday.", "Answer: **Tuesday**"},
             {"The answer is 25%.", "\\boxed{25}"}, {"The answer is $12.", "\\boxed{12}"},
             {"The answer is \\boxed{\\dfrac{3}{4}}.", "\\boxed{\\frac{3}{4}}"}}) {
        const Analysis analysis = analyseText(thought, answer);
        CHECK_MESSAGE(findingsOf(analysis, FindingKind::AnswerDiffers).empty(), thought);
    }
}

TEST_CASE("a number that the question does not have is a hint")
{
    const std::string question = "A train covers 120 km in two hours. How fast is it?";
    const auto given = [&question](std::string_view text) {
        return findingsOf(analyseText(text, {}, question), FindingKind::Given).size();
    };
    CHECK(given("The problem says the train covers 130 km.") == 1);
    CHECK(given("The problem says the train covers 120 km in 2 hours.") == 0);
    CHECK(given("So the speed is 60 km/h.") == 0);
    CHECK(findingsOf(analyseText("The problem says 130 km."), FindingKind::Given)
            .empty()); // no question is known
}

TEST_CASE("counts that can be counted are counted")
{
    const auto counts = [](std::string_view text) {
        return findingsOf(analyseText(text), FindingKind::Count).size();
    };
    CHECK(counts("\"Quiet rivers carry old songs.\" (6 words)") == 1);
    CHECK(counts("\"Quiet rivers carry old songs.\" (5 words)") == 0);
    CHECK(counts("The word \"strawberry\" has 2 r's.") == 1);
    CHECK(counts("The word \"strawberry\" has 3 r's.") == 0);
    CHECK(counts("There are two r's in strawberry.") == 1);
    CHECK(counts("There are three r's in strawberry.") == 0);
    CHECK(counts("I count 2 'p's in the word \"apple\" here.") == 0);
    CHECK(counts("\"banana\" has 7 letters") == 1);
}

TEST_CASE("one name with two concluded values in one attempt is a hint")
{
    const auto count = [](std::string_view text) {
        return findingsOf(analyseText(text), FindingKind::Contradiction).size();
    };
    CHECK(count("That gives y = 5. Also it means y = 9 here.") == 1);
    CHECK(count("That gives y = 5.\n\nWait, no.\n\nIt means y = 9 here.") == 0); // another attempt
    CHECK(count("Case 1: so y = 5. Case 2: so y = 9.") == 0);
}

TEST_CASE("a loop is noticed within 300 tokens of its third round, wherever the stream is cut")
{
    const std::string prose = "The garden lies behind the house. Its gate is green, and nobody has "
                              "locked it for years. ";
    const std::string round
        = "Perhaps the key is under the stone, or it may be in the old shed after all. ";
    constexpr std::size_t kSlack = 1200; // about 300 tokens
    for (const std::size_t piece : {std::size_t(1), std::size_t(7), std::size_t(4096)}) {
        LoopDetector detector;
        detector.push(prose);
        std::string stream;
        for (int i = 0; i < 60; ++i)
            stream += round;
        std::size_t noticed = 0;
        for (std::size_t at = 0; at < stream.size() && noticed == 0; at += piece) {
            detector.push(std::string_view(stream).substr(at, piece));
            noticed = detector.inLoop() ? at + piece : 0;
        }
        REQUIRE(noticed > 0);
        CHECK(noticed <= 3 * round.size() + kSlack + piece);
        CHECK(noticed > 2 * round.size());
    }
}

TEST_CASE("loops of one token and of steps that are counted on are noticed")
{
    LoopDetector token;
    for (int i = 0; i < 400; ++i)
        token.push("has, ");
    CHECK(token.inLoop());
    LoopDetector steps;
    for (int i = 1; i < 80; ++i)
        steps.push(std::to_string(i)
            + (i % 2 == 0 ? ". Pour the small jug into the large one.\n"
                          : ". Fill the small jug from the tap.\n"));
    CHECK(steps.inLoop());
}

TEST_CASE("prose and tables of growing numbers are no loop, and one that was left ends")
{
    LoopDetector detector;
    std::string table;
    for (int i = 0; i < 60; ++i)
        table += "1.005^" + std::to_string(i) + " = " + std::to_string(1000 + i * 37 % 911) + " * "
            + std::to_string(i * i) + "\n";
    detector.push(table);
    CHECK_FALSE(detector.inLoop());
    for (int i = 0; i < 100; ++i)
        detector.push("And again the same old words. ");
    CHECK(detector.inLoop());
    for (int i = 0; i < 400; ++i)
        detector.push(std::to_string(i * 7919 % 100003) + " is another number than "
            + std::to_string(i * 104729 % 99991) + ". ");
    CHECK_FALSE(detector.inLoop());
    CHECK(detector.loops().size() == 1);
}

TEST_CASE("an analysis lists the loop at the end of a thought, and only there")
{
    std::string thought = "First I look at the question.\n\n";
    for (int i = 0; i < 200; ++i)
        thought += "Wait, maybe it is the other door.\n\n";
    CHECK(findingsOf(analyseText(thought), FindingKind::Loop).size() == 1);
    CHECK(findingsOf(analyseText("A short and quiet thought."), FindingKind::Loop).empty());
}

TEST_CASE("hostile text takes time in proportion to its length")
{
    // Each took minutes or more in a reader that goes back over what it has read.
    for (const std::string_view piece : {std::string_view("("), std::string_view("1+("),
             std::string_view("10^9^9=1 "), std::string_view("\\frac{1}{"), std::string_view("1="),
             std::string_view("x=1+"), std::string_view("\xFF"), std::string_view("**"),
             std::string_view("400!*399!=1 "), std::string_view("\"")}) {
        std::string text;
        while (text.size() < 200'000)
            text += piece;
        CHECK(analyseText(text).findings.size() < 200'000); // ends at all: the test has a limit
    }
}
