#include "engine/backend/gpu/cuda_backend.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <new>
#include <optional>

#include "engine/backend/gpu/backend_parts.h"
#include "engine/backend/gpu/device_cache.h"
#include "kernels/cuda/runtime/devices.h"
#include "kernels/cuda/runtime/switches.h"

namespace ponder {

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
    {
        std::vector<CacheTable> tables = deviceCacheTables(m_parts->layers);
        if (m_parts->host)
            std::ranges::copy(m_parts->host->cache().tables(), std::back_inserter(tables));
        m_cacheForm = CacheForm(std::move(tables), plan.contextLength);
    }
    ~CudaBackend() override { (void)m_parts->stream->wait(); }

    Result<Evaluated> evaluate(const Batch& batch) override;
    bool makesSummaries() const override { return m_parts->candidates.rows() > 0; }
    void truncate(std::size_t position) override;
    Result<CacheBytes> saveCache(TokenRange positions) override;
    Result<void> loadCache(TokenRange positions, std::span<const std::byte> bytes) override;
    BackendReport report() const override { return m_parts->experts->report(); }

private:
    /// Where a forward pass needs the CPU.
    enum class HandOver {
        None,
        Mark, ///< what the CPU will read has been queued
        FeedForward, ///< the CPU computes a layer's feed-forward
        Layers, ///< the CPU runs all layers from m_layersOnGpu on
    };
    /// A piece of a recorded step: a graph, then what the CPU does.
    struct Piece {
        HandOver then = HandOver::None;
        std::optional<Graph> graph;
        std::size_t layer = 0;
    };
    /// The last token that was evaluated, and its row of the residual stream.
    struct Last {
        std::int32_t token = 0;
        std::size_t position = 0, row = 0;
    };

    [[nodiscard]] Result<void> useDevice();
    [[nodiscard]] Result<void> outcome() const;
    [[nodiscard]] Result<void> wait();
    [[nodiscard]] std::size_t used(std::size_t layer) const;
    [[nodiscard]] bool repeatsLast(const Batch& batch) const;

    [[nodiscard]] bool runPass(const Batch& batch, std::vector<LayerRouting>& routing);
    void writeInput(const Batch& batch);
    void sendInput(std::size_t tokens);
    /// Queues the layers. at(HandOver, layer) is called wherever the CPU takes over; it returns false to
    /// cancel, and queueLayers() then returns false, too.
    template <typename At>
    [[nodiscard]] bool queueLayers(const Batch& batch, bool records, const At& at);
    void record(const Batch& batch);
    [[nodiscard]] bool replay(const Batch& batch, std::vector<LayerRouting>& routing);
    [[nodiscard]] bool handOver(
        HandOver what, std::size_t layer, const Batch& batch, std::vector<LayerRouting>& routing);
    void waitForFetched();
    void streamFeedForward(std::size_t layer, std::size_t tokens);

    void makeLogits(TokenRange rows);
    void makeSummary();
    [[nodiscard]] Result<void> readLogits(TokenRange rows, std::vector<float>& logits);
    [[nodiscard]] Result<void> readHidden(TokenRange rows, std::vector<float>& hidden);
    [[nodiscard]] Result<void> readRouting(const Batch& batch, std::vector<LayerRouting>& routing);

    const Network& m_network;
    bool m_records;
    int m_device;
    std::size_t m_layersOnGpu;
    std::unique_ptr<BackendParts> m_parts;
    DeviceStep m_step;
    CacheForm m_cacheForm;
    std::vector<Piece> m_recorded;
    std::optional<Last> m_last;
    TokenRange m_logitRows; // rows of the residual stream whose logits are on the device
};

Result<void> CudaBackend::outcome() const
{
    if (!m_parts->queue.isWell())
        return tl::unexpected(cudaError(m_parts->queue.status()));
    return {};
}

Result<void> CudaBackend::useDevice()
{
    m_parts->queue.run([&] { return kernels::cuda::useDevice(m_device); });
    return outcome();
}

Result<void> CudaBackend::wait()
{
    m_parts->queue.run([&] { return m_parts->stream->wait(); });
    return outcome();
}

std::size_t CudaBackend::used(std::size_t layer) const
{
    const auto* moe = std::get_if<MoeFeedForward>(&m_network.layers[layer].feedForward);
    return moe != nullptr ? moe->routing.used : 0;
}

/// Whether the batch is only the last token again, and its residual stream is enough for what is wanted.
bool CudaBackend::repeatsLast(const Batch& batch) const
{
    return m_last && batch.tokens.size() == 1 && batch.tokens.front() == m_last->token
        && batch.position == m_last->position && !batch.summary && batch.routing == RoutingOf::None;
}

