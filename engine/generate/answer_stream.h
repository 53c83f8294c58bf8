#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/generate/sampler.h"
#include "engine/generate/token_event.h"
#include "engine/text/thought_reader.h"
#include "engine/text/tokenizer.h"

namespace ponder {

/// Drawn tokens in, TokenEvents out: reads the thought and its steps, holds back what is not settled, and counts. For
/// one answer; not thread-safe. The tokenizer and the sink must outlive it.
class AnswerStream {
public:
    using Sink = std::function<void(const TokenEvent&)>;

    /// promptEnd: where the prompt leaves the model. start: what TokenEvent::time counts from. The sink may be empty.
    AnswerStream(const Tokenizer& tokenizer, const ThoughtFormat& format, ThoughtStart promptEnd,
        std::chrono::steady_clock::time_point start, const Sink& sink);

    /// What the answer goes on from; before the first push. Neither text begins or ends with whitespace, and neither
    /// comes out again.
    void continueFrom(const std::string& reasoning, bool closed, const std::string& content);

    /// position: of the token in the context.
    void push(const SampledToken& token, std::uint32_t position);

    /// The end: releases what was held back, and may tell the answer anew.
    void finish(ThoughtReader::Ending ending = ThoughtReader::Ending::Cut);

    [[nodiscard]] std::uint32_t tokenCount() const { return m_tokens; }
    [[nodiscard]] std::uint32_t reasoningTokenCount() const
    {
        return static_cast<std::uint32_t>(m_thoughtEnds.size());
    } ///< tags included
    /// The thought is open.
    [[nodiscard]] bool isThinking() const { return m_reader.phase() == Phase::Reasoning; }
    /// There is text of an answer, what it went on from included.
    [[nodiscard]] bool hasAnswer() const { return m_hasAnswer; }
    [[nodiscard]] int stepCount() const { return m_reader.stepCount(); }
    /// Of what is new; where it was told anew, of all.
    [[nodiscard]] std::string takeReasoning() { return std::move(m_reasoning); }
    [[nodiscard]] std::string takeContent() { return std::move(m_content); }

private:
    using Markers = std::vector<std::pair<std::int32_t, const ThoughtFormat::Marker*>>;
    [[nodiscard]] static Markers markersOf(const Tokenizer& tokenizer, const ThoughtFormat& format);
    void dropKnown(std::vector<ThoughtReader::Chunk>& chunks);
    [[nodiscard]] std::shared_ptr<const RetoldAnswer> retell(ThoughtReader::Retold retold);
    void emit(TokenEvent event, std::vector<ThoughtReader::Chunk> chunks, bool evenEmpty);

    const Tokenizer& m_tokenizer;
    const Sink& m_sink;
    std::chrono::steady_clock::time_point m_start;
    Markers m_markers; ///< by their tokens; empty where the vocabulary lacks one that is needed
    ThoughtReader m_reader;
    std::uint32_t m_tokens = 0;
    std::vector<std::size_t>
        m_thoughtEnds; ///< for each token of the thought, the bytes of it that were told by then
    std::size_t m_toldReasoning = 0; ///< bytes, what it went on from included
    bool m_hasAnswer = false;
    std::uint32_t m_position = 0;
    int m_lastStep = 0;
    std::size_t m_known = 0; ///< bytes the reader has yet to give that the answer went on from
    bool m_lastWasReasoning = false;
    std::string m_reasoning;
    std::string m_content;
};

} // namespace ponder
