#include "engine/generate/chat_session.h"

#include <algorithm>
#include <utility>

#include "engine/generate/answer_rates.h"
#include "engine/generate/answer_stream.h"
#include "engine/text/conversation_shape.h"

namespace ponder {

namespace {

using Clock = std::chrono::steady_clock;

double secondsBetween(Clock::time_point from, Clock::time_point to)
{
    return std::chrono::duration<double>(to - from).count();
}

std::string trimmed(const std::string& text)
{
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string::npos)
        return {};
    return utf8Repaired(
        std::string_view(text).substr(first, text.find_last_not_of(" \t\r\n") + 1 - first));
}

} // namespace

std::string ModelText::remark() const
{
    const std::string& words = tokenizer->remark();
    const std::string& form = chatTemplate->remark();
    return words + (words.empty() || form.empty() ? "" : " ") + form;
}

Result<ModelText> ModelText::load(const ModelFile& file, const TemplateChoice& choice)
{
    auto tokenizer = Tokenizer::fromModelFile(file);
    if (!tokenizer)
        return tl::unexpected(tokenizer.error());
    auto chatTemplate = ChatTemplate::fromModelFile(file, *tokenizer, choice);
    if (!chatTemplate)
        return tl::unexpected(chatTemplate.error());
    const ThoughtFormat& format = thoughtFormatOf(*tokenizer, chatTemplate->source());
    return ModelText{std::make_shared<const Tokenizer>(std::move(*tokenizer)),
        std::make_shared<const ChatTemplate>(std::move(*chatTemplate)), &format};
}

const char* toString(FinishReason reason)
{
    switch (reason) {
    case FinishReason::Stop:
        return "stop";
    case FinishReason::Length:
        return "length";
    case FinishReason::Context:
        return "context_full";
    case FinishReason::Cancelled:
        return "cancelled";
    }
    return "stop";
}

struct ChatSession::Prompt {
    std::vector<std::int32_t> tokens;
    ThoughtStart start = ThoughtStart::Undecided; ///< before what the answer goes on from
    bool thoughtClosed = false; ///< the prompt closes the thought that it opens
};

ChatSession::ChatSession(std::unique_ptr<Session> session, ModelText text)
    : m_session(std::move(session))
    , m_text(std::move(text))
{
}

ChatSession::ChatSession(ChatSession&&) noexcept = default;
ChatSession& ChatSession::operator=(ChatSession&&) noexcept = default;
ChatSession::~ChatSession() = default;

std::uint32_t ChatSession::contextLength() const
{
    return m_session->contextLength();
}
std::uint32_t ChatSession::contextUsed() const
{
    return static_cast<std::uint32_t>(m_session->tokens().size());
}

Result<ChatSession::Prompt> ChatSession::makePrompt(const ChatRequest& request) const
{
    if (request.messages.empty())
        return fail(ErrorCode::InvalidArgument, "There is no message to answer.");
    const Tokenizer& tokenizer = *m_text.tokenizer;
    RenderOptions options;
    options.bosToken = tokenizer.bytes(tokenizer.bos());
    options.eosToken = tokenizer.bytes(tokenizer.eos());
    options.protect = tokenizer.specialEdges();
    options.variables = request.variables;
    options.variables.try_emplace("enable_thinking", request.thinking);
    options.variables.try_emplace("thinking", request.thinking);
    if (!request.thinking)
        options.variables.try_emplace("reasoning_effort", "low");
    auto rendered = renderConversation(*m_text.chatTemplate, request.messages, options);
    if (!rendered)
        return tl::unexpected(rendered.error());

    std::string& text = rendered->text;
    const auto appendLiteral = [&](const std::string& words) {
        for (std::size_t i = 0; i < words.size(); ++i)
            rendered->literals.push_back(text.size() + i);
        text += words;
    };
    // Pieces of a started answer are text, whatever they look like; the tags between them are tags.
    const std::string reasoning = trimmed(request.continueReasoning);
    const std::string content = trimmed(request.continueContent);
    const ThoughtFormat& format = *m_text.format;
    Prompt prompt;
    prompt.start = rendered->start;
    if (!reasoning.empty() && prompt.start == ThoughtStart::Undecided) {
        text += format.openThought;
        prompt.start = ThoughtStart::InThought;
    }
    appendLiteral(reasoning);
    const bool answers = !content.empty() || (!reasoning.empty() && request.answerNow)
        || (reasoning.empty() && !request.thinking);
    if (answers && prompt.start == ThoughtStart::InThought) {
        if (reasoning.empty() && format.closeThought.starts_with('\n')) {
            text.resize(text.find_last_not_of(" \t\r\n") + 1);
            text += '\n';
        }
        text += format.closeThought;
        prompt.thoughtClosed = true;
    } else if (answers && prompt.start == ThoughtStart::Undecided && !format.skipThought.empty()) {
        text += format.skipThought;
        prompt.start = ThoughtStart::InAnswer;
    }
    appendLiteral(content);

    prompt.tokens = tokenizer.encode(text, ParseSpecial::Yes, rendered->literals);
    if (tokenizer.addBos() && (prompt.tokens.empty() || prompt.tokens.front() != tokenizer.bos()))
        prompt.tokens.insert(prompt.tokens.begin(), tokenizer.bos());
    if (prompt.tokens.empty())
        return fail(ErrorCode::TemplateFailed,
            "The model's chat template made an empty prompt of this conversation.");
    return prompt;
}

