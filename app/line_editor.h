#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ponder::cli {

/// Reads questions from the terminal on stdin. The kernel's own line editing keeps 4,095 bytes of a line and drops the
/// rest; this keeps all, and takes what is pasted, line ends included, as one question (bracketed paste).
///
/// Enter ends a question, Alt+Enter or a backslash before Enter begins a new line; Backspace, Ctrl+W (a word) and Ctrl+U (all)
/// erase; Ctrl+D on an empty line ends the input, and so does Ctrl+C, which elsewhere drops the line.
///
/// While it lives the terminal neither echoes nor gathers lines, so that what is typed during an answer waits for the next
/// question; Ctrl+C then still interrupts. Puts the terminal back at its end, and when a signal ends the process.
/// One at a time; for one thread.
class LineEditor {
public:
    LineEditor();
    ~LineEditor();
    LineEditor(const LineEditor&) = delete;
    LineEditor& operator=(const LineEditor&) = delete;

    /// The next question, as UTF-8, as the terminal sends it, without the line end; none: the input is over.
    [[nodiscard]] std::optional<std::string> read(std::string_view prompt);

private:
    [[nodiscard]] int nextByte(int timeoutMs = -1);
    [[nodiscard]] bool isMoreWaiting() const; ///< to be read, at once or within a moment
    void takeByte(unsigned char byte);
    void takeEscape();
    void append(std::string_view bytes);
    void erase(std::size_t length);
    void suspend();
    void draw();
    void show(std::string_view text) const;
    [[nodiscard]] std::size_t rows() const;

    int m_output; ///< the terminal that shows what is typed
    std::string m_input; ///< read from the terminal and not looked at
    std::size_t m_next = 0;
    std::string m_prompt;
    std::string m_text;
    bool m_pasting = false;
    bool m_returned = false; ///< the last byte pasted was a carriage return
    bool m_done = false; ///< with this question
    bool m_over = false; ///< with all
};

} // namespace ponder::cli
