#include "engine/generate/session.h"

#include <algorithm>
#include <cmath>
#include <new>
#include <optional>

#include "engine/file/disk_speed.h"

namespace ponder {

namespace {

/// A call to evaluate() takes larger batches apart, so that their logits fit into memory.
constexpr std::size_t kMaxLogitBytes = std::size_t{512} << 20U;

tl::unexpected<Error> noMemoryToGoOn()
{
    return fail(ErrorCode::OutOfMemory,
        "There is not enough memory to go on. Close other programs or choose a shorter context.");
}

bool areFinite(std::span<const float> values)
{
    return std::ranges::all_of(values, [](float value) { return std::isfinite(value); });
}

} // namespace

class Session::Private {
public:
    Private(std::shared_ptr<const Model> sharedModel, SessionOptions sessionOptions,
        PlannedBackend planned)
        : model(std::move(sharedModel))
        , network(model->network())
        , options(std::move(sessionOptions))
        , plan(std::move(planned.plan))
        , backend(std::move(planned.backend))
    {
    }

    [[nodiscard]] Result<void> check(std::span<const std::int32_t> added) const;
    /// Evaluates tokens in batches of at most batchSize. ask(batch, isLast) says what is wanted of a batch;
    /// take(evaluated, first, isLast) receives it, `first` counted from the first token added.
    template <typename Ask, typename Take>
    [[nodiscard]] Result<void> run(std::span<const std::int32_t> added, std::size_t batchSize,
        const std::stop_token& stop, const Ask& ask, const Take& take);
    /// A batch's results, where the model's file was intact and nothing was cancelled.
    [[nodiscard]] Result<Evaluated> evaluate(const Batch& batch);
    [[nodiscard]] Result<void> fallBackToCpu();
    [[nodiscard]] Result<void> handleDeviceLost(Result<void> result);
    void clearLastLogits();
    /// Fetches the last token's logits from a backend that gave a summary of them.
    [[nodiscard]] Result<void> readLastLogits();

