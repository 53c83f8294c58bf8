#include "app/cli.h"

#include <csignal>
#include <cstdio>
#include <optional>
#include <random>

#include <unistd.h>

#include "app/answer_printer.h"
#include "app/line_editor.h"
#include "app/terminal_text.h"

#include "engine/generate/chat_session.h"
#include "engine/generate/session.h"
#include "engine/model/model.h"

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
    else
        printer.abandon();
    if (interrupted)
        std::clearerr(stdout); // Ctrl+C may have ended a write, which says nothing of the next
    return finish;
}

/// One conversation, a question a turn, until Ctrl+D.
Result<void> converse(LineEditor& keyboard, ChatSession& session, ChatRequest request, bool json)
{
    while (const auto question = keyboard.read("> ")) {
        if (isBlank(*question))
            continue;
        request.messages.push_back({"user", *question, {}});
        const auto finish = answer(session, request, json);
        if (!finish) {
            // The question did not work out (too long, say); the conversation goes on without it.
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
    sessionOptions.largerThanMemory = options.largerThanMemory;
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
    if (keyboard)
        return converse(*keyboard, chatSession, std::move(request), options.json);

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
    const auto finish = answer(chatSession, request, options.json);
    if (!finish)
        return tl::unexpected(finish.error());
    return {};
}

} // namespace ponder::cli
