#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/generate/sampler.h"
#include "engine/generate/session.h"
#include "engine/generate/token_event.h"
#include "engine/text/chat_template.h"
#include "engine/text/tokenizer.h"

namespace ponder {

/// What a model's file says of text: shared by all its conversations.
struct ModelText {
    std::shared_ptr<const Tokenizer> tokenizer;
    std::shared_ptr<const ChatTemplate> chatTemplate;
    const ThoughtFormat* format = &thinkTags(); ///< one of thoughtFormats()

    /// Takes some 100 ms for a vocabulary of 130 000. Fails as Tokenizer::fromModelFile and ChatTemplate::fromModelFile.
    [[nodiscard]] static Result<ModelText> load(
        const ModelFile& file, const TemplateChoice& choice = {});

    /// Sentences where something that the file does not say had to be guessed; else empty.
    [[nodiscard]] std::string remark() const;
};

struct ChatRequest {
    std::vector<ChatMessage>
        messages; ///< the system prompt, where there is one, first; the question last; answers may be empty
    SamplingOptions sampling;
    std::uint32_t maxTokens
        = 0; ///< thought and answer together; 0: until the model ends or the context is full
    /// Sets the template's enable_thinking and thinking, and where false its reasoning_effort to "low". Where false and
    /// the template opens a thought all the same, or leaves it to the model to choose a channel, the prompt goes on to
    /// the answer at once.
    bool thinking = true;
    std::map<std::string, TemplateValue> variables; ///< more variables for the template

    /// Goes on from a started answer, as after editing a thought: the thought so far, left open, or, where
    /// continueContent is given, closed and followed by the answer so far. Whitespace around both is left out.
    /// Texts in events and result are only what is new: append them. Steps go on counting.
    std::string continueReasoning;
    std::string continueContent;
    /// continueReasoning is over: it is closed, and the answer begins.
    bool answerNow = false;
};

enum class FinishReason {
    Stop, ///< the model ended its answer
    Length, ///< maxTokens
    Context, ///< the context is full
    Cancelled,
};

/// As DeepSeek's API writes it: "stop", "length", "context_full", "cancelled".
[[nodiscard]] const char* toString(FinishReason reason);

struct ChatUsage {
    std::uint32_t promptTokens = 0;
    std::uint32_t cachedTokens = 0; ///< of the prompt, already evaluated by an earlier turn
    std::uint32_t completionTokens
        = 0; ///< generated, thought and answer; the ending token is not counted
    std::uint32_t reasoningTokens = 0; ///< of these, in the thought, its tags included
};

/// All but the prompt's are AnswerRates' numbers.
struct ChatTimings {
    double prefillSeconds = 0;
    double decodeSeconds = 0; ///< from the first generated token to the last
    double firstTokenSeconds = 0; ///< from the call to the first generated token; 0 without one
    double thoughtSeconds = 0; ///< from the first token to the thought's last; 0 without a thought
    double prefillTokensPerSecond = 0; ///< of the tokens evaluated, without the cached ones
    double decodeTokensPerSecond = 0;
};

struct Finish {
    FinishReason reason = FinishReason::Stop;
    ChatUsage usage;
    ChatTimings timings;
    /// What is new; but where an event told the answer anew (TokenEvent::retold), all of it.
    std::string reasoningContent;
    std::string content;
    /// No text of an answer came, and none was gone on from: there is a thought at most. Say so, whatever the reason.
    bool answerEmpty = false;
    /// The thought is still open. With Stop and answerEmpty the model itself ended inside its thought; going on from
    /// reasoningContent (ChatRequest::continueReasoning) lets it think on, and with continueContent it answers.
    bool endedInThought = false;
    int steps = 0; ///< steps of the thought, those gone on from included
};

/// One conversation with a model: messages in, a stream of TokenEvents out. Keeps the tokens of the last turn
/// evaluated and reuses whatever the next prompt begins with, so a conversation that goes on, or one whose
/// last message was edited, evaluates only what is new.
///
/// For one thread at a time. generate() calls its sinks on the calling thread.
class ChatSession {
public:
    using EventSink = std::function<void(const TokenEvent&)>;
    using Progress = Session::Progress; ///< tokens of the prompt evaluated, tokens to evaluate

    ChatSession(std::unique_ptr<Session> session, ModelText text);
    ChatSession(ChatSession&&) noexcept;
    ChatSession& operator=(ChatSession&&) noexcept;
    ~ChatSession();

    /// Renders, evaluates what is new of the prompt, and generates until the model ends, maxTokens, a full
    /// context (FinishReason::Context) or a stop, which takes effect within one token. What was written until
    /// then is in Finish; a stop while the prompt is evaluated gives an empty Finish with Cancelled.
    ///
    /// Fails with InvalidArgument (no messages), TemplateFailed, ContextFull (the prompt leaves no room for an
    /// answer: the sentence gives both lengths), Internal (the model's numbers are broken), and the errors of
    /// Session::prefill. After any end the session can be used again.
    [[nodiscard]] Result<Finish> generate(const ChatRequest& request, const EventSink& sink,
        const std::stop_token& stop = {}, const Progress& progress = {});

    /// The tokens that a request's prompt has, to show how much of the context it would take.
    [[nodiscard]] Result<std::vector<std::int32_t>> promptTokens(const ChatRequest& request) const;

    [[nodiscard]] std::uint32_t contextLength() const;
    [[nodiscard]] std::uint32_t contextUsed() const; ///< tokens held now
    [[nodiscard]] const ModelText& text() const { return m_text; }

private:
    struct Prompt;
    [[nodiscard]] Result<Prompt> makePrompt(const ChatRequest& request) const;
    [[nodiscard]] Result<std::size_t> evaluate(const std::vector<std::int32_t>& prompt,
        const std::stop_token& stop, const Progress& progress);

    std::unique_ptr<Session> m_session;
    ModelText m_text;
};

} // namespace ponder
