#include "engine/text/thought_format.h"

#include <algorithm>
#include <iterator>

#include "engine/text/tokenizer.h"

namespace ponder {

namespace {

using Marker = ThoughtFormat::Marker;

/// An opening and a closing tag.
struct Tags {
    Marker markers[2];

    constexpr Tags(std::string_view open, std::string_view close)
        : markers{{open, ThoughtMark::OpenThought, true}, {close, ThoughtMark::CloseThought, true}}
    {
    }
};

constexpr Tags kThink{"<think>", "</think>"};
constexpr Tags kThinking{"<thinking>", "</thinking>"};
constexpr Tags kThought{"<thought>", "</thought>"};
constexpr Tags kThoughtCapital{"<Thought>", "</Thought>"};
constexpr Tags kThoughts{"<thoughts>", "</thoughts>"};
constexpr Tags kThoughtsCapital{"<Thoughts>", "</Thoughts>"};
constexpr Tags kThinkCapital{"<Think>", "</Think>"};
constexpr Tags kThinkCapitals{"<THINK>", "</THINK>"};
constexpr Tags kThinkingCapital{"<Thinking>", "</Thinking>"};
constexpr Tags kThinkingCapitals{"<THINKING>", "</THINKING>"};
constexpr Tags kReasoningCapital{"<Reasoning>", "</Reasoning>"};
constexpr Tags kReasoningTags{"<reasoning>", "</reasoning>"};
constexpr Tags kReflectionTags{"<reflection>", "</reflection>"};
constexpr Tags kScratchpadTags{"<scratchpad>", "</scratchpad>"};
constexpr Tags kThinkFastTags{"<think_fast>", "</think_fast>"};
constexpr Tags kThinkFasterTags{"<think_faster>", "</think_faster>"};
constexpr Tags kLongCatTags{"<longcat_think>", "</longcat_think>"};
constexpr Tags kSeedTags{"<seed:think>", "</seed:think>"};
constexpr Tags kMistralTags{"[THINK]", "[/THINK]"};
constexpr Tags kKimiTags{"◁think▷", "◁/think▷"};
constexpr Tags kApertusTags{"<|inner_prefix|>", "<|inner_suffix|>"};
constexpr Tags kGemmaTags{"<|channel>", "<channel|>"};
constexpr Tags kGraniteTags{"Here is my thought process:", "Here is my response:"};

constexpr Marker kOpenThinker[] = {
    {"<|begin_of_thought|>", ThoughtMark::OpenThought, true},
    {"<|end_of_thought|>", ThoughtMark::CloseThought, true},
    {"<|begin_of_solution|>", ThoughtMark::OpenAnswer, false},
    {"<|end_of_solution|>", ThoughtMark::CloseAnswer, false},
};
constexpr Marker kCohere[] = {
    {"<|START_THINKING|>", ThoughtMark::OpenThought, true},
    {"<|END_THINKING|>", ThoughtMark::CloseThought, true},
    {"<|START_RESPONSE|>", ThoughtMark::OpenAnswer, false},
    {"<|END_RESPONSE|>", ThoughtMark::CloseAnswer, false},
};
constexpr Marker kApriel[] = {
    {"Here are my reasoning steps:", ThoughtMark::OpenThought, true},
    {"[BEGIN FINAL RESPONSE]", ThoughtMark::CloseThought, true},
    {"[END FINAL RESPONSE]", ThoughtMark::CloseAnswer, false},
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

constexpr Marker kAnswerTags[] = {
    {"<answer>", ThoughtMark::OpenAnswer, false},
    {"</answer>", ThoughtMark::CloseAnswer, false},
    {"<response>", ThoughtMark::OpenAnswer, false},
    {"</response>", ThoughtMark::CloseAnswer, false},
    {"<output>", ThoughtMark::OpenAnswer, false},
    {"</output>", ThoughtMark::CloseAnswer, false},
    {"<Output>", ThoughtMark::OpenAnswer, false},
    {"</Output>", ThoughtMark::CloseAnswer, false},
    {"<solution>", ThoughtMark::OpenAnswer, false},
    {"</solution>", ThoughtMark::CloseAnswer, false},
    {"<|begin_of_solution|>", ThoughtMark::OpenAnswer, false},
    {"<|end_of_solution|>", ThoughtMark::CloseAnswer, false},
    {"<|START_RESPONSE|>", ThoughtMark::OpenAnswer, false},
    {"<|END_RESPONSE|>", ThoughtMark::CloseAnswer, false},
};

/// A row of tags: markers, what opens and what closes a thought in a prompt.
constexpr ThoughtFormat tags(std::string_view name, std::span<const Marker> markers,
    std::string_view open, std::string_view close, bool isSpelled = true,
    std::string_view label = {})
{
    return {
        .name = name,
        .markers = markers,
        .openThought = open,
        .closeThought = close,
        .skipThought = "",
        .thoughtOpened = markers.front().text,
        .answerOpened = "",
        .label = label,
        .hasHeaders = false,
        .isSpelled = isSpelled,
    };
}

// The last row is that of models which no other row knows. Phrases count only where a template names them: any model
// may begin an answer with them.
constexpr ThoughtFormat kFormats[] = {
    {
        .name = "channels",
        .markers = kChannels,
        .openThought = "<|channel|>analysis<|message|>",
        .closeThought = "<|end|><|start|>assistant<|channel|>final<|message|>",
        .skipThought = "<|channel|>final<|message|>",
        .thoughtOpened = "<|channel|>analysis<|message|>",
        .answerOpened = "<|channel|>final<|message|>",
        .label = "",
        .hasHeaders = true,
        .isSpelled = false,
    },
    tags("Magistral", kMistralTags.markers, "[THINK]", "[/THINK]"),
    tags("Command A", kCohere, "<|START_THINKING|>", "<|END_THINKING|><|START_RESPONSE|>"),
    tags("OpenThinker", kOpenThinker, "<|begin_of_thought|>\n\n",
        "\n\n<|end_of_thought|>\n\n<|begin_of_solution|>\n\n"),
    tags("Seed", kSeedTags.markers, "<seed:think>", "</seed:think>"),
    tags("Kimi", kKimiTags.markers, "◁think▷", "◁/think▷"),
    tags("Apertus", kApertusTags.markers, "<|inner_prefix|>", "<|inner_suffix|>"),
    tags("Gemma", kGemmaTags.markers, "<|channel>thought\n", "<channel|>", true, "thought"),
    tags("LongCat", kLongCatTags.markers, "<longcat_think>\n", "\n</longcat_think>\n\n"),
    tags("thinking fast", kThinkFastTags.markers, "<think_fast>\n", "\n</think_fast>\n\n"),
    tags("thinking faster", kThinkFasterTags.markers, "<think_faster>\n", "\n</think_faster>\n\n"),
    tags("EXAONE Deep", kThought.markers, "<thought>\n", "\n</thought>\n\n"),
    tags("Marco", kThoughtCapital.markers, "<Thought>\n", "\n</Thought>\n\n"),
    tags("thoughts tags", kThoughts.markers, "<thoughts>\n", "\n</thoughts>\n\n"),
    tags("Thoughts tags", kThoughtsCapital.markers, "<Thoughts>\n", "\n</Thoughts>\n\n"),
    tags("Think tags", kThinkCapital.markers, "<Think>\n", "\n</Think>\n\n"),
    tags("THINK tags", kThinkCapitals.markers, "<THINK>\n", "\n</THINK>\n\n"),
    tags("Thinking tags", kThinkingCapital.markers, "<Thinking>\n", "\n</Thinking>\n\n"),
    tags("THINKING tags", kThinkingCapitals.markers, "<THINKING>\n", "\n</THINKING>\n\n"),
    tags("Reasoning tags", kReasoningCapital.markers, "<Reasoning>\n", "\n</Reasoning>\n\n"),
    tags("thinking tags", kThinking.markers, "<thinking>\n", "\n</thinking>\n\n"),
    tags("reasoning tags", kReasoningTags.markers, "<reasoning>\n", "\n</reasoning>\n\n"),
    tags("reflection tags", kReflectionTags.markers, "<reflection>\n", "\n</reflection>\n\n"),
    tags("scratchpad tags", kScratchpadTags.markers, "<scratchpad>\n", "\n</scratchpad>\n\n"),
    tags("Granite", kGraniteTags.markers, "Here is my thought process:\n",
        "\n\nHere is my response:\n", false),
    tags("Apriel", kApriel, "Here are my reasoning steps:\n", "\n[BEGIN FINAL RESPONSE]\n", false),
    tags("think tags", kThink.markers, "<think>\n", "\n</think>\n\n"),
};

} // namespace

const Marker* ThoughtFormat::find(std::string_view text) const
{
    const auto marker = std::ranges::find(markers, text, &Marker::text);
    return marker != markers.end() ? &*marker : nullptr;
}

const Marker* ThoughtFormat::find(ThoughtMark mark) const
{
    const auto marker = std::ranges::find(markers, mark, &Marker::mark);
    return marker != markers.end() ? &*marker : nullptr;
}

const ThoughtFormat& thinkTags()
{
    return *std::prev(std::end(kFormats));
}
const ThoughtFormat& channels()
{
    return kFormats[0];
}
std::span<const ThoughtFormat> thoughtFormats()
{
    return kFormats;
}
std::span<const Marker> answerTags()
{
    return kAnswerTags;
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
    // A template may mention another form's tags in its words for tools; the vocabulary settles which are its own.
    for (const auto& format : kFormats)
        if (isNamed(format) && isInVocabulary(format))
            return format;
    for (const auto& format : kFormats)
        if (isNamed(format))
            return format;
    for (const auto& format : kFormats)
        if (isInVocabulary(format))
            return format;
    return thinkTags();
}

} // namespace ponder
