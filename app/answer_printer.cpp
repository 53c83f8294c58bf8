#include "app/answer_printer.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "app/terminal_text.h"

namespace ponder::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kDim = "\033[2m";
constexpr const char* kPlain = "\033[0m";

std::string dump(const Json& json)
{
    // A terminal gets no control character but as an escape sequence of JSON's.
    return json.dump(-1, ' ', isatty(STDOUT_FILENO) != 0, Json::error_handler_t::replace);
}

/// Why there is no answer, where the model itself ended without one.
const char* emptiness(const Finish& finish)
{
    if (!finish.answerEmpty || finish.reason != FinishReason::Stop)
        return nullptr;
    if (finish.endedInThought)
        return "The model ended inside its thought, without an answer. Ask again, or ask it to "
               "answer now.";
    return "The model gave no answer. Ask again, or in other words.";
}

} // namespace

AnswerPrinter::AnswerPrinter(bool json)
    : m_json(json)
    , m_terminal(!json && isatty(STDOUT_FILENO))
    , m_dim(m_terminal && !std::getenv("NO_COLOR"))
{
}

void AnswerPrinter::event(const TokenEvent& event)
{
    if (m_json) {
        Json line{{"type", event.phase == Phase::Reasoning ? "reasoning" : "content"},
            {"id", event.id}, {"text", event.text}, {"logprob", event.logprob}};
        if (event.retold)
            line["retold"] = {
                {"reasoning_content", event.retold->reasoning}, {"content", event.retold->content}};
        std::puts(dump(line).c_str());
    } else {
        if (event.retold)
            printRetold(*event.retold);
        if (!event.text.empty())
            printText(event);
    }
    std::fflush(stdout);
}

void AnswerPrinter::print(const std::string& text) const
{
    const std::string shown = m_terminal ? safeText(text) : text;
    std::fwrite(shown.data(), 1, shown.size(), stdout);
}

void AnswerPrinter::printText(const TokenEvent& event)
{
    const bool reasoning = event.phase == Phase::Reasoning;
    std::string text = event.text;
    if (reasoning != m_inThought) {
        if (reasoning)
            openThought();
        else
            closeThought();
        text.erase(0, std::min(text.find_first_not_of('\n'), text.size()));
    } else if (m_afterThought) {
        text.erase(0, std::min(text.find_first_not_of('\n'), text.size()));
    }
    m_afterThought = m_afterThought && text.empty();
    m_started = true;
    if (reasoning)
        m_thought += text;
    print(text);
}

void AnswerPrinter::printRetold(const RetoldAnswer& retold)
{
    if (!m_inThought) { // what was printed as the answer was the thought
        if (m_dim)
            std::printf("\n\n%s(What stands above was the thought.)%s\n\n", kDim, kPlain);
        else
            std::fputs("\n</think>\n\n", stdout);
        m_afterThought = true;
        return;
    }
    if (!m_terminal && m_thought.ends_with(retold.content)) {
        m_inThought = false; // it closed its thought itself, in letters that were printed
        return;
    }
    closeThought();
    print(retold.content);
    m_afterThought = false;
}

void AnswerPrinter::finish(const Finish& finish)
{
    if (m_json) {
        printDone(finish);
        return;
    }
    if (m_inThought && m_dim)
        std::fputs(kPlain, stdout);
    else if (m_inThought && !finish.endedInThought)
        std::fputs("\n</think>", stdout);
    m_inThought = false;
    std::puts("");
    std::fflush(stdout);
    if (const char* reason = emptiness(finish))
        std::fprintf(stderr, "%s\n", reason);
    if (isatty(STDERR_FILENO))
        std::fprintf(stderr, "%s%u tokens, of which %u thought; %.1f tokens/s%s\n",
            m_dim ? kDim : "", finish.usage.completionTokens, finish.usage.reasoningTokens,
            finish.timings.decodeTokensPerSecond, m_dim ? kPlain : "");
}

void AnswerPrinter::abandon()
{
    if (m_json || !m_started)
        return;
    if (m_inThought && m_dim)
        std::fputs(kPlain, stdout);
    m_inThought = false;
    std::puts("");
    std::fflush(stdout);
}

void AnswerPrinter::printDone(const Finish& finish) const
{
    const ChatTimings& t = finish.timings;
    // A full context is what DeepSeek's API calls "length" too.
    const auto reason
        = finish.reason == FinishReason::Context ? FinishReason::Length : finish.reason;
    std::puts(
        dump(Json{{"type", "done"}, {"reasoning_content", finish.reasoningContent},
                 {"content", finish.content}, {"finish_reason", toString(reason)},
                 {"ended_in_thought", finish.endedInThought},
                 {"usage",
                     {{"prompt_tokens", finish.usage.promptTokens},
                         {"completion_tokens", finish.usage.completionTokens},
                         {"reasoning_tokens", finish.usage.reasoningTokens},
                         {"prompt_cache_hit_tokens", finish.usage.cachedTokens}}},
                 {"timings",
                     {{"prefill_s", t.prefillSeconds}, {"decode_s", t.decodeSeconds},
                         {"first_token_s", t.firstTokenSeconds}, {"thought_s", t.thoughtSeconds},
                         {"prefill_tok_s", t.prefillTokensPerSecond},
                         {"decode_tok_s", t.decodeTokensPerSecond}}}})
            .c_str());
}

void AnswerPrinter::openThought()
{
    if (m_started)
        std::fputs("\n\n", stdout);
    m_inThought = true;
    m_thought.clear();
    std::fputs(m_dim ? kDim : "<think>\n", stdout);
}

void AnswerPrinter::closeThought()
{
    m_inThought = false;
    m_afterThought = true;
    if (m_dim)
        std::fputs(kPlain, stdout);
    std::fputs(m_dim ? "\n\n" : "\n</think>\n\n", stdout);
}

} // namespace ponder::cli
