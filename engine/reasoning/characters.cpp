#include "engine/reasoning/characters.h"

#include <algorithm>

namespace ponder {

namespace {

bool isContinuation(char c)
{
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

/// Whether a byte begins a character: all but those that go on with one that is valid.
bool beginsCharacter(std::string_view text, std::size_t at)
{
    if (!isContinuation(text[at]))
        return true;
    for (std::size_t back = 1; back <= 3 && back <= at; ++back) {
        if (!isContinuation(text[at - back]))
            return characterAt(text, at - back).length <= back;
    }
    return true;
}

} // namespace

Character characterAt(std::string_view text, std::size_t at)
{
    const auto lead = static_cast<unsigned char>(text[at]);
    if (lead < 0x80)
        return {lead, 1};
    const std::uint8_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 1;
    if (length == 1 || lead > 0xF4 || at + length > text.size())
        return {0xFFFD, 1};
    char32_t code = lead & (0xFFU >> (length + 1U));
    for (std::size_t i = 1; i < length; ++i) {
        if (!isContinuation(text[at + i]))
            return {0xFFFD, 1};
        code = code << 6U | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    if (overlong || (code >= 0xD800 && code <= 0xDFFF) || code > 0x10FFFF)
        return {0xFFFD, 1};
    return {code, length};
}

Character characterBefore(std::string_view text, std::size_t end)
{
    std::size_t at = end - 1;
    while (at > 0 && end - at < 4 && isContinuation(text[at]))
        --at;
    const Character found = characterAt(text, at);
    return at + found.length == end ? found : Character{0xFFFD, 1};
}

bool isSpace(char32_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == 0xA0 || (c >= 0x2000 && c <= 0x200B)
        || c == 0x202F || c == 0x3000;
}

std::string lowered(std::string_view text)
{
    std::string result(text);
    for (std::size_t i = 0; i < result.size(); ++i) {
        const char c = result[i];
        if (c >= 'A' && c <= 'Z')
            result[i] = static_cast<char>(c - 'A' + 'a');
        else if (c == '\xC3' && i + 1 < result.size()
            && (result[i + 1] == '\x84' || result[i + 1] == '\x96' || result[i + 1] == '\x9C'))
            result[i + 1] = static_cast<char>(result[i + 1] + 0x20); // Ä, Ö, Ü
    }
    return result;
}

CodePoints::CodePoints(std::string_view text)
    : m_text(text)
{
    m_marks.reserve(text.size() / kStride + 1);
    std::size_t count = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i % kStride == 0)
            m_marks.push_back(count);
        count += beginsCharacter(text, i) ? 1 : 0;
    }
    m_marks.push_back(count);
}

std::size_t CodePoints::at(std::size_t byte) const
{
    byte = std::min(byte, m_text.size());
    if (byte == m_text.size())
        return m_marks.back();
    std::size_t count = m_marks[byte / kStride];
    for (std::size_t i = byte / kStride * kStride; i < byte; ++i)
        count += beginsCharacter(m_text, i) ? 1 : 0;
    return count;
}

std::size_t CodePoints::byteAt(std::size_t codePoint) const
{
    if (codePoint >= m_marks.back())
        return m_text.size();
    const auto mark = std::upper_bound(m_marks.begin(), m_marks.end() - 1, codePoint) - 1;
    std::size_t count = *mark;
    std::size_t byte = static_cast<std::size_t>(mark - m_marks.begin()) * kStride;
    for (; byte < m_text.size(); ++byte) {
        if (!beginsCharacter(m_text, byte))
            continue;
        if (count == codePoint)
            break;
        ++count;
    }
    return byte;
}

} // namespace ponder