/// The batch's StepState and tokens, in pinned memory.
void CudaBackend::writeInput(const Batch& batch)
{
    BackendParts& p = *m_parts;
    const StepState state{static_cast<std::int32_t>(batch.position), batch.draw};
    std::memcpy(p.input.data(), &state, sizeof state);
    const auto tokensAt = reinterpret_cast<std::byte*>(p.buffers->input.tokens)
        - reinterpret_cast<std::byte*>(p.buffers->input.state);
    std::memcpy(p.input.data() + tokensAt, batch.tokens.data(), batch.tokens.size_bytes());
}

void CudaBackend::sendInput(std::size_t tokens)
{
    DeviceQueue& queue = m_parts->queue;
    StepBuffers::Input& input = m_parts->buffers->input;
    const auto from = reinterpret_cast<std::byte*>(input.state);
    const auto bytes
        = static_cast<std::size_t>(reinterpret_cast<std::byte*>(input.tokens + tokens) - from);
    queue.run([&] {
        return copyBytes(
            from, m_parts->input.data(), bytes, cudaMemcpyHostToDevice, queue.stream());
    });
}

void CudaBackend::waitForFetched()
{
    m_parts->queue.run([&] { return m_parts->fetched->wait(); });
}

template <typename At> bool CudaBackend::queueLayers(const Batch& batch, bool records, const At& at)
{
    BackendParts& p = *m_parts;
    const std::size_t tokens = batch.tokens.size();
    for (std::size_t layer = 0; layer < m_layersOnGpu && p.queue.isWell(); ++layer) {
        if (!records && batch.stop && batch.stop())
            return false;
        const DeviceLayer& d = p.layers[layer];
        m_step.attention(layer, tokens, batch.position);
        if (d.isRouted())
            m_step.router(layer, tokens);
        if (d.place.feedForwardOnGpu) {
            m_step.feedForward(layer, tokens, true);
            continue;
        }
        if (!records) {
            p.experts->advance(p.queue);
            if (p.experts->streams(layer, tokens)) {
                streamFeedForward(layer, tokens);
                continue;
            }
        }
        p.host->fetch(*p.buffers, layer, used(layer), tokens, p.queue);
        if (!at(HandOver::Mark, layer))
            return false;
        m_step.feedForward(layer, tokens, true); // the experts of this layer that are on the GPU
        if (!at(HandOver::FeedForward, layer))
            return false;
        p.host->sendBranch(*p.buffers, tokens, p.queue);
        m_step.addFromHost(tokens);
    }
    if (m_layersOnGpu < m_network.layers.size()) {
        p.host->fetchResidual(*p.buffers, tokens, p.queue);
        if (!at(HandOver::Mark, m_layersOnGpu) || !at(HandOver::Layers, m_layersOnGpu))
            return false;
        p.host->sendResidual(*p.buffers, tokens, p.queue);
    }
    return true;
}

/// Records a step of one token, its logits and their summary.
void CudaBackend::record(const Batch& batch)
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
    const auto endPiece = [&](HandOver then, std::size_t layer) {
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
    sendInput(1);
    m_step.embedding(1);
    (void)queueLayers(batch, true, [&](HandOver then, std::size_t layer) {
        endPiece(then, layer);
        beginPiece();
        return true;
    });
    m_step.head(0, 1);
    makeSummary();
    endPiece(HandOver::None, 0);
    if (!queue.isWell())
        m_recorded.clear();
}

bool CudaBackend::replay(const Batch& batch, std::vector<LayerRouting>& routing)
{
    DeviceQueue& queue = m_parts->queue;
    if (m_recorded.empty())
        record(batch);
    for (const Piece& piece : m_recorded) {
        if (batch.stop && batch.stop())
            return false;
        if (piece.graph)
            queue.run([&] { return piece.graph->launch(queue.stream()); });
        if (!handOver(piece.then, piece.layer, batch, routing))
            return false;
    }
    m_logitRows = {0, 1};
    return true;
}

bool CudaBackend::handOver(
    HandOver what, std::size_t layer, const Batch& batch, std::vector<LayerRouting>& routing)
{
    BackendParts& p = *m_parts;
    const std::size_t tokens = batch.tokens.size();
    switch (what) {
    case HandOver::None:
        break;
    case HandOver::Mark:
        p.queue.run([&] { return p.fetched->record(p.queue.stream()); });
        break;
    case HandOver::FeedForward:
        waitForFetched();
        if (p.queue.isWell()) {
            p.experts->takeAway(layer, tokens, p.host->choices(used(layer), tokens));
            p.host->computeFeedForward(layer, used(layer), tokens);
        }
        break;
    case HandOver::Layers:
        waitForFetched();
        return !p.queue.isWell() || p.host->runLayers(batch, routing);
    }
    return true;
}

