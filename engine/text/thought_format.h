#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace ponder {

class Tokenizer;

/// What a marker in a model's output does.
enum class ThoughtMark : std::uint8_t {
    OpenThought,
    CloseThought,
    OpenAnswer, ///< stands around an answer and is no part of it
    CloseAnswer,
    Start, ///< a message's header begins: its role
    Channel, ///< in a header, the channel's name follows
    Detail, ///< in a header, something else follows
    Message, ///< the header ends, the message's text follows
    End, ///< the message ends
};

/// Where a prompt leaves the model.
enum class ThoughtStart : std::uint8_t {
    Undecided, ///< it may open a thought or begin to answer
    InThought,
    InAnswer,
};

/// How a family of models separates its thought from its answer. One row of a table; see thought_format.cpp.
struct ThoughtFormat {
    struct Marker {
        std::string_view text;
        ThoughtMark mark;
        bool needed; ///< if the vocabulary lacks it as a token, markers are found by their text
    };

    std::string_view name;
    std::span<const Marker> markers;
    std::string_view openThought; ///< opens a thought at the end of a prompt that has opened none
    std::string_view closeThought; ///< closes one, and opens the answer
    std::string_view
        skipThought; ///< opens the answer in a prompt that has opened nothing; empty: nothing is needed
    std::string_view
        thoughtOpened; ///< how a prompt ends in which a thought is open, whitespace aside
    std::string_view answerOpened; ///< or the answer; empty: it does not show
    std::string_view label; ///< a line after the opening marker that is no part of the thought
    bool hasHeaders; ///< messages with a header that names their channel
    bool isSpelled; ///< any model may write it letter by letter, at the very beginning of an answer

    [[nodiscard]] const Marker* find(
        std::string_view text) const; ///< null: no marker of this format
    [[nodiscard]] const Marker* find(ThoughtMark mark) const; ///< the first that does this
};

/// "<think>" and "</think>": DeepSeek, Qwen, and every model that no other row matches.
[[nodiscard]] const ThoughtFormat& thinkTags();

/// gpt-oss: messages in the channels analysis, commentary and final.
[[nodiscard]] const ThoughtFormat& channels();

/// All rows.
[[nodiscard]] std::span<const ThoughtFormat> thoughtFormats();

/// Tags around an answer that follows a thought, in any format; each opening one before its closing one.
[[nodiscard]] std::span<const ThoughtFormat::Marker> answerTags();

/// The format of a model: by its chat template, else by its vocabulary.
[[nodiscard]] const ThoughtFormat& thoughtFormatOf(
    const Tokenizer& tokenizer, std::string_view templateSource);

} // namespace ponder
