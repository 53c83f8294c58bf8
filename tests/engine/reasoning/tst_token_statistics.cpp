// The token statistics: what encode() wrote comes back, what it did not write is refused, and every byte of a text has
// its token.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <random>
#include <string>

#include <doctest/doctest.h>

#include "engine/reasoning/text_alignment.h"
#include "engine/reasoning/token_statistics.h"

using namespace ponder;
using namespace std::string_literals;

namespace {

constexpr auto kThought = TextPart::Reasoning;
constexpr auto kAnswer = TextPart::Answer;

/// What rounding may change: 1/2048 nat below 1 nat, a 1024th above.
bool isNear(float got, float wanted)
{
    return std::abs(got - wanted) <= std::max(1.0F / 2048, std::abs(wanted) / 1024);
}

TokenStatistic simple(std::int32_t id, TextPart part, std::uint32_t milliseconds = 0)
{
    TokenStatistic token;
    token.id = id;
    token.part = part;
    token.milliseconds = milliseconds;
    return token;
}

void add(TokenStatistics& statistics, std::int32_t id, TextPart part, std::string_view text)
{
    statistics.addText(id, text);
    statistics.push(simple(id, part));
    statistics.release(part, text.size());
}

TokenStatistics decoded(std::string_view bytes)
{
    auto statistics = TokenStatistics::decode(bytes);
    REQUIRE_MESSAGE(statistics, statistics.error().message, statistics.error().context);
    return *std::move(statistics);
}

void checkSame(const TokenStatistics& got, const TokenStatistics& wanted)
{
    CHECK(got.texts() == wanted.texts());
    for (const TextPart part : {kThought, kAnswer}) {
        CHECK(got.bytesBefore(part) == wanted.bytesBefore(part));
        CHECK(got.bytes(part) == wanted.bytes(part));
    }
    REQUIRE(got.tokens().size() == wanted.tokens().size());
    bool same = true;
    for (std::size_t i = 0; i < got.tokens().size(); ++i) {
        const TokenStatistic& g = got.tokens()[i];
        const TokenStatistic& w = wanted.tokens()[i];
        same = same && g.id == w.id && g.part == w.part && g.isTag == w.isTag
            && isNear(g.logprob, w.logprob) && isNear(g.entropy, w.entropy)
            && g.milliseconds == w.milliseconds && g.thoughtEnd == w.thoughtEnd
            && g.answerEnd == w.answerEnd && g.alternativeCount == w.alternativeCount;
        for (std::size_t k = 0; k < w.alternativeCount; ++k)
            same = same && g.alternatives[k].id == w.alternatives[k].id
                && isNear(g.alternatives[k].logprob, w.alternatives[k].logprob);
        if (!same)
            FAIL("token ", i);
    }
}

/// Any tokens: unsorted alternatives, no alternatives, texts that are no UTF-8, empty texts.
TokenStatistics randomStatistics(std::mt19937& random, std::size_t tokens, std::int32_t vocabulary)
{
    const auto below = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
    const auto nats
        = [&] { return std::exp2(static_cast<float>(below(1700)) / 100 - 11); }; // up to 63
    TokenStatistics statistics;
    std::uint32_t time = below(5000);
    for (std::size_t i = 0; i < tokens; ++i) {
        TokenStatistic token
            = simple(static_cast<std::int32_t>(below(static_cast<std::uint32_t>(vocabulary))),
                below(2) != 0 ? kAnswer : kThought, time += below(300));
        token.isTag = below(50) == 0;
        token.logprob = -nats();
        token.entropy = nats();
        token.alternativeCount = static_cast<std::uint8_t>(below(6));
        const std::uint32_t first = below(static_cast<std::uint32_t>(vocabulary));
        for (std::uint32_t k = 0; k < token.alternativeCount; ++k)
            token.alternatives[k] = {
                static_cast<std::int32_t>((first + k * 7) % static_cast<std::uint32_t>(vocabulary)),
                -nats()};
        if (token.alternativeCount > 0 && below(3) != 0)
            token.id = token.alternatives[below(token.alternativeCount)].id;
        std::string text(below(9), '\0');
        for (char& c : text)
            c = static_cast<char>(random());
        statistics.addText(token.id, text);
        statistics.push(token);
        statistics.release(token.part, below(20));
        if (below(40) == 0)
            statistics.release(kThought, below(300));
    }
    return statistics;
}

} // namespace

