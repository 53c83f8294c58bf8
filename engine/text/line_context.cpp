#include "engine/text/line_context.h"

#include <algorithm>
#include <utility>

#include "engine/base/utf8.h"

namespace ponder {

namespace {

constexpr std::size_t kFence = 3;
constexpr std::string_view kOpeningQuotes[] = {"“", "‘", "„", "«", "‹", "「", "『"};

/// Behind this a quotation mark that looks the same on both sides opens. Behind a full stop it closes, even where the
/// quotation began on an earlier line.
bool mayPrecedeQuote(std::string_view before)
{
    constexpr std::u32string_view kPreceding = U" \t([{<*_-=:/：，、（";
    return before.empty() || kPreceding.find(utf8Decode(before)) != std::u32string_view::npos;
}

/// Chinese, Japanese and Korean letters, between which and a quotation mark there need be no space.
bool isWrittenWithoutSpaces(std::string_view character)
{
    const char32_t c = utf8Decode(character);
    return c >= 0x3040 && c <= 0xD7FF;
}

} // namespace

void LineContext::push(std::string_view text)
{
    while (!text.empty()) {
        const std::size_t length = std::max<std::size_t>(utf8Length(text), 1);
        const std::string_view character = text.substr(0, length);
        text.remove_prefix(length);
        if (character == "\n") {
            endLine();
            continue;
        }
        const bool space = character == " " || character == "\t" || character == "\r";
        const char c = character.front();
        if (!space && m_blank) {
            m_head = c;
            m_blank = false;
        }
        if (!space) {
            m_inHead = m_inHead && c == m_head && length == 1;
            m_headLength += m_inHead ? 1 : 0;
            m_tailBlank = m_tailBlank && m_inHead;
        } else if (m_headLength > 0) {
            m_inHead = false;
        }
        m_tickRuns += c == '`' && m_last != "`" ? 1 : 0;
        m_quotes += c == '"' ? 1 : 0;
        m_before = std::exchange(m_last, std::string(character));
    }
}

/// The line as far as it is opens a block. A fence of backticks has none in its info string.
bool LineContext::isFenceLine() const
{
    return m_fence == 0 && m_headLength >= kFence
        && (m_head == '~' || (m_head == '`' && m_tickRuns == 1));
}

void LineContext::endLine()
{
    if (m_fence != 0) {
        if (m_head == m_fence && m_headLength >= m_fenceLength && m_tailBlank)
            m_fence = 0;
    } else if (isFenceLine()) {
        m_fence = m_head;
        m_fenceLength = m_headLength;
    }
    m_head = 0;
    m_headLength = m_tickRuns = m_quotes = 0;
    m_inHead = m_blank = m_tailBlank = true;
    m_before.clear();
    m_last.clear();
}

bool LineContext::afterOpeningQuote() const
{
    if (inFence())
        return false;
    if (m_last == "\"")
        return m_quotes % 2 == 1 && (mayPrecedeQuote(m_before) || isWrittenWithoutSpaces(m_before));
    if (m_last == "'")
        return mayPrecedeQuote(m_before);
    return std::ranges::find(kOpeningQuotes, m_last) != std::end(kOpeningQuotes);
}

} // namespace ponder
