#include "engine/generate/session.h"

#include <algorithm>
#include <cmath>
#include <new>
#include <optional>

#include "engine/backend/placement.h"
#include "engine/file/disk_speed.h"

namespace ponder {

class Session::Private {
public:
    Private(std::shared_ptr<const Model> sharedModel, SessionOptions sessionOptions, Placed placed)
        : model(std::move(sharedModel))
        , network(model->network())
        , options(std::move(sessionOptions))
        , plan(std::move(placed.plan))
        , backend(std::move(placed.backend))
    {
    }

    [[nodiscard]] Result<void> check(std::span<const std::int32_t> added) const;
    /// Evaluates tokens batch by batch; after(first, count) may ask the backend for logits.
    template <typename After>
    [[nodiscard]] Result<void> run(
        std::span<const std::int32_t> added, const std::stop_token& stop, const After& after);
    [[nodiscard]] Result<void> runLayers(const std::stop_token& stop);
    [[nodiscard]] Result<void> goOnOnProcessor();
    [[nodiscard]] Result<void> lost(Result<void> result);
    void noteRouting();
    void forgetLast();
    /// The last token's logits, or what sampling needs of them, and whether they are numbers.
    [[nodiscard]] Result<bool> takeLast(std::size_t token);
    [[nodiscard]] Result<void> fetchLogits();
    [[nodiscard]] Result<void> headOf(
        std::size_t first, std::size_t count, std::span<float> values);