/// Queues a whole batch. Returns false where it was cancelled. routing: of the layers on the CPU.
bool CudaBackend::runPass(const Batch& batch, std::vector<LayerRouting>& routing)
{
    BackendParts& p = *m_parts;
    m_last.reset();
    m_logitRows = {};
    writeInput(batch);
    p.experts->begin(batch.tokens.size(), batch.position, p.queue);
    bool isWhole = false;
    if (m_records && batch.tokens.size() == 1) {
        isWhole = replay(batch, routing);
        p.queue.run([&] { return p.inputRead->record(p.queue.stream()); });
    } else {
        sendInput(batch.tokens.size());
        p.queue.run([&] { return p.inputRead->record(p.queue.stream()); });
        m_step.embedding(batch.tokens.size());
        isWhole = queueLayers(batch, false, [&](HandOver what, std::size_t layer) {
            return handOver(what, layer, batch, routing);
        });
    }
    if (!isWhole || (batch.stop && batch.stop()))
        return false;
    m_last
        = {batch.tokens.back(), batch.position + batch.tokens.size() - 1, batch.tokens.size() - 1};
    return true;
}

/// The experts of a layer that lie in RAM, brought through the GPU.
void CudaBackend::streamFeedForward(std::size_t layer, std::size_t tokens)
{
    BackendParts& p = *m_parts;
    p.host->fetchChoices(*p.buffers, layer, used(layer), tokens, p.queue);
    p.queue.run([&] { return p.fetched->record(p.queue.stream()); });
    m_step.feedForwardApart(layer, tokens);
    p.experts->sendAhead(layer, p.queue);
    waitForFetched();
    if (!p.queue.isWell())
        return;
    const auto choices = p.host->choices(used(layer), tokens);
    p.experts->takeAway(layer, tokens, choices);
    p.experts->stream(layer, choices, m_step.apartArgs(layer, tokens), p.queue);
    m_step.addFromHost(tokens);
    p.experts->readAhead(layer, tokens, p.queue);
}

Result<Evaluated> CudaBackend::evaluate(const Batch& batch)
{
    BackendParts& p = *m_parts;
    Evaluated made;
    if (auto ok = useDevice(); !ok)
        return tl::unexpected(ok.error());
    std::size_t firstRow = 0; // of the batch, in the residual stream
    if (repeatsLast(batch)) {
        firstRow = m_last->row;
    } else {
        p.queue.run([&] { return p.inputRead->wait(); });
        const bool isWhole = runPass(batch, made.routing);
        if (auto ok = outcome(); !ok)
            return tl::unexpected(ok.error());
        if (!isWhole)
            return Evaluated{.cancelled = true};
    }
    const auto rowsOf = [firstRow](TokenRange tokens) {
        return TokenRange{firstRow + tokens.first, tokens.count};
    };
    if (batch.summary) {
        const TokenRange last{m_last->row, 1};
        if (m_logitRows != last) { // else the recorded step made both
            makeLogits(last);
            makeSummary();
        }
        if (auto ok = wait(); !ok)
            return tl::unexpected(ok.error());
        made.summary = *p.summary.data();
    }
    if (auto ok = readLogits(rowsOf(batch.logits), made.logits); !ok)
        return tl::unexpected(ok.error());
    if (auto ok = readHidden(rowsOf(batch.hidden), made.hidden); !ok)
        return tl::unexpected(ok.error());
    if (auto ok = readRouting(batch, made.routing); !ok)
        return tl::unexpected(ok.error());
    return made;
}

/// Queues the logits of at most kMaxDecodeTokens rows, where they are not on the device.
void CudaBackend::makeLogits(TokenRange rows)
{
    if (m_logitRows == rows)
        return;
    m_step.head(rows.first, rows.count);
    m_logitRows = rows;
}

/// Queues the summary of the first row of logits.
void CudaBackend::makeSummary()
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