    std::shared_ptr<const Model> model;
    const Network& network;
    SessionOptions options;
    PlacementPlan plan;
    std::unique_ptr<Backend> backend; // null: the GPU was lost
    kernels::Draw draw; // of the next token
    std::vector<std::int32_t> tokens;
    // Of the last token: its logits, a summary of them, or neither.
    std::vector<float> logits; // [vocabularySize] or empty
    std::optional<kernels::LogitSummary> summary;
    std::vector<LayerRouting> routing;
};

Result<void> Session::Private::check(std::span<const std::int32_t> added) const
{
    const std::size_t room = plan.contextLength - tokens.size();
    if (added.size() > room)
        return fail(ErrorCode::ContextFull,
            "The conversation is full: its context holds " + std::to_string(plan.contextLength)
                + " tokens, " + std::to_string(tokens.size()) + " are used and "
                + std::to_string(added.size())
                + " more were to be read. Start a new conversation or shorten this one.");
    for (const std::int32_t token : added) {
        if (token < 0 || static_cast<std::uint32_t>(token) >= network.vocabularySize)
            return fail(ErrorCode::InvalidArgument,
                "The token " + std::to_string(token) + " is outside this model's vocabulary of "
                    + std::to_string(network.vocabularySize) + " tokens.");
    }
    return {};
}

Result<Evaluated> Session::Private::evaluate(const Batch& batch)
{
    auto made = backend->evaluate(batch);
    if (!made)
        return made;
    if (!made->cancelled
        || model->file().isLost()) { // a stop is reported as one while the file is there
        if (auto ok = model->intact(); !ok)
            return tl::unexpected(ok.error());
    }
    if (made->cancelled)
        return fail(ErrorCode::Cancelled, "Stopped.");
    return made;
}

template <typename Ask, typename Take>
Result<void> Session::Private::run(std::span<const std::int32_t> added, std::size_t batchSize,
    const std::stop_token& stop, const Ask& ask, const Take& take)
{
    if (backend == nullptr) {
        if (auto ok = fallBackToCpu(); !ok)
            return ok;
    }
    if (auto ok = check(added); !ok)
        return ok;
    if (added.empty())
        return {};
    clearLastLogits();
    if (auto ok = model->intact(); !ok)
        return ok;
    for (std::size_t done = 0; done < added.size();) {
        const std::size_t count = std::min(batchSize, added.size() - done);
        const bool isLast = done + count == added.size();
        Batch batch{.tokens = added.subspan(done, count), .position = tokens.size()};
        batch.stop = [&] { return stop.stop_requested() || model->file().isLost(); };
        if (isLast && options.recordRouting)
            batch.routing = RoutingOf::LastToken;
        ask(batch, isLast);
        auto made = evaluate(batch);
        if (!made)
            return tl::unexpected(made.error());
        tokens.insert(tokens.end(), batch.tokens.begin(), batch.tokens.end());
        if (auto ok = take(*made, done, isLast); !ok)
            return ok;
        routing = std::move(made->routing);
        done += count;
    }
    return {};
}

/// Replaces a GPU that was lost by the CPU.
Result<void> Session::Private::fallBackToCpu()
{
    PlacementRequest request{options.contextLength, options.threads, options.batch};
    request.heldBytes = network.reorderedBytes;
    request.largerThanMemory = options.largerThanMemory;
    auto made = makeBackendOnCpu(network, request);
    if (!made)
        return tl::unexpected(made.error());
    made->plan.remark = plan.remark;
    plan = std::move(made->plan);
    backend = std::move(made->backend);
    return {};
}

/// Drops a GPU that was lost, and everything that it held.
Result<void> Session::Private::handleDeviceLost(Result<void> result)
{
    if (result || result.error().code != ErrorCode::DeviceLost)
        return result;
    plan.remark = result.error().message;
    backend.reset();
    tokens.clear();
    clearLastLogits();
    return result;
}

void Session::Private::clearLastLogits()
{
    logits.clear();
    summary.reset();
    routing.clear();
}

Result<void> Session::Private::readLastLogits()
{
    auto made = evaluate(
        {.tokens = std::span(tokens).last(1), .position = tokens.size() - 1, .logits = {0, 1}});
    if (!made)
        return tl::unexpected(made.error());
    logits = std::move(made->logits);
    return {};
}

Session::Session(std::unique_ptr<Private> priv)
    : d(std::move(priv))
{
}

Session::~Session() = default;

namespace {

/// Weights in another order take memory before anything is planned, so that they are planned for here.
Result<void> prepareWeights(const Model& model)
{
    if (model.file().isPrepared())
        return {};
    const Machine machine = Machine::detect();
    const std::uint64_t needed = model.network().reorderedBytes;
    if (needed > machine.availableBytes - machine.availableBytes / 20)
        return fail(ErrorCode::OutOfMemory,
            "This folder's weights have to be put into another order in memory. They take "
                + describeBytes(needed) + ", and " + describeBytes(machine.availableBytes)
                + " can be used on this computer now. Close other programs, or choose a GGUF of "
                  "this "
                  "model, which needs no other order.");
    return model.file().prepare();
}

/// Plans a model and makes its backend. Where its weights do not fit into memory the disk's speed is measured,
/// since what the person reads then depends on it.
Result<PlannedBackend> makeBackendOf(const Model& model, const SessionOptions& options)
{
    PlacementRequest request{
        options.contextLength, options.threads, options.batch, options.device, options.cache};
    request.largerThanMemory = options.largerThanMemory;
    const Network& network = model.network();
    if (auto ok = prepareWeights(model); !ok)
        return tl::unexpected(ok.error());
    request.heldBytes = network.reorderedBytes;
    if (request.largerThanMemory && network.weightBytes() > Machine::detect().availableBytes)
        request.diskBandwidth = measureDiskSpeed(model.file());
    auto made = makeBackend(network, options.cuda.get(), request);
    if (!made && opensLargerThanMemory(made.error())) {
        request.diskBandwidth = measureDiskSpeed(model.file());
        made = makeBackend(network, options.cuda.get(), request);
    }
    return made;
}

} // namespace

Result<std::unique_ptr<Session>> Session::create(
    std::shared_ptr<const Model> model, const SessionOptions& options)
{
    if (model == nullptr)
        return fail(ErrorCode::InvalidArgument, "A session needs a model.");
    try {
        auto planned = makeBackendOf(*model, options);
        if (!planned)
            return tl::unexpected(planned.error());
        if (auto ok = model->intact(); !ok) // what a GPU was given was read from it
            return tl::unexpected(ok.error());
        return withBackend(std::move(model), std::move(*planned), options);
    } catch (const std::bad_alloc&) {
        return fail(ErrorCode::OutOfMemory,
            "There is no memory for a session. Close other programs or choose a smaller model.");
    }
}

std::unique_ptr<Session> Session::withBackend(
    std::shared_ptr<const Model> model, PlannedBackend planned, const SessionOptions& options)
{
    return std::unique_ptr<Session>(
        new Session(std::make_unique<Private>(std::move(model), options, std::move(planned))));
}

Result<void> Session::prefill(
    std::span<const std::int32_t> added, const std::stop_token& stop, const Progress& progress)
{
    const auto ask = [this](Batch& batch, bool isLast) {
        if (!isLast)
            return;
        batch.draw = d->draw;
        batch.summary = d->backend->makesSummaries();
        if (!batch.summary)
            batch.logits = {batch.tokens.size() - 1, 1};
    };
    const auto take = [&](Evaluated& made, std::size_t first, bool isLast) -> Result<void> {
        if (isLast) {
            const bool finite = made.summary ? made.summary->valid != 0 : areFinite(made.logits);
            if (!finite)
                return tl::unexpected(d->model->damage());
            d->logits = std::move(made.logits);
            d->summary = made.summary;
        }
        if (progress)
            progress(isLast ? added.size() : first + d->plan.batch, added.size());
        return {};
    };
    try {
        return d->handleDeviceLost(d->run(added, d->plan.batch, stop, ask, take));
    } catch (const std::bad_alloc&) {
        return noMemoryToGoOn();
    }
}

Result<void> Session::evaluate(
    std::span<const std::int32_t> added, const LogitSink& sink, const std::stop_token& stop)
{
    const std::size_t vocabulary = d->network.vocabularySize;
    const std::size_t rows = std::max<std::size_t>(kMaxLogitBytes / sizeof(float) / vocabulary, 1);
    const auto ask = [](Batch& batch, bool) { batch.logits = {0, batch.tokens.size()}; };
    const auto take = [&](Evaluated& made, std::size_t first, bool isLast) -> Result<void> {
        const std::span<const float> logits = made.logits;
        if (isLast)
            d->logits.assign(logits.end() - static_cast<std::ptrdiff_t>(vocabulary), logits.end());
        sink(first, logits.size() / vocabulary, logits);
        return {};
    };
    try {
        return d->handleDeviceLost(
            d->run(added, std::min<std::size_t>(d->plan.batch, rows), stop, ask, take));
    } catch (const std::bad_alloc&) {
        return noMemoryToGoOn();
    }
}

Result<std::span<const float>> Session::logits()
{
    if (d->logits.empty() && d->summary) {
        if (auto read = d->handleDeviceLost(d->readLastLogits()); !read)
            return tl::unexpected(read.error());
    }
    return std::span<const float>(d->logits);
}

Result<SampledToken> Session::sample(Sampler& sampler)
{
    if (d->summary) {
        auto sampled = sampler.sample(*d->summary);
        if (!sampled)
            return tl::unexpected(sampled.error());
        if (*sampled) {
            d->draw = sampler.nextDraw();
            return **sampled;
        }
    }
    const auto last = logits();
    if (!last)
        return tl::unexpected(last.error());
    auto sampled = sampler.sample(*last, d->tokens);
    d->draw = sampler.nextDraw();
    return sampled;
}

Result<CacheBytes> Session::saveCache(TokenRange range)
{
    if (range.first > d->tokens.size() || range.count > d->tokens.size() - range.first)
        return fail(ErrorCode::InvalidArgument,
            "The conversation holds " + std::to_string(d->tokens.size())
                + " tokens, and later ones were to be saved.");
    if (d->backend == nullptr)
        return fail(ErrorCode::InvalidArgument, "There is nothing to save: the GPU was lost.");
    auto saved = d->backend->saveCache(range);
    if (!saved)
        (void)d->handleDeviceLost(tl::unexpected(saved.error()));
    return saved;
}

Result<void> Session::loadCache(
    std::span<const std::int32_t> added, std::span<const std::byte> bytes)
{
    if (d->backend == nullptr) {
        if (auto ok = d->fallBackToCpu(); !ok)
            return ok;
    }
    if (auto ok = d->check(added); !ok)
        return ok;
    auto loaded
        = d->handleDeviceLost(d->backend->loadCache({d->tokens.size(), added.size()}, bytes));
    if (loaded && !added.empty()) {
        d->clearLastLogits();
        d->tokens.insert(d->tokens.end(), added.begin(), added.end());
    }
    return loaded;
}

std::span<const std::int32_t> Session::tokens() const
{
    return d->tokens;
}

void Session::truncate(std::size_t count)
{
    if (count >= d->tokens.size())
        return;
    d->tokens.resize(count); // there are some, so there is a backend
    d->backend->truncate(count);
    d->clearLastLogits();
}

std::uint32_t Session::contextLength() const
{
    return d->plan.contextLength;
}

const PlacementPlan& Session::plan() const
{
    return d->plan;
}

const Model& Session::model() const
{
    return *d->model;
}

unsigned Session::threads() const
{
    return d->plan.threads;
}

std::uint64_t Session::decodeBytesPerToken() const
{
    return d->plan.bytesPerToken + d->network.cacheBytesRead(d->tokens.size() + 1);
}

BackendReport Session::report() const
{
    return d->backend ? d->backend->report() : BackendReport{};
}

std::span<const LayerRouting> Session::routing() const
{
    return d->routing;
}

} // namespace ponder