    std::shared_ptr<const Model> model;
    const Network& network;
    SessionOptions options;
    PlacementPlan plan;
    std::unique_ptr<Backend> backend;
    std::vector<std::int32_t> tokens;
    std::vector<float> logits; // [vocabularySize] or empty
    std::optional<kernels::LogitSummary>
        summary; // of the last token; logits are fetched when asked for
    std::size_t last = 0; // of the last batch, when there is a summary
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

Result<void> Session::Private::runLayers(const std::stop_token& stop)
{
    for (std::size_t layer = 0; layer < network.layers.size(); ++layer) {
        if (stop.stop_requested() || model->file().isLost())
            break;
        backend->attention(layer);
        if (stop.stop_requested())
            break;
        backend->feedForward(layer);
    }
    // Asked for after the last step, too: what was told to stop must not look finished.
    if (stop.stop_requested())
        return fail(ErrorCode::Cancelled, "Stopped.");
    return model->intact();
}

void Session::Private::noteRouting()
{
    routing.clear();
    for (std::size_t layer = 0; layer < network.layers.size(); ++layer) {
        const ExpertChoice choice = backend->lastChoice(layer);
        if (!choice.experts.empty())
            routing.push_back(
                {static_cast<std::uint32_t>(layer), {choice.experts.begin(), choice.experts.end()},
                    {choice.weights.begin(), choice.weights.end()}});
    }
}

/// Puts the processor in the place of a GPU that was lost.
Result<void> Session::Private::goOnOnProcessor()
{
    PlacementWish wish{options.contextLength, options.threads, options.batch};
    wish.heldBytes = network.reorderedBytes;
    wish.largerThanMemory = options.largerThanMemory;
    auto placed = placeOnProcessor(network, wish);
    if (!placed)
        return tl::unexpected(placed.error());
    placed->plan.remark = plan.remark;
    plan = std::move(placed->plan);
    backend = std::move(placed->backend);
    return {};
}

/// Lets go of a GPU that was lost, with all that it held.
Result<void> Session::Private::lost(Result<void> result)
{
    if (result || result.error().code != ErrorCode::DeviceLost)
        return result;
    plan.remark = result.error().message;
    backend.reset();
    tokens.clear();
    forgetLast();
    return result;
}

void Session::Private::forgetLast()
{
    logits.clear();
    summary.reset();
    routing.clear();
}

Result<bool> Session::Private::takeLast(std::size_t token)
{
    auto summarised = backend->summary(token);
    if (!summarised)
        return tl::unexpected(summarised.error());
    last = token;
    if (*summarised) {
        if (auto ok = model->intact(); !ok)
            return tl::unexpected(ok.error());
        summary = *summarised;
        return summary->valid != 0;
    }
    if (auto made = fetchLogits(); !made)
        return tl::unexpected(made.error());
    return std::ranges::all_of(logits, [](float l) { return std::isfinite(l); });
}

/// Logits, and that they were computed with the model's weights.
Result<void> Session::Private::headOf(std::size_t first, std::size_t count, std::span<float> values)
{
    if (auto made = backend->head(first, count, values); !made)
        return made;
    return model->intact();
}

Result<void> Session::Private::fetchLogits()
{
    logits.resize(network.vocabularySize);
    auto made = headOf(last, 1, logits);
    if (!made)
        logits.clear();
    return made;
}

template <typename After>
Result<void> Session::Private::run(
    std::span<const std::int32_t> added, const std::stop_token& stop, const After& after)
{
    if (backend == nullptr) {
        if (auto ok = goOnOnProcessor(); !ok)
            return ok;
    }
    if (auto ok = check(added); !ok)
        return ok;
    if (added.empty())
        return {};
    forgetLast();
    if (auto ok = model->intact(); !ok)
        return ok;
    for (std::size_t done = 0; done < added.size();) {
        const auto batch
            = added.subspan(done, std::min<std::size_t>(plan.batch, added.size() - done));
        if (auto ok = backend->begin(batch, tokens.size()); !ok)
            return ok;
        if (auto ok = runLayers(stop); !ok)
            return ok;
        tokens.insert(tokens.end(), batch.begin(), batch.end());
        done += batch.size();
        if (auto ok = after(done - batch.size(), batch.size()); !ok)
            return ok;
    }
    if (options.recordRouting)
        noteRouting();
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

/// Places a model. Where its weights do not fit into memory the disk's speed is measured, since what is
/// then said to a person depends on it.
Result<Placed> placeModel(const Model& model, const SessionOptions& options)
{
    PlacementWish wish{
        options.contextLength, options.threads, options.batch, options.device, options.cache};
    wish.largerThanMemory = options.largerThanMemory;
    const Network& network = model.network();
    if (auto ok = prepareWeights(model); !ok)
        return tl::unexpected(ok.error());
    wish.heldBytes = network.reorderedBytes;
    if (wish.largerThanMemory && network.weightBytes() > Machine::detect().availableBytes)
        wish.diskBandwidth = measureDiskSpeed(model.file());
    auto placed = place(network, options.cuda.get(), wish);
    if (!placed && opensLargerThanMemory(placed.error())) {
        wish.diskBandwidth = measureDiskSpeed(model.file());
        placed = place(network, options.cuda.get(), wish);
    }
    return placed;
}

} // namespace

Result<std::unique_ptr<Session>> Session::create(
    std::shared_ptr<const Model> model, const SessionOptions& options)
{
    if (model == nullptr)
        return fail(ErrorCode::InvalidArgument, "A session needs a model.");
    try {
        auto placed = placeModel(*model, options);
        if (!placed)
            return tl::unexpected(placed.error());
        if (auto ok = model->intact(); !ok) // what a GPU was given was read from it
            return tl::unexpected(ok.error());
        return std::unique_ptr<Session>(
            new Session(std::make_unique<Private>(std::move(model), options, std::move(*placed))));
    } catch (const std::bad_alloc&) {
        return fail(ErrorCode::OutOfMemory,
            "There is no memory for a session. Close other programs or choose a smaller model.");
    }
}

Result<void> Session::prefill(
    std::span<const std::int32_t> added, const std::stop_token& stop, const Progress& progress)
{
    try {
        bool finite = true;
        auto ok = d->lost(
            d->run(added, stop, [&](std::size_t first, std::size_t count) -> Result<void> {
                if (first + count == added.size()) {
                    const auto taken = d->takeLast(count - 1);
                    if (!taken)
                        return tl::unexpected(taken.error());
                    finite = *taken;
                }
                if (progress)
                    progress(first + count, added.size());
                return {};
            }));
        if (ok && !finite) {
            d->forgetLast();
            return tl::unexpected(d->model->damage());
        }
        return ok;
    } catch (const std::bad_alloc&) {
        return fail(ErrorCode::OutOfMemory,
            "There is not enough memory to go on. Close other programs or choose a shorter "
            "context.");
    }
}

Result<void> Session::evaluate(
    std::span<const std::int32_t> added, const LogitSink& sink, const std::stop_token& stop)
{
    constexpr std::size_t kAtOnce = 32; // tokens whose logits are held at a time
    try {
        std::vector<float> rows(std::min(kAtOnce, added.size()) * d->network.vocabularySize);
        return d->lost(
            d->run(added, stop, [&](std::size_t first, std::size_t count) -> Result<void> {
                for (std::size_t i = 0; i < count; i += kAtOnce) {
                    const std::size_t n = std::min(kAtOnce, count - i);
                    const auto part = std::span(rows).first(n * d->network.vocabularySize);
                    if (auto made = d->headOf(i, n, part); !made)
                        return made;
                    if (first + i + n == added.size()) {
                        const auto last = part.last(d->network.vocabularySize);
                        d->logits.assign(last.begin(), last.end());
                    }
                    sink(first + i, n, part);
                }
                return {};
            }));
    } catch (const std::bad_alloc&) {
        return fail(ErrorCode::OutOfMemory,
            "There is not enough memory to go on. Close other programs or choose a shorter "
            "context.");
    }
}

std::span<const float> Session::logits() const
{
    if (d->logits.empty() && d->summary)
        (void)d->lost(d->fetchLogits());
    return d->logits;
}

Result<SampledToken> Session::sample(Sampler& sampler)
{
    if (d->summary) {
        auto sampled = sampler.sample(*d->summary);
        if (!sampled)
            return tl::unexpected(sampled.error());
        if (*sampled) {
            d->backend->setDraw(sampler.nextDraw());
            return **sampled;
        }
        if (d->logits.empty()) {
            if (auto fetched = d->lost(d->fetchLogits()); !fetched)
                return tl::unexpected(fetched.error());
        }
    }
    auto sampled = sampler.sample(d->logits, d->tokens);
    if (d->backend != nullptr)
        d->backend->setDraw(sampler.nextDraw());
    return sampled;
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
    d->forgetLast();
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