Result<void> CudaBackend::readLogits(TokenRange rows, std::vector<float>& logits)
{
    BackendParts& p = *m_parts;
    const std::size_t vocabulary = m_network.vocabularySize;
    const std::size_t stride = p.buffers->logits.stride;
    logits.resize(rows.count * vocabulary);
    for (std::size_t done = 0; done < rows.count; done += kMaxDecodeTokens) {
        const std::size_t count = std::min(kMaxDecodeTokens, rows.count - done);
        makeLogits({rows.first + done, count});
        p.queue.run([&] {
            return copyBytes(p.logits.data(), p.buffers->logits.data,
                count * stride * sizeof(float), cudaMemcpyDeviceToHost, p.queue.stream());
        });
        if (auto ok = wait(); !ok)
            return ok;
        const auto* made = reinterpret_cast<const float*>(p.logits.data());
        for (std::size_t i = 0; i < count; ++i)
            std::copy_n(made + i * stride, vocabulary, logits.data() + (done + i) * vocabulary);
    }
    return {};
}

Result<void> CudaBackend::readHidden(TokenRange rows, std::vector<float>& hidden)
{
    if (rows.count == 0)
        return {};
    DeviceQueue& queue = m_parts->queue;
    const kernels::FloatRows& residual = m_parts->buffers->residual;
    hidden.resize(rows.count * residual.cols);
    for (std::size_t i = 0; i < rows.count; ++i)
        queue.run([&] {
            return kernels::cuda::download(residual.row(rows.first + i),
                std::span(hidden).subspan(i * residual.cols, residual.cols), queue.stream());
        });
    return wait();
}

/// Puts the choices of the layers on the GPU before those of the layers on the CPU.
Result<void> CudaBackend::readRouting(const Batch& batch, std::vector<LayerRouting>& routing)
{
    if (batch.routing == RoutingOf::None)
        return {};
    DeviceQueue& queue = m_parts->queue;
    const std::size_t tokens = batch.routing == RoutingOf::AllTokens ? batch.tokens.size() : 1;
    std::vector<LayerRouting> onGpu;
    for (std::size_t layer = 0; layer < m_layersOnGpu; ++layer) {
        const std::size_t count = used(layer);
        if (count == 0)
            continue;
        LayerRouting& choice = onGpu.emplace_back();
        choice.layer = static_cast<std::uint32_t>(layer);
        choice.experts.resize(tokens * count);
        choice.weights.resize(tokens * count);
        const StepBuffers::Choice& made = m_parts->buffers->choices[layer];
        const std::size_t first = (batch.tokens.size() - tokens) * count;
        queue.run([&] {
            return kernels::cuda::download(
                made.experts + first, std::span(choice.experts), queue.stream());
        });
        queue.run([&] {
            return kernels::cuda::download(
                made.weights + first, std::span(choice.weights), queue.stream());
        });
    }
    if (auto ok = wait(); !ok)
        return ok;
    routing.insert(routing.begin(), std::make_move_iterator(onGpu.begin()),
        std::make_move_iterator(onGpu.end()));
    return {};
}

void CudaBackend::truncate(std::size_t position)
{
    if (m_last && position <= m_last->position)
        m_last.reset();
    if (m_parts->host)
        m_parts->host->cache().truncate(position);
    m_parts->experts->truncate(position);
}

Result<CacheBytes> CudaBackend::saveCache(TokenRange positions)
{
    auto made = m_cacheForm.make(positions);
    if (!made)
        return made;
    if (auto ok = useDevice(); !ok)
        return tl::unexpected(ok.error());
    BackendParts& p = *m_parts;
    const std::span<std::byte> rows = CacheForm::rowsOf(*made);
    const std::size_t onGpu = deviceCacheBytes(p.layers, positions.count);
    p.queue.run(
        [&] { return fetchCache(p.layers, positions, rows.first(onGpu), p.queue.stream()); });
    if (auto ok = wait(); !ok)
        return tl::unexpected(ok.error());
    if (p.host)
        p.host->cache().copyTo(positions, rows.subspan(onGpu));
    return made;
}

Result<void> CudaBackend::loadCache(TokenRange positions, std::span<const std::byte> bytes)
{
    const auto rows = m_cacheForm.checkedRows(positions, bytes);
    if (!rows)
        return tl::unexpected(rows.error());
    if (auto ok = useDevice(); !ok)
        return ok;
    BackendParts& p = *m_parts;
    m_last.reset();
    const std::size_t onGpu = deviceCacheBytes(p.layers, positions.count);
    p.queue.run(
        [&] { return sendCache(p.layers, positions, rows->first(onGpu), p.queue.stream()); });
    if (p.host)
        p.host->cache().copyFrom(positions, rows->subspan(onGpu));
    return wait();
}

} // namespace

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
