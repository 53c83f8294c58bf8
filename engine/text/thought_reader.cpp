#include "engine/text/thought_reader.h"

#include <algorithm>
#include <utility>

namespace ponder {

namespace {

constexpr std::string_view kOpen = "<think>";
constexpr std::string_view kClose = "</think>";
constexpr std::string_view kSpaces = " \t\r\n";

/// How many bytes at the end of text may be the beginning of tag.
std::size_t heldLength(std::string_view text, std::string_view tag)
{
    for (std::size_t length = std::min(text.size(), tag.size() - 1); length > 0; --length)
        if (tag.starts_with(text.substr(text.size() - length)))
            return length;
    return 0;
}

} // namespace

ThoughtReader::ThoughtReader(bool thinkOpen, Tags tags)
    : m_state(thinkOpen ? State::Opening : State::Undecided)
    , m_tags(tags)
    , m_thought(thinkOpen)
{
}

std::vector<ThoughtReader::Chunk> ThoughtReader::push(std::string_view bytes)
{
    read(m_utf8.push(bytes));
    return take();
}

void ThoughtReader::read(std::string_view text)
{
    if (text.empty())
        return;
    const std::string joined = std::exchange(m_held, {}).append(text);
    if (m_state == State::Undecided || m_state == State::Opening) {
        const std::size_t first = joined.find_first_not_of(kSpaces);
        const std::string_view word = first == std::string::npos
            ? std::string_view()
            : std::string_view(joined).substr(first);
        const bool textTags = m_tags == Tags::asText;
        if (word.empty()
            || (textTags && (kOpen.starts_with(word) || kClose.starts_with(word)) && word != kOpen
                && word != kClose)) {
            m_held = joined;
            return;
        }
        if (textTags && word.starts_with(kOpen))
            begin(State::Reasoning, word.substr(kOpen.size()));
        else if (textTags && word.starts_with(kClose))
            begin(State::Answer, word.substr(kClose.size()));
        else
            begin(m_state == State::Opening ? State::Reasoning : State::Answer, joined);
        return;
    }
    if (m_state == State::Reasoning && m_tags == Tags::asText) {
        if (const std::size_t close = joined.find(kClose); close != std::string::npos) {
            write(std::string_view(joined).substr(0, close));
            endThought();
            write(std::string_view(joined).substr(close + kClose.size()));
            return;
        }
        const std::size_t held = heldLength(joined, kClose);
        m_held = joined.substr(joined.size() - held);
        write(std::string_view(joined).substr(0, joined.size() - held));
        return;
    }
    write(joined);
}

void ThoughtReader::begin(State state, std::string_view rest)
{
    m_state = state;
    m_thought = m_thought || state == State::Reasoning;
    read(rest);
}

void ThoughtReader::endThought()
{
    for (const StepSplitter::Piece& piece : m_steps.finish())
        emit(Phase::Reasoning, piece.step, piece.text);
    m_state = State::Answer;
}

void ThoughtReader::write(std::string_view text)
{
    if (m_state == State::Reasoning) {
        for (const StepSplitter::Piece& piece : m_steps.push(text))
            emit(Phase::Reasoning, piece.step, piece.text);
        return;
    }
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

std::vector<ThoughtReader::Chunk> ThoughtReader::open()
{
    read(m_utf8.finish());
    if (m_state == State::Undecided || m_state == State::Opening) {
        m_held.clear();
        begin(State::Reasoning, {});
    } else {
        write(kOpen); // quoted in a thought or an answer
    }
    return take();
}

std::vector<ThoughtReader::Chunk> ThoughtReader::close()
{
    read(m_utf8.finish());
    if (m_state == State::Answer) {
        write(kClose);
    } else {
        m_held.clear();
        endThought();
    }
    return take();
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
        for (const StepSplitter::Piece& piece : m_steps.finish())
            emit(Phase::Reasoning, piece.step, piece.text);
    m_answerSpace.clear();
    return take();
}

void ThoughtReader::emit(Phase phase, int step, std::string_view text)
{
    if (text.empty())
        return;
    if (m_chunks.empty() || m_chunks.back().phase != phase || m_chunks.back().step != step)
        m_chunks.push_back({{}, phase, step});
    m_chunks.back().text += text;
}

std::vector<ThoughtReader::Chunk> ThoughtReader::take()
{
    return std::exchange(m_chunks, {});
}

Phase ThoughtReader::phase() const
{
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
