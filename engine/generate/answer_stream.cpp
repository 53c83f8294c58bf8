#include "engine/generate/answer_stream.h"

#include <algorithm>
#include <utility>

#include "engine/reasoning/token_statistics.h"

namespace ponder {

// A stored message keeps every alternative of a token.
static_assert(kernels::kAlternatives <= TokenStatistic::kMaxAlternatives);

AnswerStream::AnswerStream(const Tokenizer& tokenizer, const ThoughtFormat& format,
    ThoughtStart promptEnd, std::chrono::steady_clock::time_point start, const Sink& sink)
    : m_tokenizer(tokenizer)
    , m_sink(sink)
    , m_start(start)
    , m_markers(markersOf(tokenizer, format))
    , m_reader(format, promptEnd,
          m_markers.empty() ? ThoughtReader::Tags::asText : ThoughtReader::Tags::asTokens)
{
}

AnswerStream::Markers AnswerStream::markersOf(
    const Tokenizer& tokenizer, const ThoughtFormat& format)
{
    Markers markers;
    for (const ThoughtFormat::Marker& marker : format.markers) {
        const std::int32_t id = tokenizer.find(marker.text);
        if (id >= 0)
            markers.emplace_back(id, &marker);
        else if (marker.needed)
            return {};
    }
    return markers;
}

void AnswerStream::continueFrom(
    const std::string& reasoning, bool closed, const std::string& content)
{
    m_known = reasoning.size() + content.size();
    m_toldReasoning = reasoning.size();
    m_hasAnswer = !content.empty();
    auto chunks = m_reader.resume(reasoning, closed, content);
    dropKnown(chunks);
}

void AnswerStream::dropKnown(std::vector<ThoughtReader::Chunk>& chunks)
{
    for (ThoughtReader::Chunk& chunk : chunks) {
        if (chunk.retold)
            m_known = 0;
        const std::size_t known = std::min(m_known, chunk.text.size());
        chunk.text.erase(0, known);
        m_known -= known;
    }
    std::erase_if(chunks,
        [](const ThoughtReader::Chunk& chunk) { return chunk.text.empty() && !chunk.retold; });
}

void AnswerStream::push(const SampledToken& token, std::uint32_t position)
{
    const bool before = m_reader.phase() == Phase::Reasoning;
    m_lastStep = before ? m_reader.step() : m_lastStep;
    const auto marker = std::ranges::find(m_markers, token.id, &Markers::value_type::first);
    std::vector<ThoughtReader::Chunk> chunks = marker != m_markers.end()
        ? m_reader.mark(*marker->second)
        : m_reader.push(m_tokenizer.bytes(token.id));

    TokenEvent event;
    event.id = token.id;
    event.bytes = m_tokenizer.bytes(token.id);
    event.isTag = marker != m_markers.end();
    event.index = m_tokens++;
    event.position = m_position = position;
    event.logprob = token.logprob;
    event.entropy = token.entropy;
    event.bestCount = token.bestCount;
    for (int i = 0; i < token.bestCount; ++i) {
        const auto& best = token.best[static_cast<std::size_t>(i)];
        event.best[static_cast<std::size_t>(i)]
            = {best.id, best.logprob, std::string(m_tokenizer.bytes(best.id))};
    }
    m_lastWasReasoning = before || m_reader.phase() == Phase::Reasoning;
    event.ofThought = m_lastWasReasoning;
    if (m_lastWasReasoning)
        m_thoughtEnds.push_back(m_toldReasoning);
    emit(std::move(event), std::move(chunks), true);
    if (m_lastWasReasoning)
        m_thoughtEnds.back() = m_toldReasoning;
}

/// Sends and counts anew what was sent before.
std::shared_ptr<const RetoldAnswer> AnswerStream::retell(ThoughtReader::Retold retold)
{
    const bool moved = retold.reasoning.size() > m_toldReasoning;
    m_toldReasoning = retold.reasoning.size();
    m_hasAnswer = !retold.content.empty();
    m_reasoning = retold.reasoning;
    m_content = retold.content;
    if (moved) { // all of it was the thought, this token included
        m_thoughtEnds.assign(m_tokens, m_toldReasoning);
        m_lastWasReasoning = true;
    } else {
        std::erase_if(m_thoughtEnds, [this](std::size_t end) { return end > m_toldReasoning; });
    }
    return std::make_shared<const RetoldAnswer>(RetoldAnswer{
        std::move(retold.reasoning), std::move(retold.content), reasoningTokenCount()});
}

void AnswerStream::finish(ThoughtReader::Ending ending)
{
    TokenEvent event;
    event.index = m_tokens > 0 ? m_tokens - 1 : 0;
    event.part = 1;
    event.position = m_position;
    emit(std::move(event), m_reader.finish(ending), false);
}

void AnswerStream::emit(TokenEvent event, std::vector<ThoughtReader::Chunk> chunks, bool evenEmpty)
{
    dropKnown(chunks);
    if (chunks.empty() && evenEmpty) {
        const bool inside = m_reader.phase() == Phase::Reasoning;
        const int step = inside ? m_reader.step() : m_lastStep;
        chunks.push_back({{}, m_lastWasReasoning ? Phase::Reasoning : Phase::Answer,
            m_lastWasReasoning ? step : 0});
    }
    event.time = std::chrono::steady_clock::now() - m_start;
    for (ThoughtReader::Chunk& chunk : chunks) {
        event.retold = chunk.retold ? retell(std::move(*chunk.retold)) : nullptr;
        const bool reasoning = chunk.phase == Phase::Reasoning;
        (reasoning ? m_reasoning : m_content) += chunk.text;
        m_toldReasoning += reasoning ? chunk.text.size() : 0;
        m_hasAnswer = m_hasAnswer || (!reasoning && !chunk.text.empty());
        event.text = std::move(chunk.text);
        event.phase = chunk.phase;
        event.step = chunk.step;
        if (m_sink)
            m_sink(event);
        ++event.part;
    }
}

} // namespace ponder
