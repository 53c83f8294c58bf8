#include "engine/text/thought_reader.h"

#include <algorithm>
#include <utility>

#include "engine/base/blank.h"
#include "engine/text/marker_text.h"
#include "engine/text/thought_repair.h"

namespace ponder {

namespace {

constexpr std::string_view kBlankLine = "\n\n";

std::string_view withoutSpaceAtEnd(std::string_view text)
{
    return text.substr(0, text.find_last_not_of(kSpaces) + 1);
}

/// Leaves the splitter as if it had read this thought.
void readSteps(std::string_view thought, StepSplitter& steps)
{
    steps = {};
    (void)steps.push(thought);
    (void)steps.finish();
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
        m_resumed = reasoning.size();
        write(reasoning);
    }
    if (closed || !content.empty()) {
        closeThought();
        if (!content.empty()) {
            m_state = State::Answer;
            write(content);
        }
    }
    return takeChunks();
}

std::vector<ThoughtReader::Chunk> ThoughtReader::push(std::string_view bytes)
{
    read(m_utf8.push(bytes));
    return takeChunks();
}

void ThoughtReader::take(const Marker& marker)
{
    const bool isMessage = m_state == State::Reasoning || m_state == State::Answer;
    switch (marker.mark) {
    case ThoughtMark::OpenThought:
        takeOpening(marker);
        return;
    case ThoughtMark::CloseThought:
        takeClosing(marker);
        return;
    case ThoughtMark::OpenAnswer:
    case ThoughtMark::CloseAnswer:
        takeAnswerTag(marker);
        return;
    case ThoughtMark::Start:
        settleHeader();
        endMessage();
        m_header.begin(true);
        m_state = State::Header;
        return;
    case ThoughtMark::End:
        settleHeader();
        endMessage();
        m_state = State::Between;
        return;
    case ThoughtMark::Channel:
        if (isMessage && isSpokenOf()) {
            write(marker.text);
            return;
        }
        if (m_state != State::Header || m_header.hasChannel()) {
            settleHeader();
            endMessage();
            m_header.begin(false);
        }
        m_header.markChannel();
        m_state = State::Header;
        return;
    case ThoughtMark::Detail:
    case ThoughtMark::Message:
        if (isMessage && isSpokenOf())
            write(marker.text);
        else if (m_state == State::Header && marker.mark == ThoughtMark::Detail)
            m_header.markDetail();
        else if (m_state == State::Header)
            beginMessage(m_header.channel());
        else if (marker.mark == ThoughtMark::Message)
            beginMessage(m_state == State::Reasoning || m_state == State::Opening
                    ? ChannelHeader::Channel::Thought
                    : ChannelHeader::Channel::None);
        return;
    }
}

LineContext ThoughtReader::lineNow() const
{
    LineContext line = m_line;
    if (m_state == State::Answer)
        line.push(m_answerSpace);
    return line;
}

/// A marker that came now would stand in code or between quotation marks.
bool ThoughtReader::isSpokenOf() const
{
    const LineContext line = lineNow();
    return line.inFence() || line.inQuotes();
}

void ThoughtReader::takeOpening(const Marker& marker)
{
    switch (m_state) {
    case State::Opening:
        return; // some models open once more what the prompt has opened
    case State::Reasoning:
        if (!m_line.atLineBegin())
            write(marker.text);
        return;
    case State::Answer:
        if (isSpokenOf()) {
            write(marker.text);
            return;
        }
        if (const LineContext line = lineNow(); !line.atLineBegin()) {
            m_doubt = Doubt{m_told.reasoning, {}, m_answerSpace + std::string(marker.text)};
            endAnswer();
            m_doubt->content = m_told.content;
        }
        endAnswer();
        openThought();
        return;
    default:
        openThought();
    }
}

void ThoughtReader::takeClosing(const Marker& marker)
{
    if (m_state != State::Answer) {
        closeThought();
        return;
    }
    const LineContext line = lineNow();
    if (line.inFence() || line.inQuotes()) {
        write(marker.text);
    } else if (m_told.reasoning.empty()) {
        moveToThought();
    } else if (line.afterSpace() && !line.atLineBegin()) {
        write(marker.text); // in the middle of a sentence: spoken of
    } else {
        resumeAnswer();
    }
}

void ThoughtReader::takeAnswerTag(const Marker& marker)
{
    const bool opens = marker.mark == ThoughtMark::OpenAnswer;
    const bool inThought = m_state == State::Reasoning || m_state == State::Opening;
    if ((m_state == State::Answer && isSpokenOf()) || (inThought && !opens)) {
        if (m_state == State::Opening)
            m_state = State::Reasoning;
        write(marker.text);
        return;
    }
    if (inThought)
        closeThought();
    else if (m_state == State::Answer)
        resumeAnswer();
    else
        m_state = State::Closed;
    if (opens && m_tags == Tags::asText) {
        const Marker* close = m_format->find(ThoughtMark::CloseAnswer);
        m_answerClose = close ? close->text : std::string_view();
        m_state = State::Answer;
    }
}

void ThoughtReader::openThought()
{
    m_thought = true;
    m_line = {};
    m_raw.clear();
    m_answerClose = {};
    if (m_steps.stepCount() > 0)
        for (const StepSplitter::Piece& piece : m_steps.push(kBlankLine))
            emit(Phase::Reasoning, piece.step, piece.text);
    m_state = State::Opening;
}

void ThoughtReader::closeThought()
{
    flushThought();
    resumeAnswer();
    m_doubt.reset();
    m_state = State::Closed;
    const Marker* end = (m_spelled ? m_spelled : m_format)->find(ThoughtMark::CloseAnswer);
    if (end && readsMarkers())
        m_answerClose = end->text;
}

/// The answer so far was the thought.
void ThoughtReader::moveToThought()
{
    endAnswer();
    std::string_view moved = m_told.content;
    if (const Marker* open = m_format->find(ThoughtMark::OpenThought);
        open && moved.starts_with(open->text))
        moved.remove_prefix(open->text.size());
    moved.remove_prefix(std::min(moved.find_first_not_of(kSpaces), moved.size()));
    readSteps(moved, m_steps);
    m_thought = true;
    if (!m_told.content.empty())
        retell({std::string(moved), {}}, Phase::Reasoning);
    resumeAnswer();
    m_state = State::Closed;
}

void ThoughtReader::beginMessage(ChannelHeader::Channel channel)
{
    if (channel != ChannelHeader::Channel::Thought) {
        endMessage();
        resumeAnswer();
        return;
    }
    m_thought = true;
    m_line = {};
    m_state = State::Reasoning;
    if (m_steps.stepCount() > 0)
        write(kBlankLine);
}

/// What follows is answer, a part of its own.
void ThoughtReader::resumeAnswer()
{
    endAnswer();
    m_state = State::Answer;
    m_partStarted = false;
    m_answerClose = {};
    m_line = {};
}

void ThoughtReader::endMessage()
{
    if (m_state == State::Reasoning)
        flushThought();
    endAnswer();
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
        m_raw += text;
        m_line.push(text);
        for (const StepSplitter::Piece& piece : m_steps.push(text))
            emit(Phase::Reasoning, piece.step, piece.text);
        return;
    case State::Header:
        m_header.write(text);
        if (m_header.isText())
            settleHeader();
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

/// What of a header is the message's text goes there.
void ThoughtReader::settleHeader()
{
    if (m_state != State::Header)
        return;
    const std::string text = m_header.text();
    if (text.empty())
        return;
    beginMessage(m_header.textChannel());
    write(text);
}

void ThoughtReader::writeAnswer(std::string_view text)
{
    m_answerSpace += text;
    if (const std::size_t at
        = m_answerClose.empty() ? std::string::npos : m_answerSpace.find(m_answerClose);
        at != std::string::npos) {
        const std::string behind = m_answerSpace.substr(at + m_answerClose.size());
        m_answerSpace.resize(at);
        resumeAnswer();
        writeAnswer(behind);
        return;
    }
    const std::size_t held = endingLike(m_answerSpace, m_answerClose);
    const std::string_view told
        = withoutSpaceAtEnd(std::string_view(m_answerSpace).substr(0, m_answerSpace.size() - held));
    tellAnswer(told.size());
}

/// Tells the first bytes of what was held back of the answer.
void ThoughtReader::tellAnswer(std::size_t length)
{
    if (length == 0)
        return;
    std::string settled = m_answerSpace.substr(0, length);
    m_answerSpace.erase(0, length);
    m_line.push(settled);
    if (!m_partStarted) { // of the whitespace before an answer only its own line's indentation counts
        const std::size_t first = settled.find_first_not_of(kSpaces);
        const std::size_t newline = settled.find_last_of('\n', first);
        settled.erase(0, newline == std::string::npos ? first : newline + 1);
        if (!m_told.content.empty())
            settled.insert(0, kBlankLine);
        m_partStarted = true;
    }
    emit(Phase::Answer, 0, settled);
}

/// What was held back at the end of the answer: whitespace is dropped, the beginning of a tag that did not come is text.
void ThoughtReader::endAnswer()
{
    tellAnswer(withoutSpaceAtEnd(m_answerSpace).size());
    m_answerSpace.clear();
}

/// What was held back as the beginning of a tag that did not come.
void ThoughtReader::settleHeld()
{
    const std::string held = std::exchange(m_held, {});
    const bool isFirst
        = m_state == State::Undecided || m_state == State::Opening || m_state == State::Closed;
    if (isFirst && held.find_first_not_of(kSpaces) == std::string::npos)
        return;
    if (isFirst)
        m_state = m_state == State::Opening ? State::Reasoning : State::Answer;
    write(held);
}

std::vector<ThoughtReader::Chunk> ThoughtReader::mark(const Marker& marker)
{
    read(m_utf8.finish());
    settleHeld();
    take(marker);
    return takeChunks();
}

std::vector<ThoughtReader::Chunk> ThoughtReader::finish(Ending ending)
{
    read(m_utf8.finish());
    settleHeld();
    settleHeader();
    if (m_state == State::Undecided)
        m_state = State::Answer;
    endMessage();
    if (m_state == State::Reasoning || m_state == State::Opening)
        repair(ending);
    return takeChunks();
}

/// A thought that is open at the end.
void ThoughtReader::repair(Ending ending)
{
    const bool ended = ending == Ending::ByModel;
    const ThoughtFormat& format = m_spelled ? *m_spelled : *m_format;
    Retold retold;
    if (m_told.content.empty() || (m_doubt && ended)) {
        const std::size_t from
            = std::max(m_resumed, m_doubt ? m_doubt->reasoning.size() : std::size_t(0));
        if (auto repaired = repairThought(m_told.reasoning, from, format, ended)) {
            retold = {std::move(repaired->reasoning), m_told.content};
            if (!retold.content.empty() && !repaired->content.empty())
                retold.content += kBlankLine;
            retold.content += repaired->content;
        } else if (m_doubt && ended) {
            retold = {m_doubt->reasoning, m_doubt->content + m_doubt->text + m_raw};
            retold.content.resize(withoutSpaceAtEnd(retold.content).size());
            m_thought = !retold.reasoning.empty();
        } else {
            return;
        }
        readSteps(retold.reasoning, m_steps);
        retell(std::move(retold), Phase::Answer);
        m_state = State::Answer;
    }
}

void ThoughtReader::retell(Retold retold, Phase phase)
{
    m_told = retold;
    const int step = phase == Phase::Reasoning ? m_steps.step() : 0;
    m_chunks.push_back({{}, phase, step, std::move(retold)});
}

void ThoughtReader::emit(Phase phase, int step, std::string_view text)
{
    if (text.empty())
        return;
    (phase == Phase::Reasoning ? m_told.reasoning : m_told.content) += text;
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
    switch (m_state) {
    case State::Header:
        if (m_header.channel() != ChannelHeader::Channel::None)
            return m_header.channel() == ChannelHeader::Channel::Thought ? Phase::Reasoning
                                                                         : Phase::Answer;
        [[fallthrough]];
    case State::Between:
        return m_thought && m_told.content.empty() ? Phase::Reasoning : Phase::Answer;
    case State::Reasoning:
    case State::Opening:
        return Phase::Reasoning;
    default:
        return Phase::Answer;
    }
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
    return m_thought && (m_state == State::Answer || m_state == State::Closed);
}

} // namespace ponder
