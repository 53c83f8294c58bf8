#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ponder {

/// The context at the end of a text that grows: whether a tag that came now would be in code or between
/// quotation marks, and so be only mentioned. Markdown's fences and inline code, by the line. Cheap to copy; for one text.
class LineContext {
public:
    void push(std::string_view text); ///< whole UTF-8

    /// A fenced code block is open.
    [[nodiscard]] bool inFence() const { return m_fence != 0 || isFenceLine(); }
    /// Inline code is open on this line, if a backtick is still to come.
    [[nodiscard]] bool inCode() const { return !inFence() && m_tickRuns % 2 == 1; }
    [[nodiscard]] bool
    afterOpeningQuote() const; ///< the last character is a quotation mark that opens
    [[nodiscard]] bool inQuotes() const { return inCode() || afterOpeningQuote(); }
    [[nodiscard]] bool atLineBegin() const { return m_blank; } ///< white space aside
    [[nodiscard]] bool afterSpace() const { return m_last == " " || m_last == "\t"; }

private:
    void endLine();
    [[nodiscard]] bool isFenceLine() const;

    char m_fence = 0; ///< the mark of the block that is open
    std::size_t m_fenceLength = 0;
    char m_head = 0; ///< the character that the line begins with
    std::size_t m_headLength = 0; ///< how often, without another between
    bool m_inHead = true; ///< nothing else yet on the line
    bool m_blank = true;
    bool m_tailBlank = true; ///< nothing but white space after the head
    std::size_t m_tickRuns = 0; ///< runs of backticks on this line
    std::size_t m_quotes = 0; ///< '"' on this line
    std::string m_before; ///< the last character but one
    std::string m_last;
};

} // namespace ponder
