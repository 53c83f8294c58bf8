#include "engine/generate/answer_rates.h"

#include <doctest/doctest.h>

#include <memory>

using namespace ponder;
using namespace std::chrono_literals;

namespace {

TokenEvent token(std::chrono::nanoseconds time, bool ofThought = false)
{
    TokenEvent event;
    event.id = 1;
    event.time = time;
    event.ofThought = ofThought;
    return event;
}

TokenEvent part(TokenEvent event)
{
    event.part = 1;
    return event;
}

TokenEvent retelling(TokenEvent event, std::uint32_t thoughtTokens)
{
    event.retold = std::make_shared<const RetoldAnswer>(RetoldAnswer{"t", "a", thoughtTokens});
    return event;
}

} // namespace

TEST_CASE("nothing was generated")
{
    const AnswerRates rates;
    CHECK(rates.tokens() == 0);
    CHECK(rates.thoughtTokens() == 0);
    CHECK(rates.seconds() == 0);
    CHECK(rates.thoughtSeconds() == 0);
    CHECK(rates.firstTokenSeconds() == 0);
    CHECK(rates.tokensPerSecond() == 0);
    CHECK(rates.recentTokensPerSecond() == 0);
}

TEST_CASE("tokens and times of thought and answer")
{
    AnswerRates rates;
    rates.take(token(2s, true));
    CHECK(rates.tokensPerSecond() == 0); // one token is no rate
    rates.take(token(2500ms, true));
    rates.take(part(token(2500ms, true))); // no token
    rates.take(token(3s, true));
    rates.take(token(4s));
    CHECK(rates.tokens() == 4);
    CHECK(rates.thoughtTokens() == 3);
    CHECK(rates.firstTokenSeconds() == doctest::Approx(2));
    CHECK(rates.seconds() == doctest::Approx(2));
    CHECK(rates.thoughtSeconds() == doctest::Approx(1));
    CHECK(rates.tokensPerSecond() == doctest::Approx(1.5));
}

TEST_CASE("the recent rate looks back over the last tokens alone")
{
    AnswerRates rates;
    std::chrono::nanoseconds now = 1s;
    for (std::size_t i = 0; i < AnswerRates::kRecent; ++i, now += 1s)
        rates.take(token(now));
    CHECK(rates.recentTokensPerSecond() == doctest::Approx(1));
    now -= 1s;
    for (std::size_t i = 0; i < AnswerRates::kRecent; ++i)
        rates.take(token(now += 100ms));
    CHECK(rates.recentTokensPerSecond() == doctest::Approx(10));
    CHECK(rates.tokensPerSecond() == doctest::Approx(63 / 34.2));
}

TEST_CASE("an answer told anew is counted anew")
{
    AnswerRates moved; // into the thought
    moved.take(token(1s));
    moved.take(token(2s));
    moved.take(retelling(token(4s), 3));
    CHECK(moved.thoughtTokens() == 3);
    CHECK(moved.thoughtSeconds() == doctest::Approx(3));
    moved.take(token(5s));
    CHECK(moved.tokens() == 4);
    CHECK(moved.thoughtSeconds() == doctest::Approx(3));

    AnswerRates back; // out of it, at the end
    for (const auto time : {1s, 2s, 3s, 4s})
        back.take(token(time, true));
    back.take(retelling(part(token(9s)), 2));
    CHECK(back.tokens() == 4);
    CHECK(back.thoughtTokens() == 2);
    CHECK(back.thoughtSeconds() == doctest::Approx(1));
    CHECK(back.seconds() == doctest::Approx(3));
}

TEST_CASE("what an answer goes on from counts")
{
    AnswerRates rates({10, 6, 5, 3});
    CHECK(rates.tokens() == 10);
    CHECK(rates.seconds() == doctest::Approx(5));
    CHECK(rates.tokensPerSecond() == doctest::Approx(1.8));
    rates.take(token(1s, true));
    rates.take(token(2s, true));
    CHECK(rates.tokens() == 12);
    CHECK(rates.thoughtTokens() == 8);
    CHECK(rates.thoughtSeconds() == doctest::Approx(4));
    CHECK(rates.seconds() == doctest::Approx(6));
    CHECK(rates.recentTokensPerSecond() == doctest::Approx(1));
}
