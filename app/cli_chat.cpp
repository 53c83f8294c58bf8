#include "app/cli.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <random>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "engine/model/model.h"
#include "engine/run/chat_session.h"
#include "engine/run/session.h"

namespace ponder::cli {

namespace {

using Json = nlohmann::ordered_json;

volatile std::sig_atomic_t interrupted
    = 0; // set by Ctrl+C, which ends an answer and not the program

/// While it lives, Ctrl+C sets `interrupted`; system calls that wait are woken by it.
class InterruptGuard {
public:
    InterruptGuard()
    {
        interrupted = 0;
        struct sigaction action{};
        action.sa_handler = [](int) { interrupted = 1; };
        sigaction(SIGINT, &action, &m_before);
    }
    ~InterruptGuard() { sigaction(SIGINT, &m_before, nullptr); }
    InterruptGuard(const InterruptGuard&) = delete;
    InterruptGuard& operator=(const InterruptGuard&) = delete;

private:
    struct sigaction m_before{};
};

std::string dump(const Json& json)
{
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Writes the stream of an answer, for a script or for a person.
class AnswerPrinter {
public:
    explicit AnswerPrinter(bool json)
        : m_json(json)
        , m_dim(!json && isatty(STDOUT_FILENO) && !std::getenv("NO_COLOR"))
    {
    }

    void event(const TokenEvent& event)
    {
        const bool reasoning = event.phase == Phase::Reasoning;
        if (m_json) {
            std::puts(dump(Json{{"type", reasoning ? "reasoning" : "content"}, {"id", event.id},
                               {"text", event.text}, {"logprob", event.logprob}})
                    .c_str());
        } else if (!event.text.empty()) {
            if (reasoning && !m_inThought)
                openThought();
            if (!reasoning && m_inThought)
                closeThought();
            std::fwrite(event.text.data(), 1, event.text.size(), stdout);
        }
        std::fflush(stdout);
    }

    void finish(const Finish& finish)
    {
        if (!m_json) {
            if (m_inThought)
                closeThought();
            std::puts("");
            if (isatty(STDERR_FILENO))
                std::fprintf(stderr, "%s%u tokens, of which %u thought; %.1f tokens/s%s\n",
                    m_dim ? "\033[2m" : "", finish.usage.completionTokens,
                    finish.usage.reasoningTokens, finish.timings.decodeTokensPerSecond,
                    m_dim ? "\033[0m" : "");
            return;
        }
        const ChatTimings& t = finish.timings;
        // A full context is what DeepSeek's API calls "length" too.
        const auto reason
            = finish.reason == FinishReason::Context ? FinishReason::Length : finish.reason;
        std::puts(dump(
            Json{{"type", "done"}, {"reasoning_content", finish.reasoningContent},
                {"content", finish.content}, {"finish_reason", toString(reason)},
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

private:
    void openThought()
    {
        m_inThought = true;
        std::fputs(m_dim ? "\033[2m" : "<think>\n", stdout);
    }
    void closeThought()
    {
        m_inThought = false;
        std::fputs(m_dim ? "\033[0m\n\n" : "\n</think>\n\n", stdout);
    }

    bool m_json;
    bool m_dim;
    bool m_inThought = false;
};

Result<Finish> answer(ChatSession& session, const ChatRequest& request, bool json)
{
    const InterruptGuard guard;
    std::stop_source stop;
    AnswerPrinter printer(json);
    auto finish = session.generate(
        request,
        [&](const TokenEvent& event) {
            printer.event(event);
            if (interrupted || std::ferror(stdout))
                stop.request_stop();
        },
        stop.get_token(),
        [&](std::size_t, std::size_t) {
            if (interrupted)
                stop.request_stop();
        });
    if (finish)
        printer.finish(*finish);
    return finish;
}

/// One conversation, a line a turn, until Ctrl+D.
Result<void> converse(ChatSession& session, ChatRequest request, bool json)
{
    for (std::string line; std::cerr << "> " && std::getline(std::cin, line);) {
        if (line.empty())
            continue;
        request.messages.push_back({"user", line, {}});
        const auto finish = answer(session, request, json);
        if (!finish) {
            // The question did not work out (too long, say); the conversation goes on without it.
            std::cerr << finish.error().message << '\n';
            request.messages.pop_back();
            continue;
        }
        request.messages.push_back({"assistant", finish->content, finish->reasoningContent});
        ++request.sampling.seed;
    }
    std::cerr << '\n';
    return {};
}

} // namespace

Result<void> chat(const ChatOptions& options)
{
    const auto gpus = openGpus(options.device);
    if (!gpus)
        return tl::unexpected(gpus.error());
    auto model = Model::open(options.model);
    if (!model)
        return tl::unexpected(model.error());
    const auto choice = readTemplateChoice(options.chatTemplate);
    if (!choice)
        return tl::unexpected(choice.error());
    auto text = ModelText::load((*model)->file(), *choice);
    if (!text)
        return tl::unexpected(text.error());
    SessionOptions sessionOptions;
    sessionOptions.threads = unsigned(options.threads);
    sessionOptions.device = options.device;
    sessionOptions.cache = options.cache;
    sessionOptions.cuda = gpus->cuda;
    auto session = Session::create(*model, sessionOptions);
    if (!session)
        return tl::unexpected(session.error());

    sayRemark((*session)->plan().remark);
    sayRemark(text->remark());

    ChatRequest request;
    request.sampling = recommendedSampling((*model)->file());
    request.sampling.temperature = options.temperature.value_or(request.sampling.temperature);
    request.sampling.topP = options.topP.value_or(request.sampling.topP);
    request.sampling.seed = options.seed.value_or(std::random_device{}());
    request.maxTokens = options.maxTokens > 0 ? uint32_t(options.maxTokens) : 0;
    if (!options.system.empty())
        request.messages.push_back({"system", options.system, {}});

    ChatSession chatSession(std::move(*session), std::move(*text));
    if (!options.prompt && isatty(STDIN_FILENO))
        return converse(chatSession, std::move(request), options.json);

    std::string prompt;
    if (options.prompt) {
        prompt = *options.prompt;
    } else {
        auto input = readAll("-");
        if (!input)
            return tl::unexpected(input.error());
        prompt = std::move(*input);
        while (!prompt.empty() && (prompt.back() == '\n' || prompt.back() == '\r'))
            prompt.pop_back();
    }
    if (prompt.empty())
        return fail(
            ErrorCode::InvalidArgument, "There is no question: give one with -p or on stdin.");
    request.messages.push_back({"user", std::move(prompt), {}});
    const auto finish = answer(chatSession, request, options.json);
    if (!finish)
        return tl::unexpected(finish.error());
    return {};
}

} // namespace ponder::cli
