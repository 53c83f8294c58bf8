#include "engine/text/thought_format.h"

#include <algorithm>
#include <array>

#include "engine/text/tokenizer.h"

namespace ponder {

namespace {

using Marker = ThoughtFormat::Marker;

constexpr Marker kThinkTags[] = {
    {"<think>", ThoughtMark::OpenThought, true},
    {"</think>", ThoughtMark::CloseThought, true},
};

constexpr Marker kChannels[] = {
    {"<|start|>", ThoughtMark::Start, true},
    {"<|channel|>", ThoughtMark::Channel, true},
    {"<|message|>", ThoughtMark::Message, true},
    {"<|end|>", ThoughtMark::End, true},
    {"<|return|>", ThoughtMark::End, false},
    {"<|call|>", ThoughtMark::End, false},
    {"<|constrain|>", ThoughtMark::Detail, false},
};

// The last row is that of models which no other row knows.
constexpr std::array<ThoughtFormat, 2> kFormats{{
    {
        .name = "channels",
        .markers = kChannels,
        .openThought = "<|channel|>analysis<|message|>",
        .closeThought = "<|end|><|start|>assistant<|channel|>final<|message|>",
        .skipThought = "<|channel|>final<|message|>",
        .thoughtOpened = "<|channel|>analysis<|message|>",
        .answerOpened = "<|channel|>final<|message|>",
        .hasHeaders = true,
    },
    {
        .name = "think tags",
        .markers = kThinkTags,
        .openThought = "<think>\n",
        .closeThought = "\n</think>\n\n",
        .skipThought = "",
        .thoughtOpened = "<think>",
        .answerOpened = "",
        .hasHeaders = false,
    },
}};

} // namespace

const Marker* ThoughtFormat::find(std::string_view text) const
{
    const auto marker = std::ranges::find(markers, text, &Marker::text);
    return marker != markers.end() ? &*marker : nullptr;
}

const ThoughtFormat& thinkTags()
{
    return kFormats.back();
}
const ThoughtFormat& channels()
{
    return kFormats.front();
}
std::span<const ThoughtFormat> thoughtFormats()
{
    return kFormats;
}

const ThoughtFormat& thoughtFormatOf(const Tokenizer& tokenizer, std::string_view templateSource)
{
    const auto isNamed = [&](const ThoughtFormat& format) {
        return templateSource.find(format.thoughtOpened) != std::string_view::npos;
    };
    const auto isInVocabulary = [&](const ThoughtFormat& format) {
        return std::ranges::all_of(format.markers, [&](const Marker& marker) {
            return !marker.needed || tokenizer.find(marker.text) >= 0;
        });
    };
    for (const auto& format : kFormats)
        if (isNamed(format))
            return format;
    for (const auto& format : kFormats)
        if (isInVocabulary(format))
            return format;
    return kFormats.back();
}

} // namespace ponder
