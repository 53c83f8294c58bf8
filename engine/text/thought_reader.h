#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/utf8.h"
#include "engine/reasoning/step_splitter.h"
#include "engine/text/channel_header.h"
#include "engine/text/line_context.h"
#include "engine/text/phase.h"
#include "engine/text/thought_format.h"

namespace ponder {

/// Splits what a model writes into its thought, the thought's steps, and the answer.
///
///     <think>  I need 347 + 586.\n\nOnes: …  </think>  933
///              step 0               step 1            answer
///
/// Nothing is lost, and no tag is shown but one that is spoken of: in code, between quotation marks, or spelled out by
/// a model whose vocabulary has the tag as a token (Tags::asTokens).
///
/// Tags: a thought is opened by the prompt, or by an opening tag; the first closing tag closes it. A second thought
/// goes to the first one, behind a blank line, and so does an answer to an answer. Where a thought is closed that nobody
/// opened, what came so far was the thought: it is told anew (Chunk::retold). Without any tag everything is answer, and
/// an unclosed thought stays thought to the end.
///
/// Told by their text, opening tags count only where an answer begins: those of the format, and those of every other row
/// that models write letter by letter (ThoughtFormat::isSpelled). Tags around the answer behind a thought are left out.
///
/// Channels (gpt-oss): messages, each behind a header; those of the channel final are the answer, and so are those of
/// commentary, unless they call a tool; all others are thought, each a step at least. Messages of one phase have a blank
/// line between them. Text behind no header is answer, and so is what in a header cannot belong to one: see ChannelHeader.
///
/// At the end, a thought that is open while the answer is empty is looked through for a closing tag that was
/// spelled out (thought_repair.h); and where the model ended by itself inside a thought that it opened letter by letter, or in the
/// middle of a line of its answer, that tag was spoken of. Both are told anew.
///
/// Whitespace: around the tags and at the end it is dropped; so is whitespace before an answer, except
/// the indentation of its first line where that stands on a line of its own.
///
/// Steps: see StepSplitter.
///
/// Takes any bytes and gives whole UTF-8 (invalid bytes as U+FFFD); wherever the stream is cut, the joined
/// output and its steps are the same. For one stream; not thread-safe.
class ThoughtReader {
public:
    enum class Tags {
        asText, ///< the markers' characters
        asTokens, ///< only mark(), but for what ThoughtFormat::isSpelled says
    };

    /// How a stream ends.
    enum class Ending {
        Cut, ///< by the person, or a limit
        ByModel,
    };

    /// The whole of what was told, told anew.
    struct Retold {
        std::string reasoning;
        std::string content;
        bool operator==(const Retold&) const = default;
    };

    /// A run of text in one phase and step. Never empty, but where it says that all chunks so far, those of resume()
    /// included, are to be taken as `retold`; its text then comes behind that.
    struct Chunk {
        std::string text;
        Phase phase;
        int step; ///< 0 in the answer
        std::optional<Retold> retold = std::nullopt;
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
    [[nodiscard]] std::vector<Chunk> finish(Ending ending = Ending::Cut);

    [[nodiscard]] Phase phase() const; ///< of what comes next; Answer while it is not yet settled
    [[nodiscard]] int step() const; ///< of what comes next, as far as it is settled
    [[nodiscard]] int stepCount() const; ///< steps that have text
    [[nodiscard]] bool thought() const; ///< a thought was opened, by the prompt or by the model
    [[nodiscard]] bool closed() const; ///< and closed

private:
    enum class State {
        Undecided, ///< nothing but whitespace so far
        Opening, ///< a thought was opened; nothing but whitespace so far
        Reasoning,
        Closed, ///< behind a thought; nothing but whitespace so far
        Answer,
        Header, ///< of a message
        Between, ///< two messages
    };
    using Marker = ThoughtFormat::Marker;

    /// What a doubtful opening tag would have been as text.
    struct Doubt {
        std::string reasoning; ///< told before the tag
        std::string content;
        std::string text; ///< the tag, and the white space before it
    };

    void read(std::string_view text);
    [[nodiscard]] bool readsMarkers() const;
    void readFirst(std::string_view text);
    [[nodiscard]] bool mayBegin(const ThoughtFormat& format, const Marker& marker) const;
    void readMarked(std::string_view text);
    [[nodiscard]] bool isActive(ThoughtMark mark) const;
    [[nodiscard]] std::size_t findActive(
        std::string_view text, const Marker& marker, bool& waits) const;
    [[nodiscard]] bool opensBefore(std::string_view text) const;

    void take(const Marker& marker);
    void takeOpening(const Marker& marker);
    void takeClosing(const Marker& marker);
    void takeAnswerTag(const Marker& marker);
    [[nodiscard]] LineContext lineNow() const;
    [[nodiscard]] bool isSpokenOf() const;
    void openThought();
    void closeThought();
    void moveToThought();
    void beginMessage(ChannelHeader::Channel channel);
    void endMessage();
    void resumeAnswer();

    void write(std::string_view text);
    void writeAnswer(std::string_view text);
    void tellAnswer(std::size_t length);
    void endAnswer();
    void flushThought();
    void settleHeld();
    void settleHeader();
    void repair(Ending ending);
    void retell(Retold retold, Phase phase);
    void emit(Phase phase, int step, std::string_view text);
    [[nodiscard]] std::vector<Chunk> takeChunks();

    const ThoughtFormat* m_format;
    const ThoughtFormat* m_spelled = nullptr; ///< whose tags are told by their text now
    State m_state;
    Tags m_tags;
    bool m_thought;
    Utf8Stream m_utf8;
    std::string
        m_held; ///< what may become a marker; before the first text also the whitespace before it
    ChannelHeader m_header; ///< of the message that begins
    StepSplitter m_steps;
    LineContext m_line; ///< of the phase that is written
    std::string m_raw; ///< of the thought that is open, as it was written
    std::optional<Doubt> m_doubt;
    bool m_partStarted = false; ///< text of this part of the answer was told
    std::string m_answerSpace; ///< what may turn out to stand at the end: whitespace, a closing tag
    std::string_view m_answerClose; ///< the tag that may stand behind the answer
    Retold m_told;
    std::size_t m_resumed = 0; ///< bytes of the thought that it went on from
    std::vector<Chunk> m_chunks;
};

} // namespace ponder
