// When a prompt's attention expands latents, and in what memory.
#include "engine/backend/gpu/prompt_form.h"

#include <doctest/doctest.h>

using namespace ponder;

namespace {

/// V2-Lite's heads; R1 has eight times as many.
PromptShape lite(std::size_t tokens, std::size_t position, bool keysApart = true)
{
    return {.tokens = tokens,
        .position = position,
        .heads = 16,
        .nopeDim = 128,
        .ropeDim = 64,
        .valueDim = 128,
        .rank = 512,
        .keysApart = keysApart};
}

bool expands(const PromptShape& shape)
{
    const PromptCost cost = promptCost(shape);
    return cost.expanded < cost.latents;
}

} // namespace

TEST_CASE("the forms cost what their sums have multiplications")
{
    // One token and nothing before it: one pair a head.
    PromptShape s = lite(1, 0);
    s.heads = 1;
    const PromptCost cost = promptCost(s);
    CHECK(cost.latents == 512 * (128 + 128) + 64 * 2 * 4 * 1088 + 1088);
    CHECK(cost.expanded == 512 * (3 * 128 + 128) + 64 * (8 * 256 + 2 * 320) + 320);
    // Twice the heads, twice the cost.
    s.heads = 2;
    CHECK(promptCost(s).latents == 2 * cost.latents);
    CHECK(promptCost(s).expanded == 2 * cost.expanded);
}

TEST_CASE("expanding pays for many tokens, not for few behind many")
{
    for (const bool keysApart : {true, false}) {
        CAPTURE(keysApart);
        for (const std::size_t tokens : {128u, 512u, 2048u})
            CHECK(expands(lite(tokens, 0, keysApart)));
        CHECK(expands(lite(2048, 8192, keysApart)));
        CHECK(expands(lite(2048, 126976, keysApart))); // the last batch of 128K tokens
        CHECK(!expands(lite(128, 32768, keysApart)));
    }
    // There is one border: more tokens never make it worse.
    for (const std::size_t position : {0u, 2000u, 30000u}) {
        bool before = false;
        for (std::size_t tokens = 1; tokens <= 4096; tokens += 7) {
            const bool now = expands(lite(tokens, position));
            CHECK(now >= before);
            before = now;
        }
        CHECK(before);
    }
}

TEST_CASE("the memory is divided without overlap and without rest")
{
    alignas(256) static std::byte memory[1 << 20];
    for (const bool keysApart : {true, false}) {
        for (const std::size_t bytes : {std::size_t{200000}, sizeof memory}) {
            PromptShape s = lite(40, 10000, keysApart);
            s.heads = 2;
            s.rank = 63; // rows end at whole fours
            const Expansion e = divideExpansion(s, 2, 4096, memory, bytes);
            CAPTURE(bytes);
            REQUIRE(e.positions > 20);
            CHECK((e.keyWeights != nullptr) == keysApart);
            CHECK(e.partials.floats >= kernels::cuda::leastFloats(40, 2, 128));
            const auto at = [](const void* p) { return static_cast<const std::byte*>(p); };
            const std::byte* begin = memory;
            if (keysApart) {
                CHECK(at(e.keyWeights) == begin);
                begin += 2 * 128 * 63 * 2;
            }
            CHECK(at(e.partials.data) >= begin);
            CHECK(at(e.latents) >= at(e.partials.data + e.partials.floats));
            CHECK(at(e.products) >= at(e.latents + e.positions * 64));
            CHECK(e.keys >= at(e.products + e.positions * 2 * 256));
            CHECK(e.values >= e.keys + e.positions * 2 * 192 * 2);
            const std::byte* end = e.values + e.positions * 2 * 128 * 2;
            CHECK(end <= memory + bytes);
            CHECK(memory + bytes - end < 8000); // not room for two more
        }
    }
    PromptShape s = lite(40, 0);
    CHECK(divideExpansion(s, 2, 4096, memory, 1000).positions == 0);
    s.heads = 1;
    CHECK(divideExpansion(s, 2, 4096, memory, sizeof memory).positions == 40); // all there are
    s.position = 5000;
    CHECK(divideExpansion(s, 2, 16, memory, sizeof memory).positions == 16);
}
