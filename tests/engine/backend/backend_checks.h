#pragma once

#include <doctest/doctest.h>

#include <cstring>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "engine/backend/backend.h"

namespace ponder::test {

using Tokens = std::span<const std::int32_t>;

inline Evaluated evaluated(Backend& backend, const Batch& batch)
{
    auto made = backend.evaluate(batch);
    REQUIRE_MESSAGE(made, (made ? "" : made.error().message));
    return std::move(*made);
}

/// Logits of every token, evaluated in batches of so many from a position on. [tokens, vocabulary]
inline std::vector<float> logitsOf(
    Backend& backend, Tokens tokens, std::size_t batch, std::size_t position = 0)
{
    std::vector<float> all;
    for (std::size_t done = 0; done < tokens.size();) {
        const auto part = tokens.subspan(done, std::min(batch, tokens.size() - done));
        const auto made = evaluated(
            backend, {.tokens = part, .position = position + done, .logits = {0, part.size()}});
        all.insert(all.end(), made.logits.begin(), made.logits.end());
        done += part.size();
    }
    return all;
}

inline CacheBytes saved(Backend& backend, TokenRange positions)
{
    auto bytes = backend.saveCache(positions);
    REQUIRE_MESSAGE(bytes, (bytes ? "" : bytes.error().message));
    return std::move(*bytes);
}

/// Saves what it evaluates, cuts it off and loads it, and loads it into a second backend made the same way:
/// the logits that follow have the same bits. `backend` and `fresh` must be empty.
inline void checkCacheRoundTrip(Backend& backend, Backend& fresh, Tokens tokens)
{
    REQUIRE(tokens.size() >= 24);
    const Tokens prompt = tokens.first(16);
    const Tokens next = tokens.subspan(16, 3);
    (void)logitsOf(backend, prompt, 8);
    const auto expected = logitsOf(backend, next, 1, 16);
    const CacheBytes whole = saved(backend, {0, 16});
    const CacheBytes tail = saved(backend, {10, 6});
    CHECK(whole.size() > tail.size());

    // Something else in the place of the tail, then the tail again.
    backend.truncate(10);
    (void)logitsOf(backend, tokens.subspan(18, 6), 6, 10);
    CHECK(logitsOf(backend, next, 1, 16) != expected);
    backend.truncate(10);
    REQUIRE(backend.loadCache({10, 6}, tail));
    CHECK(logitsOf(backend, next, 1, 16) == expected);
    CHECK(saved(backend, {0, 16}) == whole);

    REQUIRE(fresh.loadCache({0, 16}, whole));
    CHECK(logitsOf(fresh, next, 1, 16) == expected);
    CHECK(saved(backend, {5, 0}).size() + 5 * (whole.size() - tail.size()) / 10
        == saved(backend, {0, 5}).size());
}

/// Bytes that are not those of positions 0 to 7 of this backend are refused, and change nothing.
inline void checkCacheRefusals(Backend& backend, Tokens tokens, std::size_t contextLength)
{
    (void)logitsOf(backend, tokens.first(8), 8);
    const auto expected = logitsOf(backend, tokens.subspan(8, 1), 1, 8);
    const CacheBytes good = saved(backend, {0, 8});
    const auto refused = [&](TokenRange positions, std::span<const std::byte> bytes) {
        const auto loaded = backend.loadCache(positions, bytes);
        if (loaded)
            return false;
        CHECK(loaded.error().code == ErrorCode::InvalidArgument);
        CHECK(loaded.error().message.ends_with("."));
        return true;
    };
    CHECK(refused({0, 8}, {}));
    for (const std::size_t size :
        {std::size_t{1}, std::size_t{31}, good.size() / 2, good.size() - 1})
        CHECK(refused({0, 8}, std::span(good).first(size)));
    CacheBytes longer = good;
    longer.push_back({});
    CHECK(refused({0, 8}, longer));
    for (std::size_t at = 0; at < 32; ++at) { // every byte of the header
        CAPTURE(at);
        CacheBytes other = good;
        other[at] ^= std::byte{0x80};
        CHECK(refused({0, 8}, other));
    }
    CHECK(refused({0, 7}, good));
    CHECK(refused({1, 8}, good));
    CHECK(refused({contextLength - 7, 8}, good));
    CHECK(refused({~std::size_t{0}, 8}, good));
    CHECK(refused({0, ~std::size_t{0}}, good));
    CHECK(!backend.saveCache({0, contextLength + 1}));
    CHECK(!backend.saveCache({contextLength, ~std::size_t{0}}));
    // Numbers of any value are accepted, and evaluating with them ends.
    CacheBytes noise = good;
    std::memset(noise.data() + 32, 0xff, noise.size() - 32);
    CHECK(logitsOf(backend, tokens.subspan(8, 1), 1, 8) == expected);
    REQUIRE(backend.loadCache({0, 8}, noise));
    (void)logitsOf(backend, tokens.subspan(8, 3), 3, 8);
    REQUIRE(backend.loadCache({0, 8}, good));
    CHECK(logitsOf(backend, tokens.subspan(8, 1), 1, 8) == expected);
}

/// A batch that is cancelled at any layer says so, gives nothing, and can be evaluated again.
inline void checkCancellation(Backend& backend, Tokens tokens, std::size_t batch, int mostAsked)
{
    (void)logitsOf(backend, tokens.first(8), 8);
    const Tokens next = tokens.subspan(8, batch);
    const auto expected = logitsOf(backend, next, batch, 8);
    int cancelled = 0;
    for (int left = 0; left < mostAsked; ++left) {
        CAPTURE(left);
        int asked = 0;
        const auto made = evaluated(backend,
            {.tokens = next,
                .position = 8,
                .logits = {0, batch},
                .routing = RoutingOf::AllTokens,
                .hidden = {0, 1},
                .stop = [&] { return asked++ == left; }});
        if (made.cancelled) {
            ++cancelled;
            CHECK(made.logits.empty());
            CHECK(made.routing.empty());
            CHECK(made.hidden.empty());
        }
    }
    CHECK(cancelled > 0);
    CHECK(logitsOf(backend, next, batch, 8) == expected);
}

} // namespace ponder::test
