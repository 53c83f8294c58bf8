// The part of ThoughtReader that finds markers by their characters.
#include <algorithm>
#include <utility>

#include "engine/base/blank.h"
#include "engine/text/marker_text.h"
#include "engine/text/thought_reader.h"

namespace ponder {

namespace {

constexpr std::string_view kRecipient = "to="; ///< in a header: the message calls a tool

} // namespace

bool ThoughtReader::readsMarkers() const
{
    return m_tags == Tags::asText || m_spelled;
}

void ThoughtReader::read(std::string_view text)
{
    if (text.empty())
        return;
    const std::string joined = std::exchange(m_held, {}).append(text);
    if (m_state == State::Undecided || m_state == State::Opening || m_state == State::Closed)
        readFirst(joined);
    else if (readsMarkers())
        readMarked(joined);
    else
        write(joined);
}

/// Whether a marker, told by its text, counts where nothing but whitespace came so far.
bool ThoughtReader::mayBegin(const ThoughtFormat& format, const Marker& marker) const
{
    const bool isOwn = &format == m_format && m_tags == Tags::asText;
    const bool opens = marker.mark == ThoughtMark::OpenThought;
    if (m_state == State::Opening)
        return m_spelled ? &format == m_spelled : isOwn;
    if (isOwn)
        return true;
    if (m_state == State::Closed && marker.mark == ThoughtMark::CloseThought)
        return &format == m_spelled;
    return opens && format.isSpelled && !m_format->hasHeaders && m_told.content.empty();
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

    if (m_state == State::Opening) {
        const std::string_view label = (m_spelled ? m_spelled : m_format)->label;
        if (!label.empty() && word.starts_with(label) && word.size() > label.size()
            && word[label.size()] == '\n') {
            m_state = State::Reasoning;
            read(word.substr(label.size()));
            return;
        }
        undecided = undecided || (!label.empty() && label.starts_with(word));
    }
    for (const ThoughtFormat& format : thoughtFormats()) {
        for (const Marker& marker : format.markers) {
            if (!mayBegin(format, marker))
                continue;
            if (!word.starts_with(marker.text)) {
                undecided = undecided || marker.text.starts_with(word);
                continue;
            }
            if (marker.mark == ThoughtMark::OpenThought && m_state != State::Opening) {
                if (&format != m_format || m_tags == Tags::asTokens)
                    m_doubt = Doubt{m_told.reasoning, {}, std::string(marker.text)};
                m_spelled = &format;
                openThought();
            } else {
                take(marker);
            }
            read(word.substr(marker.text.size()));
            return;
        }
    }
    if (m_state == State::Closed && m_told.content.empty() && !m_format->hasHeaders) {
        const auto tags = answerTags();
        for (std::size_t i = 0; i + 1 < tags.size(); i += 2) {
            if (word.starts_with(tags[i].text)) {
                m_state = State::Answer;
                m_answerClose = tags[i + 1].text;
                read(word.substr(tags[i].text.size()));
                return;
            }
            undecided = undecided || tags[i].text.starts_with(word);
        }
    }
    if (undecided) {
        m_held = text;
        return;
    }
    if (mayCall && word.starts_with(kRecipient)) {
        m_header.begin(false);
        m_state = State::Header;
    } else {
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
        return mark == ThoughtMark::End || mark == ThoughtMark::Start
            || (mark == ThoughtMark::CloseThought && !m_thought);
    default:
        return mark == ThoughtMark::End || mark == ThoughtMark::Start
            || mark == ThoughtMark::CloseThought;
    }
}

/// Where the marker first counts; `waits`: only if what comes says so. npos: nowhere.
std::size_t ThoughtReader::findActive(
    std::string_view text, const Marker& marker, bool& waits) const
{
    waits = false;
    std::size_t at = text.find(marker.text);
    if (marker.mark != ThoughtMark::CloseThought || at == std::string_view::npos)
        return at;
    LineContext line = lineNow();
    std::size_t read = 0;
    for (; at != std::string_view::npos; at = text.find(marker.text, at + 1)) {
        line.push(text.substr(read, at - read));
        read = at;
        if (m_state != State::Answer) {
            if (!line.inQuotes())
                return at;
            continue;
        }
        // A thought that nobody opened ends at a tag on a line of its own; any other is spoken of.
        const std::size_t end = text.find_first_not_of(" \t\r", at + marker.text.size());
        const bool mayEndLine = end == std::string_view::npos || text[end] == '\n';
        if (!line.atLineBegin() || line.inFence() || !mayEndLine || opensBefore(text.substr(0, at)))
            continue;
        waits = end == std::string_view::npos;
        return at;
    }
    return at;
}

/// The answer, with what comes behind it, has an opening tag.
bool ThoughtReader::opensBefore(std::string_view text) const
{
    const Marker* marker = m_format->find(ThoughtMark::OpenThought);
    const std::string answer = m_told.content + m_answerSpace + std::string(text);
    return marker && answer.find(marker->text) != std::string::npos;
}

/// Text in which markers may stand anywhere; between two messages only at the beginning.
void ThoughtReader::readMarked(std::string_view text)
{
    const ThoughtFormat& format = m_spelled ? *m_spelled : *m_format;
    if (m_state == State::Between) {
        text.remove_prefix(std::min(text.find_first_not_of(kSpaces), text.size()));
        const auto mayBe = [&](const Marker& marker) {
            return isActive(marker.mark)
                && (text.starts_with(marker.text) || marker.text.starts_with(text));
        };
        if (!text.empty() && std::ranges::none_of(format.markers, mayBe)) {
            resumeAnswer();
            read(text);
            return;
        }
    }
    const Marker* next = nullptr;
    std::size_t at = text.size();
    std::size_t held = 0;
    for (const Marker& marker : format.markers) {
        if (!isActive(marker.mark))
            continue;
        bool waits = false;
        const std::size_t found = findActive(text, marker, waits);
        if (waits)
            held = std::max(held, text.size() - found);
        else if (found < at) {
            at = found;
            next = &marker;
        }
        held = std::max(held, endingLike(text, marker.text));
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

} // namespace ponder
