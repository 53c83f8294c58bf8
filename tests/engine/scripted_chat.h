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

/// A backend whose logits name the tokens of a script one after the other, whatever it evaluates.
class Script final : public Backend {
public:
    Script(std::int32_t vocabulary, std::int32_t ending)
        : m_vocabulary(static_cast<std::size_t>(vocabulary))
        , m_ending(ending)
    {
    }

    std::vector<std::int32_t> says;
    std::vector<std::size_t> evaluated; ///< tokens of each batch, the prompt's first
    std::stop_source* stopAfterPrompt = nullptr;
    Result<void> broken;
    bool nan = false;

    Result<Evaluated> evaluate(const Batch& batch) override
    {
        if (!broken)
            return tl::unexpected(broken.error());
        if (batch.stop())
            return Evaluated{.cancelled = true};
        m_tokens.resize(batch.position);
        m_tokens.insert(m_tokens.end(), batch.tokens.begin(), batch.tokens.end());
        evaluated.push_back(batch.tokens.size());
        const std::size_t next = evaluated.size() - 1;
        Evaluated made;
        made.logits.assign(batch.logits.count * m_vocabulary, 0.0f);
        if (batch.logits.count > 0)
            made.logits[static_cast<std::size_t>(next < says.size() ? says[next] : m_ending)]
                = nan ? std::nanf("") : 30.0f;
        if (stopAfterPrompt && evaluated.size() == 3)
            stopAfterPrompt->request_stop();
        return made;
    }
    void truncate(std::size_t position) override
    {
        m_tokens.resize(std::min(position, m_tokens.size()));
    }
    Result<CacheBytes> saveCache(TokenRange) override { return CacheBytes{}; }
    Result<void> loadCache(TokenRange, std::span<const std::byte>) override { return {}; }

    [[nodiscard]] std::span<const std::int32_t> tokens() const { return m_tokens; }

private:
    std::vector<std::int32_t> m_tokens; ///< in the cache
    std::size_t m_vocabulary;
    std::int32_t m_ending; ///< the token after the script
};

/// A chat with a scripted model, and what came of it.
struct ScriptedChat {
    ScriptedChat(GgufBytes built, const std::string& chatTemplate, std::int32_t ending,
        std::uint32_t context)
    {
        if (!chatTemplate.empty())
            built.putText("tokenizer.chat_template", chatTemplate);
        bytes = built.build();
        auto file = ModelFile::fromBytes(bytesOf(bytes));
        REQUIRE(file);
        auto text = ModelText::load(*file);
        REQUIRE_MESSAGE(text, text.error().message);
        tokenizer = text->tokenizer;
        Network network; // without layers: the script needs none
        network.vocabularySize = static_cast<std::uint32_t>(tokenizer->vocabSize());
        auto backend = std::make_unique<Script>(tokenizer->vocabSize(), ending);
        script = backend.get();
        PlannedBackend planned;
        planned.plan.contextLength = planned.plan.batch = context;
        planned.backend = std::move(backend);
        session = std::make_unique<ChatSession>(
            Session::withBackend(
                std::make_shared<const Model>(std::move(*file), std::move(network), ModelInfo{}),
                std::move(planned)),
            *text);
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

    std::string bytes; ///< the model's file
    std::shared_ptr<const Tokenizer> tokenizer;
    Script* script = nullptr;
    std::unique_ptr<ChatSession> session;
    ChatRequest request;
    std::vector<TokenEvent> events;
};

} // namespace ponder::test
