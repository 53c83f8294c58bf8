#include "ui/chat/local_engine.h"

#include "engine/model/model.h"

namespace ponder {

LocalEngine::LocalEngine() = default;
LocalEngine::~LocalEngine() = default;

Result<OpenModel> LocalEngine::open(const OpenRequest& request,
    const std::function<void(double)>& progress, const std::stop_token& stop)
{
    // Mapping and checking takes milliseconds, so all that can be refused is refused before
    // gigabytes are read and before the model in use is let go.
    auto checked = Model::open(request.path);
    if (!checked)
        return tl::unexpected(std::move(checked.error()));
    auto text = ModelText::load((*checked)->file());
    if (!text)
        return tl::unexpected(std::move(text.error()));
    SessionOptions options;
    options.contextLength = request.contextLength;
    options.threads = request.threads;
    auto plan = planPlacement((*checked)->network(), Machine::detect(),
        {options.contextLength, options.threads, options.batch});
    if (!plan)
        return tl::unexpected(std::move(plan.error()));

    ModelOpenOptions warm;
    warm.warm = true;
    warm.stop = stop;
    warm.progress = [&](std::uint64_t done, std::uint64_t total) {
        progress(total == 0 ? 1 : double(done) / double(total));
    };
    auto model = Model::open(request.path, warm);
    if (!model)
        return tl::unexpected(std::move(model.error()));
    auto session = Session::create(*model, options);
    if (!session)
        return tl::unexpected(std::move(session.error()));

    const ModelInfo& info = (*model)->info();
    OpenModel open;
    open.path = request.path;
    open.name = info.name;
    open.architecture = info.architecture;
    open.quantisation = info.quantisation;
    open.fingerprint = info.fingerprint;
    open.fileBytes = info.fileBytes;
    open.contextLength = (*session)->contextLength();
    open.threads = (*session)->threads();
    open.plan = (*session)->plan().summary();
    open.recommended = recommendedSampling((*model)->file());
    m_chat = std::make_unique<ChatSession>(std::move(*session), std::move(*text));
    return open;
}

void LocalEngine::close()
{
    m_chat.reset();
}

Result<Finish> LocalEngine::generate(const ChatRequest& request,
    const std::function<void(const TokenEvent&)>& sink,
    const std::function<void(const PromptProgress&)>& progress, const std::stop_token& stop)
{
    if (!m_chat)
        return fail(ErrorCode::InvalidArgument, "No model is open: open one first.");
    return m_chat->generate(
        request, sink, stop, [&](std::size_t done, std::size_t total) { progress({done, total}); });
}

} // namespace ponder
