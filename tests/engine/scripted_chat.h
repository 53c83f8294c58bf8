#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/generate/answer_rates.h"
#include "engine/generate/chat_session.h"
#include "engine/reasoning/step_splitter.h"
#include "tests/engine/gguf_bytes.h"

namespace ponder::test {

/// A model that writes a script, for any question.
class Script final : public TokenEvaluator {
public:
    Script(std::int32_t vocabulary, std::int32_t ending, std::uint32_t context)
        : m_logits(static_cast<std::size_t>(vocabulary))
        , m_ending(ending)
        , m_context(context)
    {
    }

    std::vector<std::int32_t> says;
    std::vector<std::size_t> evaluated; ///< tokens of each prefill, the prompt's first
    std::stop_source* stopAfterPrompt = nullptr;
    Result<void> broken;
    bool nan = false;

    Result<void> prefill(std::span<const std::int32_t> tokens, const std::stop_token& stop,
        const Progress& progress) override
    {
        if (!broken)
            return broken;
        if (stop.stop_requested())
            return fail(ErrorCode::Cancelled, "Stopped.");
        if (m_tokens.size() + tokens.size() > m_context)
            return fail(ErrorCode::ContextFull, "Full.");
        m_tokens.insert(m_tokens.end(), tokens.begin(), tokens.end());
        evaluated.push_back(tokens.size());
        if (progress)
            progress(tokens.size(), tokens.size());
        const std::size_t next = evaluated.size() - 1;
        std::fill(m_logits.begin(), m_logits.end(), 0.0f);
        m_logits[static_cast<std::size_t>(next < says.size() ? says[next] : m_ending)]
            = nan ? std::nanf("") : 30.0f;
        if (stopAfterPrompt && evaluated.size() == 3)
            stopAfterPrompt->request_stop();
        return {};
    }
    Result<SampledToken> sample(Sampler& sampler) override
    {
        return sampler.sample(m_logits, m_tokens);
    }
    std::span<const std::int32_t> tokens() const override { return m_tokens; }
    void truncate(std::size_t count) override { m_tokens.resize(std::min(count, m_tokens.size())); }
    std::uint32_t contextLength() const override { return m_context; }

private:
    std::vector<std::int32_t> m_tokens;
    std::vector<float> m_logits;
    std::int32_t m_ending; ///< what it says at the end
    std::uint32_t m_context;
};

/// A chat with a scripted model, and what came of it.
struct ScriptedChat {
    ScriptedChat(GgufBytes built, const std::string& chatTemplate, std::int32_t ending,
        std::uint32_t context)
    {
        if (!chatTemplate.empty())
            built.putText("tokenizer.chat_template", chatTemplate);
        const std::string bytes = built.build();
        const auto file = ModelFile::fromBytes(bytesOf(bytes));
        REQUIRE(file);
        auto text = ModelText::load(*file);
        REQUIRE_MESSAGE(text, text.error().message);
        tokenizer = text->tokenizer;
        auto evaluator = std::make_unique<Script>(tokenizer->vocabSize(), ending, context);
        script = evaluator.get();
        session = std::make_unique<ChatSession>(std::move(evaluator), *text);
        request.messages = {{"user", "What is 2 + 2?", ""}};
        request.sampling.temperature = 0;
    }

    void says(const std::string& text)
    {
        script->says = tokenizer->encode(text, ParseSpecial::Yes);
    }

    Result<Finish> generate(const std::stop_token& stop = {})
    {
        events.clear();
        script->evaluated.clear();
        return session->generate(
            request, [this](const TokenEvent& event) { events.push_back(event); }, stop);
    }

    Finish finished(const std::stop_token& stop = {})
    {
        auto finish = generate(stop);
        REQUIRE_MESSAGE(finish, finish.error().message);
        std::string reasoning;
        std::string content;
        std::uint32_t tokens = 0;
        AnswerRates rates; // measured from the events, to compare with Finish
        std::size_t steps = stepBegins(request.continueReasoning).size(); // counted from them, too
        for (const TokenEvent& event : events) {
            rates.take(event);
            if (event.retold) {
                reasoning = event.retold->reasoning;
                content = event.retold->content;
                steps = stepBegins(reasoning).size();
            }
            if (event.phase == Phase::Reasoning && !event.text.empty()) {
                CHECK(static_cast<std::size_t>(event.step) <= steps);
                steps = std::max(steps, static_cast<std::size_t>(event.step) + 1);
            }
            (event.phase == Phase::Reasoning ? reasoning : content) += event.text;
            if (event.id < 0) { // the end; held back text may be separate from the retold text
                CHECK(events.back().id < 0);
                continue;
            }
            if (event.part == 0) {
                CHECK(event.index == tokens++);
                CHECK(event.bytes == tokenizer->bytes(event.id));
            }
            CHECK(event.position == finish->usage.promptTokens + event.index);
            CHECK(event.bestCount == kernels::kAlternatives);
            CHECK(event.best[0].id == event.id);
            CHECK(event.best[0].bytes == tokenizer->bytes(event.id));
            CHECK(event.logprob == doctest::Approx(0).epsilon(1e-6));
            CHECK(event.time.count() > 0);
        }
        CHECK(reasoning == finish->reasoningContent);
        CHECK(content == finish->content);
        CHECK(tokens == finish->usage.completionTokens);
        CHECK(rates.tokens() == finish->usage.completionTokens);
        CHECK(rates.thoughtTokens() == finish->usage.reasoningTokens);
        CHECK(rates.firstTokenSeconds() == finish->timings.firstTokenSeconds);
        CHECK(rates.seconds() == finish->timings.decodeSeconds);
        CHECK(rates.thoughtSeconds() == finish->timings.thoughtSeconds);
        CHECK(rates.tokensPerSecond() == finish->timings.decodeTokensPerSecond);
        CHECK(steps == static_cast<std::size_t>(finish->steps));
        return *finish;
    }

    std::string prompt() const
    {
        const auto tokens = session->promptTokens(request);
        REQUIRE_MESSAGE(tokens, tokens.error().message);
        return tokenizer->decode(*tokens);
    }

    std::shared_ptr<const Tokenizer> tokenizer;
    Script* script = nullptr;
    std::unique_ptr<ChatSession> session;
    ChatRequest request;
    std::vector<TokenEvent> events;
};

} // namespace ponder::test