TEST_CASE("an empty answer comes back empty")
{
    const std::string bytes = TokenStatistics().encode();
    CHECK(bytes == "\x01\0\0\0\0"s);
    const TokenStatistics statistics = decoded(bytes);
    CHECK(statistics.tokens().empty());
    CHECK(statistics.texts().empty());
    CHECK_FALSE(statistics.tokenAt(kAnswer, 0));
}

TEST_CASE("version 1 is written as it is described")
{
    TokenStatistics statistics;
    statistics.release(kAnswer, 3);
    TokenStatistic token = simple(258, kAnswer, 300);
    token.entropy = 1.0F;
    token.alternatives[0] = {7, -0.25F};
    token.alternatives[1] = {258, -2.0F};
    token.alternativeCount = 2;
    statistics.addText(258, "\xe4\xbd"); // two thirds of a character
    statistics.addText(7, "no");
    statistics.push(token);
    statistics.release(kAnswer, 2);
    token = simple(9, kThought, 302);
    token.isTag = true;
    token.logprob = -0.5F;
    statistics.push(token);
    // All three texts occur once: the dictionary is ordered by id.
    const std::string wanted
        = "\x01\x02\x03\x00\x03"s // version, tokens, texts, bytes before: 0 and 3
        + "\x51\x85"s // rank 1 of 2, of the answer; none of 0, a tag
        + "\x01"s + "\x00\x02"s // the token that is none: index 1, 512 levels
        + "\x00"s + "\x00\x01"s // first alternatives: index 0, 256 levels
        + "\x02"s + "\x00\x05"s // second ones: index 2, 1536 - 256 levels
        + "\x00\x00\x04\x00"s // entropies: 1024 levels and 0, as two planes
        + "\xac\x02\x02"s + "\x00\x00"s + "\x02\x00"s // times, bytes of the thought, of the answer
        + "\x07\x09\x02\x00\x00\x01\x00\x00\x00\x00\x00\x00"s // ids 7, 9, 258, as four planes
        + "\x02\x00\x02"s + "no\xe4\xbd"s;
    CHECK(statistics.encode() == wanted);
    checkSame(decoded(wanted), statistics);
}

