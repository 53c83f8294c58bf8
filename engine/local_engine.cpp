#include "engine/local_engine.h"

#include "engine/model/model.h"
#include "engine/plan/plan_model.h"
#include "kernels/cpu/bandwidth/bandwidth.h"
#include "kernels/cpu/cpu.h"

#include <fstream>
#include <iterator>
#include <utility>

namespace ponder {

using Kind = DeviceChoice::Kind;

namespace {

constexpr std::uintmax_t kLongestTemplate = 1U << 20U; // bytes

Result<TemplateChoice> choiceOf(const OpenRequest& request)
{
    if (!request.templateSource.empty())
        return TemplateChoice{request.templateSource, {}};
    if (request.templateFile.empty())
        return TemplateChoice{{}, request.templateForm};
    std::ifstream file(request.templateFile, std::ios::binary);
    std::error_code ignored;
    const auto size = std::filesystem::file_size(request.templateFile, ignored);
    std::string source;
    if (file && !ignored && size <= kLongestTemplate)
        source.assign(std::istreambuf_iterator<char>(file), {});
    if (source.find_first_not_of(" \t\r\n") == std::string::npos)
        return fail(ErrorCode::TemplateFailed,
            "The chat template " + request.templateFile.string() + " cannot be read, or is empty.");
    return TemplateChoice{std::move(source), {}};
}

/// The model's text with the template that was chosen; where that cannot be used and the request is not strict, with
/// its own, and `refused` says why.
Result<ModelText> readText(const ModelFile& file, const OpenRequest& request, std::string& refused)
{
    auto choice = choiceOf(request);
    auto text = choice ? ModelText::load(file, *choice) : tl::unexpected(choice.error());
    if (!text && !request.strict
        && (text.error().code == ErrorCode::TemplateFailed
            || text.error().code == ErrorCode::InvalidArgument)) {
        refused = text.error().message + " The model's own is used instead.";
        text = ModelText::load(file);
    }
    return text;
}

} // namespace

LocalEngine::LocalEngine()
    : LocalEngine([] { return CudaModule::load(); })
{
}

LocalEngine::LocalEngine(ModuleLoader loadModule)
    : m_loadModule(std::move(loadModule))
{
}

LocalEngine::~LocalEngine() = default;

const GpuShare* LocalEngine::Opened::gpu() const
{
    return session != nullptr && !gpuLost && session->plan().gpu ? &*session->plan().gpu : nullptr;
}

std::shared_ptr<const CudaModule> LocalEngine::module()
{
    if (m_module == nullptr) {
        auto loaded = m_loadModule();
        m_noModule = loaded ? Error{} : loaded.error();
        if (loaded)
            m_module = std::move(*loaded);
    }
    return m_module;
}

Result<OpenModel> LocalEngine::open(const OpenRequest& request,
    const std::function<void(double)>& progress, const std::stop_token& stop)
{
    auto opened = tryOpen(request, progress, stop);
    leaveOtherGpus();
    return opened;
}

Result<OpenModel> LocalEngine::tryOpen(const OpenRequest& request,
    const std::function<void(double)>& progress, const std::stop_token& stop)
{
    // Mapping and checking takes milliseconds, so all that can be refused is refused before
    // gigabytes are read and before the model in use is let go.
    auto checked = Model::open(request.path);
    if (!checked)
        return tl::unexpected(std::move(checked.error()));
    std::string templateRefused;
    auto text = readText((*checked)->file(), request, templateRefused);
    if (!text && request.needsText)
        return tl::unexpected(std::move(text.error()));
    SessionOptions options;
    options.contextLength = request.contextLength;
    options.threads = request.threads;
    options.device = request.device;
    options.cache = request.cache;
    options.largerThanMemory = request.largerThanMemory;
    if (request.device.kind != Kind::Cpu)
        options.cuda = module();
    if (request.strict && request.device.kind == Kind::Cuda && options.cuda == nullptr)
        return tl::unexpected(m_noModule);
    const auto plan = check(**checked, options, request.strict);
    if (!plan)
        return tl::unexpected(plan.error());

    auto model = std::move(checked);
    // Where weights are missing in memory, what was read first would be gone again at the end.
    if (request.warm && plan->missingBytes == 0) {
        ModelOpenOptions warm;
        warm.warm = true;
        warm.stop = stop;
        warm.progress = [&](std::uint64_t done, std::uint64_t total) {
            if (progress)
                progress(total == 0 ? 1 : double(done) / double(total));
        };
        model = Model::open(request.path, warm);
        if (!model)
            return tl::unexpected(std::move(model.error()));
    }

    // Two models rarely fit on one GPU: the one in use makes room, and comes back where this one fails.
    const bool makesRoom = options.cuda != nullptr && m_opened.gpu() != nullptr;
    if (makesRoom)
        end(m_opened);
    Opened next;
    next.model = *model;
    if (text)
        next.text = std::move(*text);
    next.options = std::move(options);
    next.strict = request.strict;
    if (auto begun = begin(next); !begun) {
        if (makesRoom && !begin(m_opened))
            m_opened = {};
        return tl::unexpected(std::move(begun.error()));
    }
    m_opened = std::move(next);

    const ModelInfo& info = (*model)->info();
    OpenModel open;
    open.path = request.path;
    open.name = info.name;
    open.architecture = info.architecture;
    open.quantisation = info.quantisation;
    open.fingerprint = info.fingerprint;
    open.fileBytes = info.fileBytes;
    open.contextLength = m_opened.session->contextLength();
    open.threads = m_opened.session->threads();
    open.recommended = recommendedSampling((*model)->file());
    if (m_opened.text) {
        open.chatTemplate = m_opened.text->chatTemplate->name();
        open.remark = m_opened.text->remark();
    }
    if (!templateRefused.empty())
        open.remark = templateRefused + (open.remark.empty() ? "" : " ") + open.remark;
    return open;
}

/// Whether a model can be run once the one in use has given its GPU back.
Result<PlacementPlan> LocalEngine::check(
    const Model& model, const SessionOptions& options, bool strict)
{
    Machine machine = Machine::detect();
    PlacementRequest request{
        options.contextLength, options.threads, options.batch, {Kind::Cpu}, options.cache};
    request.largerThanMemory = options.largerThanMemory;
    if (options.cuda != nullptr) {
        m_touchedGpus = true;
        request.device = strict ? options.device : DeviceChoice{};
        auto gpus = options.cuda->devices();
        if (!gpus && request.device.kind == Kind::Cuda)
            return tl::unexpected(gpus.error());
        machine.gpus = std::move(gpus).value_or(std::vector<Gpu>{});
        const GpuShare* held = m_opened.gpu();
        for (Gpu& gpu : machine.gpus) {
            if (held != nullptr && gpu.index == held->gpu.index)
                gpu.availableBytes += held->totalBytes();
        }
    }
    return planModel(model, machine, request);
}

/// Makes the session. A GPU that was requested and cannot be used is done without, where the request is not strict;
/// `refused` says why.
Result<void> LocalEngine::begin(Opened& opened)
{
    const auto make = [this, &opened](const DeviceChoice& device) {
        SessionOptions options = opened.options;
        options.device = device;
        m_touchedGpus |= options.cuda != nullptr;
        return Session::create(opened.model, options);
    };
    const bool requestsGpu = opened.options.device.kind == Kind::Cuda;
    const bool canTry = !requestsGpu || opened.options.cuda != nullptr;
    opened.refused = canTry ? std::string() : m_noModule.message;
    auto session = make(canTry ? opened.options.device : DeviceChoice{});
    if (!session && requestsGpu && canTry && !opened.strict) {
        opened.refused = session.error().message;
        leaveOtherGpus();
        session = make({});
    }
    if (!session)
        return tl::unexpected(std::move(session.error()));
    opened.gpuLost = false;
    opened.session = session->get();
    if (opened.text)
        opened.chat = std::make_unique<ChatSession>(std::move(*session), *opened.text);
    else
        opened.bare = std::move(*session);
    return {};
}

/// Gives back what the session holds; begin() takes it up again.
void LocalEngine::end(Opened& opened)
{
    opened.session = nullptr;
    opened.chat.reset();
    opened.bare.reset();
    leaveOtherGpus();
}

/// Leaves nothing on any GPU but the one that computes.
void LocalEngine::leaveOtherGpus()
{
    if (m_module == nullptr || !m_touchedGpus)
        return;
    const GpuShare* held = m_opened.gpu();
    m_module->release(held != nullptr ? held->gpu.index : -1);
    m_touchedGpus = held != nullptr;
}

void LocalEngine::close()
{
    end(m_opened);
    m_opened = {};
}

ComputePlace LocalEngine::place() const
{
    if (m_opened.session == nullptr)
        return {};
    const PlacementPlan& plan = m_opened.session->plan();
    ComputePlace place;
    place.device = "cpu";
    place.remark = plan.remark;
    if (plan.gpu && m_opened.gpuLost)
        return place; // the processor's plan is made when something is asked of it
    place.device = plan.device();
    place.plan = plan.summary();
    if (plan.gpu) {
        place.gpu = plan.gpu->gpu.name;
        place.shared = !plan.gpu->isWhole();
    }
    if (!m_opened.refused.empty()) {
        const std::string instead
            = (plan.gpu ? place.gpu : std::string("The processor")) + " computes instead.";
        place.remark = m_opened.refused + ' ' + (plan.remark.empty() ? instead : plan.remark);
    }
    return place;
}

Result<double> LocalEngine::measureBandwidth()
{
    if (const GpuShare* gpu = m_opened.gpu())
        return m_module->copyBandwidth(gpu->gpu.index);
    kernels::Cpu cpu(kernels::ThreadPool::Options{.threads = m_opened.session->threads()});
    return kernels::measureReadBandwidth(cpu);
}

GpuList LocalEngine::gpus()
{
    GpuList list;
    const auto cuda = module();
    if (cuda == nullptr) {
        list.reason = m_noModule.message;
        return list;
    }
    m_touchedGpus = true;
    auto found = cuda->devices();
    if (found)
        list.gpus = std::move(*found);
    else
        list.reason = found.error().message;
    if (list.gpus.empty() && list.reason.empty())
        list.reason = "There is no GPU here that Ponder can use.";
    leaveOtherGpus();
    return list;
}

Result<Finish> LocalEngine::generate(const ChatRequest& request,
    const std::function<void(const TokenEvent&)>& sink,
    const std::function<void(const PromptProgress&)>& progress, const std::stop_token& stop)
{
    if (!m_opened.chat)
        return fail(ErrorCode::InvalidArgument,
            m_opened.session ? "This model's file has no vocabulary, so it cannot answer."
                             : "No model is open: open one first.");
    auto finish
        = m_opened.chat->generate(request, sink, stop, [&](std::size_t done, std::size_t total) {
              if (progress)
                  progress({done, total});
          });
    if (!finish && finish.error().code == ErrorCode::DeviceLost) {
        m_opened.gpuLost = true; // and the session has let go of it
        leaveOtherGpus();
    }
    return finish;
}

} // namespace ponder
