#include "engine/text/step_splitter.h"

#include <algorithm>

namespace ponder {

namespace {

bool isSpace(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

/// head against a marker: 1 begins with it, 0 may yet, -1 does not.
int match(std::string_view head, std::string_view marker)
{
    if (head.starts_with(marker))
        return 1;
    return marker.starts_with(head) ? 0 : -1;
}

/// "1. ", "12) " (at most three digits).
int matchNumber(std::string_view head)
{
    std::size_t digits = 0;
    while (digits < head.size() && isDigit(head[digits]))
        ++digits;
    if (digits > 3)
        return -1;
    if (digits == head.size())
        return 0;
    if (digits == 0 || (head[digits] != '.' && head[digits] != ')'))
        return -1;
    if (digits + 1 == head.size())
        return 0;
    return head[digits + 1] == ' ' ? 1 : -1;
}

/// "Step 1".
int matchStep(std::string_view head)
{
    constexpr std::string_view kStep = "Step ";
    const int word = match(head, kStep);
    if (word <= 0 || head.size() == kStep.size())
        return std::min(word, 0);
    return isDigit(head[kStep.size()]) ? 1 : -1;
}

} // namespace

StepSplitter::LineKind StepSplitter::kindOf(std::string_view head)
{
    const int fence = std::max(match(head, "```"), match(head, "~~~"));
    if (fence == 1)
        return LineKind::Fence;
    const int item = std::max({match(head, "- "), match(head, "* "), match(head, "• "),
        matchNumber(head), matchStep(head)});
    if (item == 1)
        return LineKind::Item;
    return fence == 0 || item == 0 ? LineKind::Unknown : LineKind::Text;
}

void StepSplitter::write(std::string_view text, std::vector<Piece>& pieces) const
{
    if (text.empty())
        return;
    if (pieces.empty() || pieces.back().step != m_step)
        pieces.push_back({{}, m_step});
    pieces.back().text += text;
}

void StepSplitter::settleLine(LineKind kind, std::vector<Piece>& pieces)
{
    if (m_started) {
        const bool blankLine = std::count(m_space.begin(), m_space.end(), '\n') >= 2;
        const bool item = kind == LineKind::Item && m_space.ends_with('\n');
        write(m_space, pieces);
        if (!m_inFence && (blankLine || item))
            ++m_step;
    }
    m_space.clear();
    write(m_head, pieces);
    m_head.clear();
    m_started = m_lineSettled = true;
    if (kind == LineKind::Fence)
        m_inFence = !m_inFence;
}

/// The line ended before its head could be a marker; spaces at its end are whitespace like any other.
void StepSplitter::settleText(std::vector<Piece>& pieces)
{
    const std::size_t end = m_head.find_last_not_of(' ') + 1;
    const std::string spaces = m_head.substr(end);
    m_head.resize(end);
    settleLine(LineKind::Text, pieces);
    m_space = spaces;
}

std::vector<StepSplitter::Piece> StepSplitter::push(std::string_view text)
{
    std::vector<Piece> pieces;
    for (const char c : text) {
        if (!m_head.empty()) { // a marker may have a space inside, never a line's end
            if (c != '\n' && c != '\r') {
                m_head += c;
                if (const LineKind kind = kindOf(m_head); kind != LineKind::Unknown)
                    settleLine(kind, pieces);
                continue;
            }
            settleText(pieces);
        }
        if (isSpace(c)) {
            m_space += c;
            m_lineSettled = m_lineSettled && c != '\n';
            continue;
        }
        if (m_lineSettled) {
            write(m_space, pieces);
            m_space.clear();
            write({&c, 1}, pieces);
            continue;
        }
        m_head = c;
        if (const LineKind kind = kindOf(m_head); kind != LineKind::Unknown)
            settleLine(kind, pieces);
    }
    // A character of several bytes is never cut: they all go the same way.
    return pieces;
}

std::vector<StepSplitter::Piece> StepSplitter::finish()
{
    std::vector<Piece> pieces;
    if (!m_head.empty())
        settleText(pieces);
    m_space.clear();
    return pieces;
}

} // namespace ponder
