#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/phase.h"
#include "engine/text/step_splitter.h"
#include "engine/text/thought_format.h"
#include "engine/text/utf8.h"

namespace ponder {

/// Splits what a model writes into its thought, the thought's steps, and the answer.
///
///     <think>  I need 347 + 586.\n\nOnes: …  </think>  933
///              step 0               step 1            answer
///
/// Tags: a thought is opened by the prompt, or by "<think>" before anything but whitespace; the first
/// "</think>" closes it, and from there on everything is answer, tags too. Without an opening tag everything is
/// answer (a "</think>" that comes first is dropped: some models close a thought they never opened). An
/// unclosed thought stays thought to the end.
///
/// Channels (gpt-oss): messages, each behind a header; those of the channel final are the answer, and so are those of
/// commentary, unless they call a tool; all others are thought, each a step at least. Messages of one phase have a blank
/// line between them; a thought may come back after an answer. Text behind no header is answer.
///
/// Where the vocabulary has the markers as tokens only those count, and the same characters spelled out are text
/// (Tags::asTokens).
///
/// Whitespace: around the tags and at the end it is dropped; so is whitespace before an answer, except
/// the indentation of its first line where that stands on a line of its own.
///
/// Steps: one a paragraph (after a blank line) and one an item of a list (a line that begins, unindented, with
/// "-", "*", "•", "1.", "1)" or "Step 1"), but none inside a fenced code block. The whitespace between
/// steps belongs to the earlier.
///
/// Takes any bytes and gives whole UTF-8 (invalid bytes as U+FFFD); wherever the stream is cut, the joined
/// output and its steps are the same. For one stream; not thread-safe.
class ThoughtReader {
public:
    enum class Tags {
        asText, ///< the markers' characters
        asTokens, ///< only mark()
    };

    /// A run of text in one phase and step. Never empty.
    struct Chunk {
        std::string text;
        Phase phase;
        int step; ///< 0 in the answer
    };

    /// format: one of thoughtFormats().
    ThoughtReader(const ThoughtFormat& format, ThoughtStart start, Tags tags = Tags::asText);

    /// What the answer goes on from; before anything else: a thought, closed or not, and what of the answer is there.
    /// Whatever they look like, they are text. Gives them as if they had been written.
    [[nodiscard]] std::vector<Chunk> resume(
        std::string_view reasoning, bool closed, std::string_view content);

    /// Text of the stream, cut anywhere. Returns what is settled by now; may be empty.
    [[nodiscard]] std::vector<Chunk> push(std::string_view bytes);

    /// A marker's token, for Tags::asTokens.
    [[nodiscard]] std::vector<Chunk> mark(const ThoughtFormat::Marker& marker);

    /// The end of the stream: what was held back. Nothing may be pushed afterwards.
    [[nodiscard]] std::vector<Chunk> finish();

    [[nodiscard]] Phase phase() const; ///< of what comes next; Answer while it is not yet settled
    [[nodiscard]] int step() const; ///< of what comes next, as far as it is settled
    [[nodiscard]] int stepCount() const; ///< steps that have text
    [[nodiscard]] bool thought() const; ///< a thought was opened, by the prompt or by the model
    [[nodiscard]] bool closed() const; ///< and closed

private:
    enum class State {
        Undecided, ///< nothing but whitespace so far
        Opening, ///< the prompt opened the thought; nothing but whitespace so far
        Reasoning,
        Answer,
        Header, ///< of a message
        Between, ///< two messages
    };

    void read(std::string_view text);
    void readFirst(std::string_view text);
    void readMarked(std::string_view text);
    [[nodiscard]] bool isActive(ThoughtMark mark) const;
    void take(const ThoughtFormat::Marker& marker);
    void write(std::string_view text);
    void writeAnswer(std::string_view text);
    void flushThought();
    void endMessage();
    void resumeAnswer();
    void beginMessage();
    [[nodiscard]] Phase phaseOfHeader() const;
    void emit(Phase phase, int step, std::string_view text);
    [[nodiscard]] std::vector<Chunk> takeChunks();

    const ThoughtFormat* m_format;
    State m_state;
    Tags m_tags;
    bool m_thought;
    Utf8Stream m_utf8;
    std::string
        m_held; ///< what may become a marker; before the first text also the whitespace before it
    std::string m_header; ///< of the message that begins; a line for its role, one for its channel
    StepSplitter m_steps;
    bool m_answerStarted = false;
    std::string m_answerSpace; ///< whitespace that may turn out to stand at the end
    std::vector<Chunk> m_chunks;
};

} // namespace ponder
