#include "app/cli.h"

#include <csignal>
#include <cstdio>
#include <optional>
#include <random>

#include <unistd.h>

#include "app/answer_printer.h"
#include "app/line_editor.h"
#include "app/terminal_text.h"

#include "engine/local_engine.h"

namespace ponder::cli {

namespace {

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

bool isBlank(const std::string& text)
{
    return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

Result<Finish> answer(InferenceEngine& engine, const ChatRequest& request, bool json)
{
    const InterruptGuard guard;
    std::stop_source stop;
    AnswerPrinter printer(json);
    auto finish = engine.generate(
        request,
        [&](const TokenEvent& event) {
            printer.event(event);
            if (interrupted || std::ferror(stdout))
                stop.request_stop();
        },
        [&](const PromptProgress&) {
            if (interrupted)
                stop.request_stop();
        },
        stop.get_token());
    if (finish)
        printer.finish(*finish);
    else
        printer.abandon();
    if (interrupted)
        std::clearerr(stdout); // Ctrl+C may have ended a write, which says nothing of the next
    return finish;
}

/// One conversation, a question a turn, until Ctrl+D.
Result<void> converse(LineEditor& keyboard, InferenceEngine& engine, ChatRequest request, bool json)
{
    while (const auto question = keyboard.read("> ")) {
        if (isBlank(*question))
            continue;
        request.messages.push_back({"user", *question, {}});
        const auto finish = answer(engine, request, json);
        if (!finish) {
            // The question failed (for example, it is too long); the conversation goes on without it.
            std::fprintf(stderr, "%s\n", safeText(finish.error().message).c_str());
            request.messages.pop_back();
            continue;
        }
        request.messages.push_back({"assistant", finish->content, finish->reasoningContent});
        ++request.sampling.seed;
    }
    return {};
}

} // namespace

Result<void> chat(const ChatOptions& options)
{
    // Before the model is read, which may take long: what is typed or pasted meanwhile is kept whole.
    std::optional<LineEditor> keyboard;
    if (!options.prompt && isatty(STDIN_FILENO))
        keyboard.emplace();
    const auto choice = readTemplateChoice(options.chatTemplate);
    if (!choice)
        return tl::unexpected(choice.error());
    OpenRequest wanted;
    wanted.path = options.model;
    wanted.threads = unsigned(options.threads);
    wanted.device = options.device;
    wanted.cache = options.cache;
    wanted.largerThanMemory = options.largerThanMemory;
    wanted.templateSource = choice->source;
    wanted.templateForm = choice->form;
    wanted.strict = true;
    wanted.warm = false;
    LocalEngine engine;
    const auto model = engine.open(wanted, {}, {});
    if (!model)
        return tl::unexpected(model.error());
    sayRemark(engine.place().remark);
    sayRemark(model->remark);

    ChatRequest request;
    request.sampling = model->recommended;
    request.sampling.temperature = options.temperature.value_or(request.sampling.temperature);
    request.sampling.topP = options.topP.value_or(request.sampling.topP);
    request.sampling.seed = options.seed.value_or(std::random_device{}());
    request.maxTokens = options.maxTokens > 0 ? uint32_t(options.maxTokens) : 0;
    if (!options.system.empty())
        request.messages.push_back({"system", options.system, {}});

    if (keyboard)
        return converse(*keyboard, engine, std::move(request), options.json);

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
    if (isBlank(prompt))
        return fail(
            ErrorCode::InvalidArgument, "There is no question: give one with -p or on stdin.");
    request.messages.push_back({"user", std::move(prompt), {}});
    const auto finish = answer(engine, request, options.json);
    if (!finish)
        return tl::unexpected(finish.error());
    return {};
}

} // namespace ponder::cli
