#include "engine/reasoning/step_splitter.h"

#include <algorithm>

#include "engine/base/blank.h"
#include "engine/base/decimal_digit.h"
#include "engine/base/utf8.h"

namespace ponder {

namespace {

/// What ends a mark, and may stand at the end of a line that is not yet over.
bool isGap(char c)
{
    return c == ' ' || c == '\t';
}

/// head against a marker: 1 begins with it, 0 may yet, -1 does not.
int match(std::string_view head, std::string_view marker)
{
    if (head.starts_with(marker))
        return 1;
    return marker.starts_with(head) ? 0 : -1;
}

/// As match(), for a mark that ends in a space or a tab.
int matchWithGap(std::string_view head, std::string_view mark)
{
    const int found = match(head, mark);
    if (found <= 0 || head.size() == mark.size())
        return std::min(found, 0);
    return isGap(head[mark.size()]) ? 1 : -1;
}

/// head as a digit of any script at its begin: as match(). `length`: the digit's bytes, 0 where there is none.
int matchDigit(std::string_view head, std::size_t& length)
{
    length = 0;
    if (head.empty())
        return 0;
    const std::size_t bytes = utf8Length(head);
    if (bytes == 0)
        return utf8MayContinue(head) ? 0 : -1;
    if (!isDecimalDigit(utf8Decode(head)))
        return -1;
    length = bytes;
    return 1;
}

/// "1. ", "12) " (at most three digits).
int matchNumber(std::string_view head)
{
    std::size_t length = 0;
    int found = matchDigit(head, length);
    for (int digits = 1; found == 1 && digits <= 3; ++digits) {
        head.remove_prefix(length);
        found = matchDigit(head, length);
        if (found == -1)
            return std::max(matchWithGap(head, "."), matchWithGap(head, ")"));
    }
    return found == 0 ? 0 : -1;
}

/// "Step 1".
int matchStep(std::string_view head)
{
    constexpr std::string_view kStep = "Step";
    const int word = matchWithGap(head, kStep);
    if (word <= 0)
        return word;
    std::size_t length = 0;
    return matchDigit(head.substr(kStep.size() + 1), length);
}

} // namespace

StepSplitter::LineKind StepSplitter::kindOf(std::string_view head)
{
    const int fence = std::max(match(head, "```"), match(head, "~~~"));
    if (fence == 1)
        return LineKind::Fence;
    const int item = std::max({matchWithGap(head, "-"), matchWithGap(head, "*"),
        matchWithGap(head, "•"), matchNumber(head), matchStep(head)});
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
    const std::size_t end = m_head.find_last_not_of(kSpaces) + 1;
    const std::string spaces = m_head.substr(end);
    m_head.resize(end);
    settleLine(LineKind::Text, pieces);
    m_space = spaces;
}

std::vector<StepSplitter::Piece> StepSplitter::push(std::string_view text)
{
    std::vector<Piece> pieces;
    for (const char c : text) {
        if (!m_head.empty()) { // a marker may have a space or a tab inside, never a line's end
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

std::vector<std::size_t> stepBegins(std::string_view text)
{
    std::vector<std::size_t> begins;
    StepSplitter splitter;
    std::size_t at = text.find_first_not_of(kSpaces); // the splitter drops what is before it
    for (const auto& pieces : {splitter.push(text), splitter.finish()}) {
        for (const StepSplitter::Piece& piece : pieces) {
            if (static_cast<std::size_t>(piece.step) == begins.size())
                begins.push_back(at);
            at += piece.text.size();
        }
    }
    return begins;
}

} // namespace ponder
