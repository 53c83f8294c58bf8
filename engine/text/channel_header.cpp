#include "engine/text/channel_header.h"

#include <algorithm>
#include <span>

#include "engine/base/blank.h"

namespace ponder {

namespace {

constexpr std::string_view kRecipient = "to=";
constexpr std::string_view kRoles[] = {"assistant", "user", "system", "developer", "tool"};
constexpr std::string_view kNames[] = {"analysis", "commentary", "final"};
constexpr std::size_t kLongestHeader = 4096; ///< bytes; more is no header
constexpr auto kNowhere = std::string::npos;

bool isLower(char c)
{
    return (c >= 'a' && c <= 'z') || c == '_';
}
bool isNameByte(char c)
{
    return isLower(c) || (c >= '0' && c <= '9') || c == '-';
}
bool isRoleByte(char c)
{
    return isNameByte(c) || (c >= 'A' && c <= 'Z') || c == '.' || c == ':' || c == '/';
}

/// Behind a known role: what no longer name of a tool goes on with.
bool endsRole(char c)
{
    return !isRoleByte(c) || (c >= 'A' && c <= 'Z');
}

bool isOf(std::span<const std::string_view> words, std::string_view word)
{
    return std::ranges::find(words, word) != words.end();
}

/// The known word to which another word is glued ("finalThe"); empty: none.
std::string_view gluedTo(std::span<const std::string_view> known, std::string_view word)
{
    for (const std::string_view name : known)
        if (word.size() > name.size() && word.starts_with(name) && !isLower(word[name.size()]))
            return name;
    return {};
}

/// Calls visit(offset, word, whether it is whole) for the words of text between begin and end, until it returns false.
template <typename Visit>
void eachWord(
    std::string_view text, std::size_t begin, std::size_t end, bool closed, const Visit& visit)
{
    while (true) {
        begin = text.find_first_not_of(kSpaces, begin);
        if (begin >= end)
            return;
        const std::size_t after = std::min(text.find_first_of(kSpaces, begin), end);
        const bool whole = closed || after < end;
        if (!visit(begin, text.substr(begin, after - begin), whole))
            return;
        begin = after;
    }
}

} // namespace

void ChannelHeader::begin(bool role)
{
    *this = {};
    m_expectsRole = role;
}

void ChannelHeader::write(std::string_view text)
{
    // Up to its bound first, so that it does not matter in which pieces the text comes.
    const std::size_t room
        = m_text.size() <= kLongestHeader ? kLongestHeader + 1 - m_text.size() : 0;
    m_text += text.substr(0, room);
    read();
    m_text += text.substr(std::min(room, text.size()));
}

void ChannelHeader::markChannel()
{
    m_hasChannel = true;
    m_channelAt = m_text.size();
    read();
}

void ChannelHeader::markDetail()
{
    m_text += ' ';
    m_detailAt = m_text.size();
    read();
}

void ChannelHeader::read()
{
    m_channel = Channel::None;
    m_named = m_known = m_calls = m_hasType = false;
    m_name = {};
    m_textAt = m_doubtAt = kNowhere;
    readRole(m_hasChannel);
    if (m_hasChannel && !isText())
        readChannel();
    if (!isText() && m_text.size() > kLongestHeader)
        m_textAt = m_doubtAt != kNowhere ? m_doubtAt : 0;
}

void ChannelHeader::readRole(bool closed)
{
    bool hasRole = !m_expectsRole;
    const std::size_t end = m_hasChannel ? m_channelAt : m_text.size();
    eachWord(m_text, 0, end, closed, [&](std::size_t at, std::string_view word, bool whole) {
        if (word.starts_with(kRecipient) || (!whole && kRecipient.starts_with(word))) {
            m_calls = word.starts_with(kRecipient);
            if (!m_expectsRole && !m_hasChannel && m_doubtAt == kNowhere)
                m_doubtAt = at;
            return true;
        }
        const std::size_t from = m_doubtAt != kNowhere ? m_doubtAt : at;
        if (hasRole) {
            m_textAt = from;
            return false;
        }
        hasRole = true;
        if (isOf(kRoles, word))
            return true;
        if (const std::string_view role = gluedTo(kRoles, word);
            !role.empty() && endsRole(word[role.size()])) {
            m_textAt = at + role.size();
            return false;
        }
        if (!std::ranges::all_of(word, isRoleByte)) {
            m_textAt = from;
            return false;
        }
        m_doubtAt = closed ? kNowhere : at; // a tool's name, perhaps
        return true;
    });
}

void ChannelHeader::readChannel()
{
    eachWord(m_text, m_channelAt, m_text.size(), false,
        [&](std::size_t at, std::string_view word, bool whole) {
            if (word.starts_with(kRecipient)) {
                m_calls = true;
            } else if (!whole && m_named && kRecipient.starts_with(word)) {
                return true;
            } else if (!m_named) {
                readName(at, word, whole);
            } else {
                readWord(at, word, whole);
            }
            return !isText();
        });
    if (m_name == "final")
        m_channel = Channel::Answer;
    else if (m_name == "commentary")
        m_channel = m_calls ? Channel::Thought : Channel::Answer;
    else if (m_named && (!isText() || !m_name.empty()))
        m_channel = Channel::Thought;
    m_known = !m_name.empty();
    m_name = {}; // it points into m_text, which moves
}

void ChannelHeader::readName(std::size_t at, std::string_view word, bool whole)
{
    if (isOf(kNames, word)) {
        m_named = true;
        m_name = word;
        return;
    }
    if (const std::string_view name = gluedTo(kNames, word); !name.empty()) {
        m_named = true;
        m_name = name;
        m_textAt = at + name.size();
        return;
    }
    if (!std::ranges::all_of(word, isNameByte)) {
        m_textAt = at;
        return;
    }
    const bool begins = std::ranges::any_of(
        kNames, [&](std::string_view name) { return name.starts_with(word); });
    m_named = whole || !begins;
    m_doubtAt = begins ? kNowhere : at; // the end may have cut a known name short
}

void ChannelHeader::readWord(std::size_t at, std::string_view word, bool whole)
{
    if (m_detailAt != kNowhere && at >= m_detailAt && !m_hasType) {
        const auto end = std::ranges::find_if_not(word, isLower);
        m_hasType = whole || end != word.end();
        if (end != word.end())
            m_textAt = at + static_cast<std::size_t>(end - word.begin());
        return;
    }
    if (m_doubtAt != kNowhere)
        m_textAt = m_doubtAt;
    else if (!std::ranges::all_of(word, isLower))
        m_textAt = at;
    else
        m_doubtAt = at; // the type of what follows, perhaps
}

std::string ChannelHeader::text() const
{
    const std::size_t at = isText() ? m_textAt : m_doubtAt;
    return at < m_text.size() ? m_text.substr(at) : std::string();
}

} // namespace ponder
