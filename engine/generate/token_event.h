#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "engine/text/phase.h"
#include "kernels/types/logit_summary.h"

namespace ponder {

/// One of the tokens that the model thought likeliest.
struct TokenAlternative {
    std::int32_t id = -1;
    float logprob = 0; ///< nats, of the same distribution as TokenEvent::logprob
    std::string bytes; ///< the token alone; perhaps a part of a character
};

/// A whole answer sent again, because a later token changed what it is: a thought was closed that was never opened, or an
/// answer was in a thought that was never closed.
struct RetoldAnswer {
    std::string reasoning; ///< what it went on from included, and so below
    std::string content;
    std::uint32_t reasoningTokens = 0; ///< of those generated so far, in the thought
};

/// What generation reports of one token. Plain data: copy it to any thread.
///
/// Joining `text` of all events of a phase gives Finish::reasoningContent and Finish::content, byte by byte; but where an
/// event has `retold`, everything before it, and what the answer went on from, is to be replaced by that.
/// Text may come later than its token: bytes of an unfinished character, what may become a tag, and
/// whitespace that may turn out to stand at the end are held back and come with a later token.
///
/// A token whose text crosses from one phase or step into the next is sent as several events with the same
/// index and part 0, 1, …: count tokens where part is 0. If text is still held back when generation
/// ends, or the answer is sent again then, a last event with id -1 says so; it is no token and has no numbers (part is 1).
struct TokenEvent {
    std::int32_t id = -1;
    std::uint32_t index = 0; ///< 0 for the first generated token
    std::uint32_t part = 0;
    std::uint32_t position = 0; ///< of the token in the context, so position + 1 tokens are used
    std::string text; ///< whole UTF-8 released by this token; may be empty
    std::shared_ptr<const RetoldAnswer>
        retold; ///< comes before `text`; null for almost every event
    Phase phase = Phase::
        Answer; ///< of the text; of the token, where text is empty (a tag is its thought's)
    std::string bytes; ///< the token alone; perhaps a part of a character. Set where part is 0
    bool isTag = false; ///< the token is a tag of the thought, which no text shows
    bool ofThought
        = false; ///< the token is one of the thought, its tags included; count it where part is 0
    int step = 0; ///< 0-based step of the thought; 0 in the answer

    // Of the model's own distribution: softmax of its logits at temperature 1, before the repetition
    // penalty and every filter.
    float logprob = 0; ///< nats, of this token; at most 0
    float entropy = 0; ///< nats; 0 (certain) to ln(vocabulary)
    std::array<TokenAlternative, kernels::kAlternatives>
        best; ///< best first; this token may be among them
    int bestCount = 0; ///< how many of them are set: all, or the vocabulary where it is smaller

    std::chrono::nanoseconds time{}; ///< since generate() was called, prefill included
};

} // namespace ponder
