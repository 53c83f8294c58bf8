#include "engine/text/thought_reader.h"

#include <algorithm>
#include <utility>

namespace ponder {

namespace {

constexpr std::string_view kSpaces = " \t\r\n";
constexpr std::string_view kBlankLine = "\n\n";
constexpr std::string_view kRecipient = "to="; ///< in a header: the message calls a tool
constexpr std::size_t kLongestHeader = 256; ///< bytes; more is no header

/// How many bytes at the end of text may be the beginning of tag.
std::size_t heldLength(std::string_view text, std::string_view tag)
{
    for (std::size_t length = std::min(text.size(), tag.size() - 1); length > 0; --length)
        if (tag.starts_with(text.substr(text.size() - length)))
            return length;
    return 0;
}

} // namespace

ThoughtReader::ThoughtReader(const ThoughtFormat& format, ThoughtStart start, Tags tags)
    : m_format(&format)
    , m_state(start == ThoughtStart::InThought  ? State::Opening
              : start == ThoughtStart::InAnswer ? State::Answer
                                                : State::Undecided)
    , m_tags(tags)
    , m_thought(start == ThoughtStart::InThought)
{
}

std::vector<ThoughtReader::Chunk> ThoughtReader::resume(
    std::string_view reasoning, bool closed, std::string_view content)
{
    if (!reasoning.empty()) {
        m_state = State::Reasoning;
        m_thought = true;
        write(reasoning);
    }
    if (closed || !content.empty()) {
        flushThought();
        m_state = State::Answer;
        write(content);
    }
    return takeChunks();
}

std::vector<ThoughtReader::Chunk> ThoughtReader::push(std::string_view bytes)
{
    read(m_utf8.push(bytes));
    return takeChunks();
}

void ThoughtReader::read(std::string_view text)
{
    if (text.empty())
        return;
    const std::string joined = std::exchange(m_held, {}).append(text);
    if (m_state == State::Undecided || m_state == State::Opening)
        readFirst(joined);
    else if (m_tags == Tags::asText)
        readMarked(joined);
    else
        write(joined);
}

/// Text before which there was nothing but whitespace.
void ThoughtReader::readFirst(std::string_view text)
{
    const std::size_t first = text.find_first_not_of(kSpaces);
    const std::string_view word
        = first == std::string_view::npos ? std::string_view() : text.substr(first);
    const bool mayCall = m_format->hasHeaders && m_state == State::Undecided;
    bool undecided
        = word.empty() || (mayCall && kRecipient.starts_with(word) && word != kRecipient);
    if (m_tags == Tags::asText) {
        for (const ThoughtFormat::Marker& marker : m_format->markers) {
            if (word.starts_with(marker.text)) {
                take(marker);
                read(word.substr(marker.text.size()));
                return;
            }
            undecided = undecided || marker.text.starts_with(word);
        }
    }
    if (undecided) {
        m_held = text;
        return;
    }
    if (mayCall && word.starts_with(kRecipient)) {
        m_state = State::Header;
    } else {
        m_thought = m_thought || m_state == State::Opening;
        m_state = m_state == State::Opening ? State::Reasoning : State::Answer;
    }
    read(text);
}

/// Which markers, told by their text, count where the reader is now.
bool ThoughtReader::isActive(ThoughtMark mark) const
{
    switch (m_state) {
    case State::Header:
        return true;
    case State::Between:
        return mark == ThoughtMark::Start || mark == ThoughtMark::Channel;
    case State::Answer:
        return mark == ThoughtMark::End || mark == ThoughtMark::Start;
    default:
        return mark == ThoughtMark::End || mark == ThoughtMark::Start
            || mark == ThoughtMark::CloseThought;
    }
}

/// Text in which markers may stand anywhere; between two messages only at the beginning.
void ThoughtReader::readMarked(std::string_view text)
{
    if (m_state == State::Between) {
        text.remove_prefix(std::min(text.find_first_not_of(kSpaces), text.size()));
        const auto mayBe = [&](const ThoughtFormat::Marker& marker) {
            return isActive(marker.mark)
                && (text.starts_with(marker.text) || marker.text.starts_with(text));
        };
        if (!text.empty() && std::ranges::none_of(m_format->markers, mayBe)) {
            resumeAnswer();
            read(text);
            return;
        }
    }
    const ThoughtFormat::Marker* next = nullptr;
    std::size_t at = text.size();
    std::size_t held = 0;
    for (const ThoughtFormat::Marker& marker : m_format->markers) {
        if (!isActive(marker.mark))
            continue;
        if (const std::size_t found = text.find(marker.text); found < at) {
            at = found;
            next = &marker;
        }
        held = std::max(held, heldLength(text, marker.text));
    }
    if (next) {
        const State before = m_state;
        write(text.substr(0, at));
        if (m_state == before) {
            take(*next);
            at += next->text.size();
        }
        read(text.substr(at));
        return;
    }
    m_held = text.substr(text.size() - held);
    write(text.substr(0, text.size() - held));
}

void ThoughtReader::take(const ThoughtFormat::Marker& marker)
{
    const bool isMessage = m_state == State::Reasoning || m_state == State::Answer;
    switch (marker.mark) {
    case ThoughtMark::OpenThought:
        if (m_state == State::Undecided || m_state == State::Opening) {
            m_state = State::Reasoning;
            m_thought = true;
        } else {
            write(marker.text); // quoted in a thought or an answer
        }
        return;
    case ThoughtMark::CloseThought:
        if (m_state == State::Answer) {
            write(marker.text);
        } else {
            flushThought();
            m_state = State::Answer;
        }
        return;
    case ThoughtMark::Start:
    case ThoughtMark::Channel:
        if (marker.mark == ThoughtMark::Start || m_state != State::Header) {
            endMessage();
            m_header.clear();
        }
        m_header += marker.mark == ThoughtMark::Channel ? "\n" : "";
        m_state = State::Header;
        return;
    case ThoughtMark::Detail:
        if (isMessage)
            write(marker.text);
        else if (m_state == State::Header)
            m_header += ' ';
        return;
    case ThoughtMark::Message:
        if (isMessage)
            write(marker.text);
        else
            beginMessage();
        return;
    case ThoughtMark::End:
        endMessage();
        m_state = State::Between;
        return;
    }
}

/// By the header as far as it is known.
Phase ThoughtReader::phaseOfHeader() const
{
    const std::size_t line = m_header.find('\n');
    const std::string_view channel = line == std::string::npos
        ? std::string_view()
        : std::string_view(m_header).substr(line + 1);
    if (channel.empty())
        return m_thought && !m_answerStarted ? Phase::Reasoning : Phase::Answer;
    if (channel.starts_with("final"))
        return Phase::Answer;
    const bool preamble
        = channel.starts_with("commentary") && m_header.find(kRecipient) == std::string::npos;
    return preamble ? Phase::Answer : Phase::Reasoning;
}

void ThoughtReader::beginMessage()
{
    const bool answers
        = m_header.find('\n') == std::string::npos || phaseOfHeader() == Phase::Answer;
    m_header.clear();
    m_state = answers ? State::Answer : State::Reasoning;
    if (!answers) {
        m_thought = true;
        if (m_steps.stepCount() > 0)
            write(kBlankLine);
    } else {
        resumeAnswer();
    }
}

/// Text behind a message and without a header.
void ThoughtReader::resumeAnswer()
{
    m_state = State::Answer;
    m_answerSpace = m_answerStarted ? kBlankLine : "";
}

void ThoughtReader::endMessage()
{
    if (m_state == State::Reasoning)
        flushThought();
    m_answerSpace.clear();
}

void ThoughtReader::flushThought()
{
    for (const StepSplitter::Piece& piece : m_steps.finish())
        emit(Phase::Reasoning, piece.step, piece.text);
}

void ThoughtReader::write(std::string_view text)
{
    switch (m_state) {
    case State::Reasoning:
        for (const StepSplitter::Piece& piece : m_steps.push(text))
            emit(Phase::Reasoning, piece.step, piece.text);
        return;
    case State::Header:
        m_header += text;
        if (m_header.size() <= kLongestHeader)
            return;
        m_state = State::Answer; // nothing that a model of this kind writes
        writeAnswer(std::exchange(m_header, {}));
        return;
    case State::Between:
        if (text.find_first_not_of(kSpaces) == std::string_view::npos)
            return;
        resumeAnswer();
        writeAnswer(text.substr(text.find_first_not_of(kSpaces)));
        return;
    default:
        writeAnswer(text);
    }
}

void ThoughtReader::writeAnswer(std::string_view text)
{
    const std::size_t end = text.find_last_not_of(kSpaces);
    if (end == std::string_view::npos) {
        m_answerSpace += text;
        return;
    }
    std::string settled = std::exchange(m_answerSpace, std::string(text.substr(end + 1)));
    settled += text.substr(0, end + 1);
    if (!m_answerStarted) { // of the whitespace before an answer only its own line's indentation counts
        const std::size_t first = settled.find_first_not_of(kSpaces);
        const std::size_t newline = settled.find_last_of('\n', first);
        settled.erase(0, newline == std::string::npos ? first : newline + 1);
        m_answerStarted = true;
    }
    emit(Phase::Answer, 0, settled);
}

std::vector<ThoughtReader::Chunk> ThoughtReader::mark(const ThoughtFormat::Marker& marker)
{
    read(m_utf8.finish());
    m_held.clear(); // whitespace; the tags of text are not held where tags are tokens
    take(marker);
    return takeChunks();
}

std::vector<ThoughtReader::Chunk> ThoughtReader::finish()
{
    read(m_utf8.finish());
    const std::string held = std::exchange(m_held, {});
    if (m_state == State::Undecided)
        m_state = State::Answer;
    else if (m_state == State::Opening)
        m_state = State::Reasoning;
    write(held);
    if (m_state == State::Reasoning)
        flushThought();
    m_answerSpace.clear();
    return takeChunks();
}

void ThoughtReader::emit(Phase phase, int step, std::string_view text)
{
    if (text.empty())
        return;
    if (m_chunks.empty() || m_chunks.back().phase != phase || m_chunks.back().step != step)
        m_chunks.push_back({{}, phase, step});
    m_chunks.back().text += text;
}

std::vector<ThoughtReader::Chunk> ThoughtReader::takeChunks()
{
    return std::exchange(m_chunks, {});
}

Phase ThoughtReader::phase() const
{
    if (m_state == State::Header || m_state == State::Between)
        return phaseOfHeader();
    return m_state == State::Reasoning || m_state == State::Opening ? Phase::Reasoning
                                                                    : Phase::Answer;
}

int ThoughtReader::step() const
{
    return phase() == Phase::Reasoning ? m_steps.step() : 0;
}
int ThoughtReader::stepCount() const
{
    return m_steps.stepCount();
}
bool ThoughtReader::thought() const
{
    return m_thought;
}
bool ThoughtReader::closed() const
{
    return m_thought && m_state == State::Answer;
}

} // namespace ponder