Result<std::vector<std::int32_t>> ChatSession::promptTokens(const ChatRequest& request) const
{
    return makePrompt(request).map([](Prompt&& prompt) { return std::move(prompt.tokens); });
}

/// Brings the session to `prompt`; returns how many of its tokens were there already. The last token is always
/// evaluated: the answer is drawn from its logits.
Result<std::size_t> ChatSession::evaluate(
    const std::vector<std::int32_t>& prompt, const std::stop_token& stop, const Progress& progress)
{
    const std::span<const std::int32_t> held = m_session->tokens();
    const std::size_t same = static_cast<std::size_t>(
        std::mismatch(prompt.begin(), prompt.end(), held.begin(), held.end()).first
        - prompt.begin());
    const std::size_t cached = std::min(same, prompt.size() - 1);
    m_session->truncate(cached);
    const auto done = m_session->prefill(std::span(prompt).subspan(cached), stop, progress);
    if (!done)
        return tl::unexpected(done.error());
    return cached;
}

Result<Finish> ChatSession::generate(const ChatRequest& request, const EventSink& sink,
    const std::stop_token& stop, const Progress& progress)
{
    const Clock::time_point start = Clock::now();
    auto prompt = makePrompt(request);
    if (!prompt)
        return tl::unexpected(prompt.error());
    const std::uint32_t contextLength = m_session->contextLength();
    if (prompt->tokens.size() >= contextLength)
        return fail(ErrorCode::ContextFull,
            "This conversation is " + std::to_string(prompt->tokens.size())
                + " tokens long, and the context holds " + std::to_string(contextLength)
                + ". Shorten it, start a new one, or raise the context length.");

    Finish finish;
    finish.usage.promptTokens = static_cast<std::uint32_t>(prompt->tokens.size());
    const auto cached = evaluate(prompt->tokens, stop, progress);
    finish.timings.prefillSeconds = secondsBetween(start, Clock::now());
    if (!cached) {
        if (cached.error().code != ErrorCode::Cancelled)
            return tl::unexpected(cached.error());
        finish.reason = FinishReason::Cancelled;
        finish.answerEmpty = trimmed(request.continueContent).empty();
        return finish;
    }
    finish.usage.cachedTokens = static_cast<std::uint32_t>(*cached);
    if (finish.timings.prefillSeconds > 0)
        finish.timings.prefillTokensPerSecond
            = static_cast<double>(prompt->tokens.size() - *cached) / finish.timings.prefillSeconds;

    Sampler sampler(request.sampling);
    AnswerRates rates;
    const EventSink counted = [&](const TokenEvent& event) {
        rates.take(event);
        if (sink)
            sink(event);
    };
    AnswerStream stream(*m_text.tokenizer, *m_text.format, prompt->start, start, counted);
    stream.continueFrom(trimmed(request.continueReasoning), prompt->thoughtClosed,
        trimmed(request.continueContent));
    while (true) {
        if (stop.stop_requested()) {
            finish.reason = FinishReason::Cancelled;
            break;
        }
        const auto sampled = m_session->sample(sampler);
        if (!sampled) {
            stream.finish(); // what was held back is given out, too
            return tl::unexpected(sampled.error());
        }
        if (m_text.tokenizer->isEndOfGeneration(sampled->id)) {
            finish.reason = FinishReason::Stop;
            break;
        }
        if (m_session->tokens().size() >= contextLength) { // the token would have no place there
            finish.reason = FinishReason::Context;
            break;
        }
        stream.push(*sampled, static_cast<std::uint32_t>(m_session->tokens().size()));
        if (request.maxTokens > 0 && stream.tokenCount() >= request.maxTokens) {
            finish.reason = FinishReason::Length;
            break;
        }
        const auto next = m_session->prefill(std::span(&sampled->id, 1), stop, {});
        if (!next) {
            if (next.error().code != ErrorCode::Cancelled
                && next.error().code != ErrorCode::ContextFull) {
                stream.finish();
                return tl::unexpected(next.error());
            }
            finish.reason = next.error().code == ErrorCode::Cancelled ? FinishReason::Cancelled
                                                                      : FinishReason::Context;
            break;
        }
    }
    stream.finish(finish.reason == FinishReason::Stop ? ThoughtReader::Ending::ByModel
                                                      : ThoughtReader::Ending::Cut);

    finish.usage.completionTokens = rates.tokens();
    finish.usage.reasoningTokens = rates.thoughtTokens();
    finish.timings.firstTokenSeconds = rates.firstTokenSeconds();
    finish.timings.decodeSeconds = rates.seconds();
    finish.timings.thoughtSeconds = rates.thoughtSeconds();
    finish.timings.decodeTokensPerSecond = rates.tokensPerSecond();
    finish.answerEmpty = !stream.hasAnswer();
    finish.endedInThought = stream.isThinking();
    finish.reasoningContent = stream.takeReasoning();
    finish.content = stream.takeContent();
    finish.steps = stream.stepCount();
    return finish;
}

} // namespace ponder
