#include "engine/backend/gpu/cuda_backend.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <optional>

#include "engine/backend/gpu/backend_parts.h"
#include "kernels/cuda/runtime/devices.h"
#include "kernels/cuda/runtime/switches.h"

namespace ponder {

using kernels::LogitSummary;
using kernels::cuda::copyBytes;
using kernels::cuda::Graph;
using kernels::cuda::GraphRecorder;
using kernels::cuda::kMaxDecodeTokens;
using kernels::cuda::Status;
using kernels::cuda::StepState;

namespace {

class CudaBackend final : public Backend {
public:
    CudaBackend(const Network& network, const PlacementPlan& plan,
        const CudaBackendOptions& options, std::unique_ptr<BackendParts> parts)
        : m_network(network)
        , m_records(options.recordsSteps && !kernels::cuda::switches().noRecording)
        , m_device(plan.gpu->gpu.index)
        , m_layersOnGpu(plan.gpu->attentionLayers())
        , m_parts(std::move(parts))
        , m_step(network, m_parts->weights, m_parts->layers, *m_parts->buffers, m_parts->workspace,
              m_parts->queue, options.prompt)
        , m_choice(network.layers.size())
    {
    }
    ~CudaBackend() override { (void)m_parts->stream->wait(); }

    Result<void> begin(std::span<const std::int32_t> tokens, std::size_t position) override;
    void attention(std::size_t layer) override;
    void feedForward(std::size_t layer) override;
    Result<void> head(std::size_t first, std::size_t count, std::span<float> logits) override;
    void setDraw(const kernels::Draw& draw) override { m_draw = draw; }
    Result<std::optional<LogitSummary>> summary(std::size_t token) override;
    void truncate(std::size_t position) override
    {
        if (m_parts->host)
            m_parts->host->truncate(position);
        m_parts->experts->truncate(position);
    }
    BackendReport report() const override { return m_parts->experts->report(); }
    ExpertChoice lastChoice(std::size_t layer) const override;

private:
    /// A piece of a recorded step: a graph, then what the processor does.
    struct Piece {
        enum class Then { Nothing, Mark, FeedForward, Layers } then = Then::Nothing;
        std::optional<Graph> graph;
        std::size_t layer = 0;
    };

    [[nodiscard]] Result<void> outcome() const;
    [[nodiscard]] std::size_t used(std::size_t layer) const;
    void sendInput();
    void fetchLogits(std::size_t count);
    void summarise();
    void waitForFetched();
    void streamFeedForward(std::size_t layer);

    /// Calls at(Then, layer) wherever the processor takes over, and queues all else of a step of one token.
    template <typename At> void queueStep(const At& at);
    void record();
    void replay();
    void computeFeedForward(std::size_t layer);
    void computeLayers();

