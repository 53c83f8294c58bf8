#pragma once

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

#include "engine/text/thought_reader.h"

namespace ponder::test {

inline ThoughtStart startOf(bool thinkOpen)
{
    return thinkOpen ? ThoughtStart::InThought : ThoughtStart::Undecided;
}

inline const ThoughtFormat::Marker& marker(std::string_view text)
{
    for (const ThoughtFormat& format : thoughtFormats())
        if (const auto* found = format.find(text))
            return *found;
    FAIL("no such marker");
    return thinkTags().markers.front();
}

/// Everything a reader gave, runs of one phase and step joined.
struct Reading {
    std::vector<std::string> steps;
    std::string answer;
    int stepCount = 0;
    bool thought = false;
    bool closed = false;
    bool cameBack = false; ///< to the thought, after some answer
    bool retold = false; ///< it was retold on the way

    [[nodiscard]] std::string reasoning() const
    {
        std::string text;
        for (const std::string& step : steps)
            text += step;
        return text;
    }

    bool operator==(const Reading&) const = default;
};

/// The steps of a whole thought.
inline std::vector<std::string> stepsOf(const std::string& thought)
{
    std::vector<std::string> steps;
    const std::vector<std::size_t> begins = stepBegins(thought);
    for (std::size_t i = 0; i < begins.size(); ++i) {
        const std::size_t end = i + 1 < begins.size() ? begins[i + 1] : thought.size();
        steps.push_back(thought.substr(begins[i], end - begins[i]));
    }
    return steps;
}

inline void add(Reading& reading, const std::vector<ThoughtReader::Chunk>& chunks)
{
    for (const auto& chunk : chunks) {
        CHECK((chunk.retold || !chunk.text.empty()));
        if (chunk.retold) {
            reading.steps = stepsOf(chunk.retold->reasoning);
            reading.answer = chunk.retold->content;
            reading.retold = true;
            CHECK(utf8Repaired(reading.answer) == reading.answer);
            if (chunk.text.empty())
                continue;
        }
        CHECK(utf8Repaired(chunk.text) == chunk.text);
        if (chunk.phase == Phase::Answer) {
            CHECK(chunk.step == 0);
            reading.answer += chunk.text;
            continue;
        }
        reading.cameBack = reading.cameBack || !reading.answer.empty();
        const auto step = static_cast<std::size_t>(chunk.step);
        REQUIRE(step + 1 >= reading.steps.size()); // a step never comes back
        REQUIRE(step <= reading.steps.size());
        reading.steps.resize(step + 1);
        reading.steps[step] += chunk.text;
    }
}

using Ending = ThoughtReader::Ending;

inline void end(Reading& reading, ThoughtReader& reader, Ending ending = Ending::Cut)
{
    add(reading, reader.finish(ending));
    reading.stepCount = reader.stepCount();
    reading.thought = reader.thought();
    reading.closed = reader.closed();
    CHECK(stepsOf(reading.reasoning()) == reading.steps); // the whole thought has the same steps
}

/// The reading of parts pushed one after the other.
inline Reading readParts(const std::vector<std::string_view>& parts, bool thinkOpen,
    const ThoughtFormat& format = thinkTags(), Ending ending = Ending::Cut)
{
    Reading reading;
    ThoughtReader reader(format, startOf(thinkOpen));
    for (const std::string_view part : parts)
        add(reading, reader.push(part));
    end(reading, reader, ending);
    return reading;
}

/// The reading of text, checked to be the same wherever the text is cut.
inline Reading readText(std::string_view text, bool thinkOpen = false,
    const ThoughtFormat& format = thinkTags(), Ending ending = Ending::Cut)
{
    const Reading whole = readParts({text}, thinkOpen, format, ending);
    for (std::size_t cut = 0; cut <= text.size(); ++cut)
        CHECK(
            readParts({text.substr(0, cut), text.substr(cut)}, thinkOpen, format, ending) == whole);
    for (const std::size_t length : {1, 2, 3, 7}) {
        std::vector<std::string_view> parts;
        for (std::size_t i = 0; i < text.size(); i += length)
            parts.push_back(text.substr(i, length));
        CHECK(readParts(parts, thinkOpen, format, ending) == whole);
    }
    CHECK(whole.stepCount == static_cast<int>(whole.steps.size()));
    CHECK((format.hasHeaders || !whole.cameBack));
    return whole;
}

using Steps = std::vector<std::string>;

/// The reading of a sequence of tokens: a marker of the format is one, and every other character. Checked to be the same
/// where the text comes in larger pieces.
inline Reading readTokens(std::string_view text, const ThoughtFormat& format = thinkTags(),
    ThoughtStart start = ThoughtStart::Undecided, Ending ending = Ending::ByModel)
{
    std::optional<Reading> first;
    for (const std::size_t most : {1, 2, 3, 5, 1000}) {
        Reading reading;
        ThoughtReader reader(format, start, ThoughtReader::Tags::asTokens);
        std::string plain;
        const auto flush = [&] {
            for (std::size_t at = 0; at < plain.size(); at += most)
                add(reading, reader.push(std::string_view(plain).substr(at, most)));
            plain.clear();
        };
        for (std::size_t at = 0; at < text.size();) {
            // "~" in a test's tag spells it out.
            if (text.substr(at).starts_with("~")) {
                ++at;
                plain += text[at++];
                continue;
            }
            const ThoughtFormat::Marker* found = nullptr;
            for (const auto& candidate : format.markers)
                if (text.substr(at).starts_with(candidate.text))
                    found = &candidate;
            if (!found) {
                plain += text[at++];
                continue;
            }
            flush();
            add(reading, reader.mark(*found));
            at += found->text.size();
        }
        flush();
        end(reading, reader, ending);
        CHECK(reading.stepCount == static_cast<int>(reading.steps.size()));
        if (!first)
            first = reading;
        CHECK((*first == reading));
    }
    return *first;
}

} // namespace ponder::test