TEST_CASE("random tokens come back")
{
    std::mt19937 random(20261128);
    for (const std::int32_t vocabulary : {1, 3, 200, 256, 257, 5000, 129280}) {
        for (const std::size_t tokens : {1, 2, 17, 400, 30'000}) {
            if (tokens == 30'000 && vocabulary != 129280)
                continue;
            CAPTURE(vocabulary);
            CAPTURE(tokens);
            const TokenStatistics wanted = randomStatistics(random, tokens, vocabulary);
            const std::string bytes = wanted.encode();
            const TokenStatistics got = decoded(bytes);
            checkSame(got, wanted);
            CHECK(got.encode() == bytes); // what was rounded once stays
        }
    }
}

TEST_CASE("numbers are rounded by no more than is promised")
{
    TokenStatistics statistics;
    for (float nats = 0; nats < 64; nats += nats / 700 + 0.0001F) {
        TokenStatistic token = simple(1, kThought);
        token.logprob = -nats;
        token.entropy = nats;
        statistics.push(token);
    }
    checkSame(decoded(statistics.encode()), statistics);

    TokenStatistic odd = simple(1, kThought);
    odd.logprob = -std::numeric_limits<float>::infinity();
    odd.entropy = std::nanf("");
    statistics.push(odd);
    const TokenStatistics got = decoded(statistics.encode());
    CHECK(got.tokens().back().logprob == -64);
    CHECK(got.tokens().back().entropy == 64);
}

TEST_CASE("a byte of a text finds the token that released it")
{
    TokenStatistics statistics;
    add(statistics, 1, kThought, ""); // a tag
    add(statistics, 2, kThought, "Seven");
    add(statistics, 3, kThought, ""); // half of a character, which comes with the next
    add(statistics, 4, kThought, "\xc3\xbc");
    add(statistics, 5, kAnswer, "12");
    for (const auto& s : {statistics, decoded(statistics.encode())}) {
        CHECK(s.tokenAt(kThought, 0) == 1);
        CHECK(s.tokenAt(kThought, 4) == 1);
        CHECK(s.tokenAt(kThought, 5) == 3);
        CHECK(s.tokenAt(kThought, 6) == 3);
        CHECK_FALSE(s.tokenAt(kThought, 7));
        CHECK(s.tokenAt(kAnswer, 0) == 4);
        CHECK_FALSE(s.tokenAt(kAnswer, 2));
        CHECK(s.textOf(4) == "\xc3\xbc");
        CHECK(s.textOf(99).empty());
    }
}

TEST_CASE("the first text of a token stays, and its number is its alternative's")
{
    TokenStatistics statistics;
    statistics.addText(1, "a");
    statistics.addText(1, "b");
    TokenStatistic token = simple(1, kAnswer);
    token.logprob = -5;
    token.alternatives[0] = {1, -1};
    token.alternativeCount = 200; // more than there can be
    statistics.push(token);
    CHECK(statistics.textOf(1) == "a");
    CHECK(statistics.tokens()[0].logprob == -1);
    CHECK(statistics.tokens()[0].alternativeCount == 5);
    CHECK(decoded(statistics.encode()).tokens()[0].logprob == -1);
}

TEST_CASE("an answer that goes on keeps its tokens, its texts and its times")
{
    TokenStatistics begun;
    begun.addText(1, "It is");
    begun.push(simple(1, kAnswer, 1000));
    begun.release(kAnswer, 5);
    begun.addText(2, " \n");
    begun.push(simple(2, kAnswer, 1050));
    begun.release(kAnswer, 2);

    TokenStatistics statistics = decoded(begun.encode());
    statistics.goOn(0, 5); // the white space was cut off
    statistics.addText(3, " 12");
    statistics.push(simple(3, kAnswer, 700));
    statistics.release(kAnswer, 3);
    const TokenStatistics got = decoded(statistics.encode());
    REQUIRE(got.tokens().size() == 3);
    CHECK(got.bytes(kAnswer) == 8);
    CHECK(got.tokenAt(kAnswer, 4) == 0);
    CHECK(got.tokenAt(kAnswer, 5) == 2);
    CHECK(got.tokens()[1].milliseconds == 1050);
    CHECK(got.tokens()[2].milliseconds == 1750);
    CHECK(got.textOf(1) == "It is");
    CHECK(got.textOf(3) == " 12");
}

TEST_CASE("an answer may go on without statistics of its beginning")
{
    TokenStatistics statistics;
    statistics.goOn(10, 0);
    add(statistics, 1, kThought, "abc");
    const TokenStatistics got = decoded(statistics.encode());
    CHECK_FALSE(got.tokenAt(kThought, 9));
    CHECK(got.tokenAt(kThought, 10) == 0);
    CHECK_FALSE(got.tokenAt(kThought, 13));
}

TEST_CASE("an answer that turns out to be the thought keeps its tokens")
{
    TokenStatistics statistics;
    add(statistics, 1, kAnswer, "<think>");
    add(statistics, 2, kAnswer, "I should");
    add(statistics, 3, kAnswer, " plan");
    add(statistics, 4, kAnswer, "\n\n");
    statistics.push(simple(5, kThought)); // </think>
    statistics.retell({"", "<think>I should plan\n\n"}, {"I should plan", ""});
    add(statistics, 6, kAnswer, "Done");
    CHECK(statistics.bytes(kThought) == 13);
    CHECK(statistics.bytes(kAnswer) == 4);
    REQUIRE(statistics.tokens().size() == 6);
    CHECK(statistics.tokenAt(kThought, 0) == 1);
    CHECK(statistics.tokenAt(kThought, 7) == 1);
    CHECK(statistics.tokenAt(kThought, 8) == 2);
    CHECK(statistics.tokenAt(kThought, 12) == 2);
    CHECK(statistics.tokenAt(kAnswer, 0) == 5);
    for (std::size_t i = 0; i < 6; ++i)
        CHECK(statistics.tokens()[i].part == (i < 5 ? kThought : kAnswer));
}

TEST_CASE("an answer that stood in the thought keeps its tokens")
{
    TokenStatistics statistics;
    add(statistics, 1, kThought, "Seven and five.");
    add(statistics, 2, kThought, "\n\n");
    add(statistics, 3, kThought, "**Answer**");
    add(statistics, 4, kThought, " 12");
    statistics.retell(
        {"Seven and five.\n\n**Answer** 12", ""}, {"Seven and five.", "**Answer** 12"});
    statistics.release(kAnswer, 1); // held back till the end
    CHECK(statistics.bytes(kThought) == 15);
    CHECK(statistics.bytes(kAnswer) == 14);
    CHECK(statistics.tokenAt(kThought, 14) == 0);
    CHECK(statistics.tokenAt(kAnswer, 0) == 2);
    CHECK(statistics.tokenAt(kAnswer, 9) == 2);
    CHECK(statistics.tokenAt(kAnswer, 10) == 3);
    CHECK(statistics.tokenAt(kAnswer, 13) == 3);
    CHECK(statistics.tokens()[1].part == kThought);
    CHECK(statistics.tokens()[2].part == kAnswer);
}

TEST_CASE("places are found again where white space and tags came or went")
{
    const auto where = [](std::string_view before, std::string_view now, std::string_view place) {
        return now.substr(alignedOffsets(before, now).at(before.find(place)));
    };
    CHECK(where("then</think>so", "then so", "so") == "so");
    CHECK(where("one </thinking> two", "one two", "two") == "two");
    CHECK(where("one two", "one <tag>two", "two") == "two");
    CHECK(where("  a b", "a b", "b") == "b");
    CHECK(where("so I think</think>", "so I think", "k<") == "k");
    for (const std::string_view before : {"", "abc", " ", "quite other"}) {
        for (const std::string_view now : {"", "xyz", "\n\n", "abcabc"}) {
            const auto offsets = alignedOffsets(before, now);
            REQUIRE(offsets.size() == before.size() + 1);
            CHECK(std::ranges::is_sorted(offsets));
            CHECK(offsets.back() == now.size());
        }
    }
}

TEST_CASE("other versions and truncated or wrong bytes are refused with a sentence")
{
    std::mt19937 random(7);
    const std::string bytes = randomStatistics(random, 60, 300).encode();
    const auto errorOf = [](const std::string& b) {
        const auto statistics = TokenStatistics::decode(b);
        REQUIRE_FALSE(statistics);
        CHECK(statistics.error().message.ends_with('.'));
        return statistics.error().code;
    };
    CHECK(errorOf("") == ErrorCode::FileTruncated);
    for (std::size_t size = 1; size < bytes.size(); ++size)
        CHECK_FALSE(TokenStatistics::decode(std::string_view(bytes).substr(0, size)));
    CHECK(errorOf(bytes.substr(0, bytes.size() - 1)) == ErrorCode::FileTruncated);
    CHECK(errorOf(bytes + '\0') == ErrorCode::FileCorrupt);
    for (const char version : {'\0', '\2', '\xff'})
        CHECK(errorOf(version + bytes.substr(1)) == ErrorCode::UnsupportedFormat);
    // Four thousand million tokens in a few bytes.
    CHECK(errorOf("\x01\xff\xff\xff\xff\x0f\0\0\0"s) == ErrorCode::FileTruncated);
    CHECK(errorOf("\x01\0\xff\xff\xff\xff\x0f\0\0"s) == ErrorCode::FileTruncated);
    CHECK(errorOf("\x01\xff\xff\xff\xff\x7f\0\0\0"s) == ErrorCode::FileCorrupt);
    CHECK(errorOf("\x01\0\x02\0\0"s + "\7\7\0\0\0\0\0\0"s + "\0\0"s)
        == ErrorCode::FileCorrupt); // an id twice
}

TEST_CASE("32,000 tokens take neither long nor much")
{
    std::mt19937 random(3);
    const TokenStatistics statistics = randomStatistics(random, 32'000, 129280);
    const auto start = std::chrono::steady_clock::now();
    const std::string bytes = statistics.encode();
    const TokenStatistics got = decoded(bytes);
    const auto took = std::chrono::steady_clock::now() - start;
    CHECK(got.tokens().size() == 32'000);
    CHECK(
        bytes.size() < std::size_t{32'000} * 60); // random texts and alternatives: nothing repeats
    CHECK(took < std::chrono::seconds(5));
}
