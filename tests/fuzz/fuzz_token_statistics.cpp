// Any bytes as token statistics: they are refused, or they are statistics that can be looked up, changed and written
// again. The first byte chooses between that and a list of calls.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "engine/reasoning/token_statistics.h"

namespace {

using ponder::TextPart;
using ponder::TokenStatistic;
using ponder::TokenStatistics;

void require(bool condition)
{
    if (!condition)
        std::abort();
}

/// Ends never go back, and every byte is found at the token that released it.
void checkLookup(const TokenStatistics& statistics)
{
    for (const TextPart part : {TextPart::Reasoning, TextPart::Answer}) {
        std::uint32_t before = statistics.bytesBefore(part);
        for (std::size_t i = 0; i < statistics.tokens().size(); ++i) {
            const std::uint32_t end = statistics.tokens()[i].end(part);
            require(end >= before);
            if (end > before) {
                require(statistics.tokenAt(part, before) == i);
                require(statistics.tokenAt(part, end - 1) == i);
            }
            before = end;
        }
        require(!statistics.tokenAt(part, statistics.bytes(part)));
    }
}

void checkRoundTrip(const TokenStatistics& statistics)
{
    checkLookup(statistics);
    const std::string bytes = statistics.encode();
    const auto again = TokenStatistics::decode(bytes);
    require(again.has_value());
    require(again->texts() == statistics.texts());
    require(again->tokens().size() == statistics.tokens().size());
    require(again->encode() == bytes);
    checkLookup(*again);
}

/// Random statistics, from a few bytes a call.
TokenStatistics made(std::string_view bytes)
{
    TokenStatistics statistics;
    std::string thought;
    std::string answer;
    const auto next = [&bytes] {
        if (bytes.empty())
            return 0U;
        const auto byte = static_cast<unsigned char>(bytes.front());
        bytes.remove_prefix(1);
        return static_cast<unsigned>(byte);
    };
    const auto taken = [&](unsigned count) {
        const std::string_view text = bytes.substr(0, count);
        bytes.remove_prefix(text.size());
        return text;
    };
    while (!bytes.empty()) {
        const unsigned call = next();
        const TextPart part = (call & 0x80U) != 0 ? TextPart::Answer : TextPart::Reasoning;
        std::string& text = part == TextPart::Answer ? answer : thought;
        if (call % 8 == 0) {
            const std::string newThought(taken(next()));
            const std::string newAnswer
                = (call & 0x40U) != 0 ? std::string(taken(next())) : thought + answer;
            statistics.retell({thought, answer}, {newThought, newAnswer});
            thought = newThought;
            answer = newAnswer;
        } else if (call % 8 == 1) {
            statistics = TokenStatistics::decode(statistics.encode()).value();
            thought.resize(next());
            answer.resize(next());
            statistics.goOn(thought.size(), answer.size());
        } else {
            TokenStatistic token;
            token.id = static_cast<std::int32_t>(next());
            token.part = part;
            token.milliseconds = next() * (call & 0x40U);
            token.logprob = -static_cast<float>(next()) / 16;
            token.alternativeCount = static_cast<std::uint8_t>(call % 8);
            for (auto& alternative : token.alternatives)
                alternative = {static_cast<std::int32_t>(next()), -static_cast<float>(next()) / 16};
            const std::string_view released = taken(next() % 16);
            statistics.addText(token.id, released);
            statistics.push(token);
            statistics.release(part, released.size());
            text += released;
        }
        require(statistics.bytes(TextPart::Reasoning) == thought.size());
        require(statistics.bytes(TextPart::Answer) == answer.size());
    }
    return statistics;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0)
        return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    if (data[0] % 2 != 0) {
        checkRoundTrip(made(bytes));
        return 0;
    }
    auto statistics = TokenStatistics::decode(bytes);
    if (!statistics) {
        require(!statistics.error().message.empty());
        return 0;
    }
    checkRoundTrip(*statistics);
    statistics->goOn(size, size / 2);
    checkRoundTrip(*statistics);
    return 0;
}
