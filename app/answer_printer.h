#pragma once

#include <string>

#include "engine/generate/chat_session.h"

namespace ponder::cli {

/// Writes the stream of an answer to stdout, for a script or for a person.
///
/// For a person the thought comes dimmed and nothing reaches the terminal but text (safeText). Into a pipe it comes
/// between "<think>" and "</think>", as it is; where the model did not close its thought, nothing closes it. What was printed
/// cannot be taken back: where it turns out to be the thought, a terminal says so and a pipe gets the closing tag.
class AnswerPrinter {
public:
    explicit AnswerPrinter(bool json);

    void event(const TokenEvent& event);
    void finish(const Finish& finish);
    /// Ends what was printed of an answer that failed, so that the reason stands on a line of its own.
    void abandon();

private:
    void printText(const TokenEvent& event);
    void printRetold(const RetoldAnswer& retold);
    void printDone(const Finish& finish) const;
    void print(const std::string& text) const;
    void openThought();
    void closeThought();

    bool m_json;
    bool m_terminal;
    bool m_dim;
    bool m_inThought = false;
    bool m_started = false; ///< something was printed
    bool m_afterThought = false; ///< and its last was a thought's end
    std::string m_thought; ///< as it was printed since it was opened
};

} // namespace ponder::cli