    const Network& m_network;
    bool m_records;
    int m_device;
    std::size_t m_layersOnGpu;
    std::unique_ptr<BackendParts> m_parts;
    DeviceStep m_step;
    std::vector<Piece> m_recorded;
    std::size_t m_tokens = 0, m_position = 0; // of the batch
    bool m_replays = false; // the batch
    kernels::Draw m_draw; // of the next batch
    struct Choice {
        std::vector<std::int32_t> experts;
        std::vector<float> weights;
    };
    mutable std::vector<Choice> m_choice; // [layers], fetched when asked for
};

Result<void> CudaBackend::outcome() const
{
    if (!m_parts->queue.isWell())
        return tl::unexpected(cudaError(m_parts->queue.status()));
    return {};
}

std::size_t CudaBackend::used(std::size_t layer) const
{
    const auto* moe = std::get_if<MoeFeedForward>(&m_network.layers[layer].feedForward);
    return moe != nullptr ? moe->routing.used : 0;
}

void CudaBackend::sendInput()
{
    DeviceQueue& queue = m_parts->queue;
    StepBuffers::Input& input = m_parts->buffers->input;
    const auto from = reinterpret_cast<std::byte*>(input.state);
    const auto bytes
        = static_cast<std::size_t>(reinterpret_cast<std::byte*>(input.tokens + m_tokens) - from);
    queue.run([&] {
        return copyBytes(
            from, m_parts->input.data(), bytes, cudaMemcpyHostToDevice, queue.stream());
    });
}

void CudaBackend::fetchLogits(std::size_t count)
{
    DeviceQueue& queue = m_parts->queue;
    const kernels::FloatRows& logits = m_parts->buffers->logits;
    queue.run([&] {
        return copyBytes(m_parts->logits.data(), logits.data, count * logits.stride * sizeof(float),
            cudaMemcpyDeviceToHost, queue.stream());
    });
}

/// What the logits of one token amount to, for the sampler.
void CudaBackend::summarise()
{
    BackendParts& p = *m_parts;
    if (p.candidates.rows() == 0)
        return;
    kernels::FloatRows logits = p.buffers->logits;
    logits.rows = 1;
    p.queue.run([&] {
        return kernels::cuda::findCandidates(
            {.logits = logits, .state = p.buffers->input.state, .summaries = p.summary.data()},
            p.candidates, p.queue.stream());
    });
}

void CudaBackend::waitForFetched()
{
    m_parts->queue.run([&] { return m_parts->fetched->wait(); });
}

template <typename At> void CudaBackend::queueStep(const At& at)
{
    using Then = Piece::Then;
    BackendParts& p = *m_parts;
    sendInput();
    m_step.embedding(1);
    for (std::size_t layer = 0; layer < m_layersOnGpu; ++layer) {
        const DeviceLayer& d = p.layers[layer];
        m_step.attention(layer, 1, 0);
        if (d.isRouted())
            m_step.router(layer, 1);
        if (d.place.feedForwardOnGpu) {
            m_step.feedForward(layer, 1, true);
            continue;
        }
        p.host->fetch(*p.buffers, layer, used(layer), 1, p.queue);
        at(Then::Mark, layer);
        m_step.feedForward(layer, 1, true); // what is here of it
        at(Then::FeedForward, layer);
        p.host->sendBranch(*p.buffers, 1, p.queue);
        m_step.addFromHost(1);
    }
    if (m_layersOnGpu < m_network.layers.size()) {
        p.host->fetchStream(*p.buffers, 1, p.queue);
        at(Then::Mark, m_layersOnGpu);
        at(Then::Layers, m_layersOnGpu);
        p.host->sendStream(*p.buffers, 1, p.queue);
    }
    m_step.head(0, 1);
    summarise();
}

void CudaBackend::record()
{
    DeviceQueue& queue = m_parts->queue;
    std::optional<GraphRecorder> recorder;
    const auto beginPiece = [&] {
        auto begun = GraphRecorder::begin(queue.stream());
        if (begun)
            recorder.emplace(std::move(*begun));
        else
            queue.note(begun.error());
    };
    const auto endPiece = [&](Piece::Then then, std::size_t layer) {
        Piece piece;
        piece.then = then;
        piece.layer = layer;
        if (recorder && queue.isWell()) {
            auto graph = recorder->finish();
            if (graph)
                piece.graph.emplace(std::move(*graph));
            else
                queue.note(graph.error());
        }
        recorder.reset();
        m_recorded.push_back(std::move(piece));
    };
    beginPiece();
    queueStep([&](Piece::Then then, std::size_t layer) {
        endPiece(then, layer);
        beginPiece();
    });
    endPiece(Piece::Then::Nothing, 0);
    if (!queue.isWell())
        m_recorded.clear();
}

/// The processor's part of a layer, once the stream and the choices are here.
void CudaBackend::computeFeedForward(std::size_t layer)
{
    BackendParts& p = *m_parts;
    p.experts->takeAway(layer, m_tokens, p.host->choices(used(layer), m_tokens));
    p.host->computeFeedForward(layer, used(layer), m_tokens);
}

void CudaBackend::computeLayers()
{
    HostShare& host = *m_parts->host;
    host.beginLayers(m_tokens, m_position);
    for (std::size_t layer = m_layersOnGpu; layer < m_network.layers.size(); ++layer) {
        host.attention(layer);
        host.feedForward(layer);
    }
    host.endLayers();
}

void CudaBackend::replay()
{
    BackendParts& p = *m_parts;
    if (m_recorded.empty())
        record();
    for (const Piece& piece : m_recorded) {
        if (piece.graph)
            p.queue.run([&] { return piece.graph->launch(p.queue.stream()); });
        switch (piece.then) {
        case Piece::Then::Nothing:
            break;
        case Piece::Then::Mark:
            p.queue.run([&] { return p.fetched->record(p.queue.stream()); });
            break;
        case Piece::Then::FeedForward:
            waitForFetched();
            if (p.queue.isWell())
                computeFeedForward(piece.layer);
            break;
        case Piece::Then::Layers:
            waitForFetched();
            if (p.queue.isWell())
                computeLayers();
            break;
        }
    }
}

Result<void> CudaBackend::begin(std::span<const std::int32_t> tokens, std::size_t position)
{
    BackendParts& p = *m_parts;
    p.queue.run([&] { return kernels::cuda::useDevice(m_device); });
    p.queue.run([&] { return p.inputRead->wait(); });
    if (auto ok = outcome(); !ok)
        return ok;
    m_tokens = tokens.size();
    m_replays = m_records && m_tokens == 1;
    m_position = position;
    const StepState state{static_cast<std::int32_t>(position), m_draw};
    std::memcpy(p.input.data(), &state, sizeof state);
    const auto behind = reinterpret_cast<std::byte*>(p.buffers->input.tokens)
        - reinterpret_cast<std::byte*>(p.buffers->input.state);
    std::memcpy(p.input.data() + behind, tokens.data(), tokens.size_bytes());
    p.experts->begin(m_tokens, m_position, p.queue);
    if (m_replays) {
        replay();
    } else {
        sendInput();
        m_step.embedding(m_tokens);
    }
    p.queue.run([&] { return p.inputRead->record(p.queue.stream()); });
    return outcome();
}

void CudaBackend::attention(std::size_t layer)
{
    BackendParts& p = *m_parts;
    if (m_replays || !p.queue.isWell())
        return;
    if (layer < m_layersOnGpu) {
        m_step.attention(layer, m_tokens, m_position);
        return;
    }
    if (layer == m_layersOnGpu) {
        p.host->fetchStream(*p.buffers, m_tokens, p.queue);
        p.queue.run([&] { return p.fetched->record(p.queue.stream()); });
        waitForFetched();
        if (p.queue.isWell())
            p.host->beginLayers(m_tokens, m_position);
    }
    if (p.queue.isWell())
        p.host->attention(layer);
}

void CudaBackend::feedForward(std::size_t layer)
{
    BackendParts& p = *m_parts;
    if (m_replays || !p.queue.isWell())
        return;
    if (layer >= m_layersOnGpu) {
        p.host->feedForward(layer);
        if (layer + 1 == m_network.layers.size()) {
            p.host->endLayers();
            p.host->sendStream(*p.buffers, m_tokens, p.queue);
        }
        return;
    }
    const DeviceLayer& d = p.layers[layer];
    if (d.isRouted())
        m_step.router(layer, m_tokens);
    if (d.place.feedForwardOnGpu) {
        m_step.feedForward(layer, m_tokens, true);
        return;
    }
    p.experts->advance(p.queue);
    if (p.experts->streams(layer, m_tokens)) {
        streamFeedForward(layer);
        return;
    }
    p.host->fetch(*p.buffers, layer, used(layer), m_tokens, p.queue);
    p.queue.run([&] { return p.fetched->record(p.queue.stream()); });
    m_step.feedForward(layer, m_tokens, true); // what is here of it, while the processor computes
    waitForFetched();
    if (!p.queue.isWell())
        return;
    computeFeedForward(layer);
    p.host->sendBranch(*p.buffers, m_tokens, p.queue);
    m_step.addFromHost(m_tokens);
}

/// A layer's experts that lie in RAM, brought through the GPU.
void CudaBackend::streamFeedForward(std::size_t layer)
{
    BackendParts& p = *m_parts;
    p.host->fetchChoices(*p.buffers, layer, used(layer), m_tokens, p.queue);
    p.queue.run([&] { return p.fetched->record(p.queue.stream()); });
    m_step.feedForwardApart(layer, m_tokens);
    p.experts->sendAhead(layer, p.queue);
    waitForFetched();
    if (!p.queue.isWell())
        return;
    const auto choices = p.host->choices(used(layer), m_tokens);
    p.experts->takeAway(layer, m_tokens, choices);
    p.experts->stream(layer, choices, m_step.apartArgs(layer, m_tokens), p.queue);
    m_step.addFromHost(m_tokens);
    p.experts->readAhead(layer, m_tokens, p.queue);
}

Result<void> CudaBackend::head(std::size_t first, std::size_t count, std::span<float> logits)
{
    BackendParts& p = *m_parts;
    const std::size_t vocabulary = m_network.vocabularySize;
    const std::size_t stride = p.buffers->logits.stride;
    for (std::size_t done = 0; done < count; done += kMaxDecodeTokens) {
        const std::size_t part = std::min(kMaxDecodeTokens, count - done);
        if (!m_replays)
            m_step.head(first + done, part);
        fetchLogits(part);
        p.queue.run([&] { return p.stream->wait(); });
        if (auto ok = outcome(); !ok)
            return ok;
        const auto* made = reinterpret_cast<const float*>(p.logits.data());
        for (std::size_t i = 0; i < part; ++i)
            std::copy_n(made + i * stride, vocabulary, logits.data() + (done + i) * vocabulary);
    }
    return {};
}

Result<std::optional<LogitSummary>> CudaBackend::summary(std::size_t token)
{
    BackendParts& p = *m_parts;
    if (p.candidates.rows() == 0)
        return std::nullopt;
    if (!m_replays) {
        m_step.head(token, 1);
        summarise();
    }
    p.queue.run([&] { return p.stream->wait(); });
    if (auto ok = outcome(); !ok)
        return tl::unexpected(ok.error());
    return *p.summary.data();
}

ExpertChoice CudaBackend::lastChoice(std::size_t layer) const
{
    if (m_tokens == 0 || !m_parts->queue.isWell())
        return {};
    if (layer >= m_layersOnGpu)
        return m_parts->host->lastChoice(layer);
    const std::size_t count = used(layer);
    if (count == 0)
        return {};
    Choice& choice = m_choice[layer];
    choice.experts.resize(count);
    choice.weights.resize(count);
    const StepBuffers::Choice& made = m_parts->buffers->choices[layer];
    const std::size_t row = (m_tokens - 1) * count;
    DeviceQueue& queue = m_parts->queue;
    queue.run([&] {
        return kernels::cuda::download(
            made.experts + row, std::span(choice.experts), queue.stream());
    });
    queue.run([&] {
        return kernels::cuda::download(
            made.weights + row, std::span(choice.weights), queue.stream());
    });
    queue.run([&] { return m_parts->stream->wait(); });
    if (!queue.isWell())
        return {};
    return {choice.experts, choice.weights};
}

} // namespace

Error cudaError(const Status& status, bool making)
{
    if (making && status.outOfMemory())
        return {ErrorCode::OutOfMemory,
            "The GPU has less free memory than this model was planned with. Close what else uses "
            "the "
            "GPU, or choose a shorter context.",
            status.text()};
    if (making && status.code == cudaErrorInvalidConfiguration)
        return {ErrorCode::InvalidArgument,
            "The attention of this model needs more shared memory than this GPU has. Choose the "
            "processor "
            "(cpu) as the device.",
            status.text()};
    if (status.code == cudaErrorNoKernelImageForDevice)
        return {ErrorCode::InvalidArgument,
            "Ponder's GPU module was not built for this GPU. Choose the processor (cpu) as the "
            "device, or "
            "build Ponder with this GPU in CMAKE_CUDA_ARCHITECTURES.",
            status.text()};
    return {ErrorCode::DeviceLost,
        "The GPU stopped answering (" + status.text()
            + "). What was written is kept; ask again, and the processor goes on.",
        status.text()};
}

Result<std::unique_ptr<Backend>> makeCudaBackend(
    const Network& network, const PlacementPlan& plan, const CudaBackendOptions& options)
{
    try {
        auto parts = takeParts(network, plan, options);
        if (!parts)
            return tl::unexpected(parts.error());
        return std::make_unique<CudaBackend>(network, plan, options, std::move(*parts));
    } catch (const std::bad_alloc&) {
        return fail(ErrorCode::OutOfMemory,
            "There is no memory to open this model. Close other programs or choose a smaller "
            "model.");
    }
}

} // namespace ponder
