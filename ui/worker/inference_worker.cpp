#include "ui/worker/inference_worker.h"

#include <limits>
#include <utility>

namespace ponder {

namespace {

constexpr int kFrameMs = 16;
constexpr int kBudgetMs = 4; ///< of GUI work a frame
constexpr int kNoBudget = std::numeric_limits<int>::max();

} // namespace

InferenceWorker::InferenceWorker(std::unique_ptr<InferenceEngine> engine, QObject* parent)
    : QObject(parent)
    , m_pace(kFrameMs)
    , m_engine(std::move(engine))
{
    m_frame.setSingleShot(true);
    m_frame.setTimerType(Qt::PreciseTimer);
    connect(&m_frame, &QTimer::timeout, this, [this] { drain(kBudgetMs); });
    m_thread = std::jthread([this](const std::stop_token& quit) { run(quit); });
}

InferenceWorker::~InferenceWorker()
{
    m_quitting = true;
    stop();
    m_thread.request_stop(); // and the member's destructor joins
}

void InferenceWorker::open(const OpenRequest& request)
{
    enqueue([this, request](const std::stop_token& stop) {
        if (stop.stop_requested()) {
            post(OpenDone{fail(ErrorCode::Cancelled, tr("Opening was cancelled.").toStdString())});
            return;
        }
        auto opened = m_engine->open(
            request, [this](double fraction) { post(OpenProgressed{fraction}); }, stop);
        postPlace();
        post(OpenDone{std::move(opened)});
    });
}

void InferenceWorker::close()
{
    enqueue([this](const std::stop_token&) {
        m_engine->close();
        postPlace();
    });
}

void InferenceWorker::listGpus()
{
    // Only the end of the program stops it: the settings wait for the list.
    enqueue([this](const std::stop_token&) {
        if (!m_quitting)
            post(m_engine->gpus());
    });
}

std::unique_ptr<Generation> InferenceWorker::generate(const ChatRequest& request)
{
    auto generation = std::make_unique<Generation>();
    const Ticket ticket = ++m_lastTicket;
    m_generations.insert(ticket, generation.get());
    enqueue([this, ticket, request](const std::stop_token& stop) {
        if (stop.stop_requested()) {
            post(Done{ticket, {fail(ErrorCode::Cancelled, tr("Stopped.").toStdString())}});
            return;
        }
        auto result = m_engine->generate(
            request, [this, ticket](const TokenEvent& event) { post(Token{ticket, event}); },
            [this, ticket](const PromptProgress& progress) { post(PromptRead{ticket, progress}); },
            stop);
        postPlace();
        post(Done{ticket, {std::move(result)}});
    });
    return generation;
}

void InferenceWorker::stop()
{
    const std::lock_guard lock(m_mutex);
    m_running.request_stop();
    for (Pending& pending : m_jobs)
        pending.stop.request_stop();
}

void InferenceWorker::shutDown()
{
    m_quitting = true;
    stop();
    m_thread.request_stop();
    if (m_thread.joinable())
        m_thread.join();
    drain(kNoBudget);
}

void InferenceWorker::enqueue(Job job)
{
    {
        const std::lock_guard lock(m_mutex);
        m_jobs.push_back({std::move(job), std::stop_source()});
    }
    m_hasJob.notify_one();
}

void InferenceWorker::run(const std::stop_token& quit)
{
    for (;;) {
        Job job;
        std::stop_token stop;
        {
            std::unique_lock lock(m_mutex);
            if (!m_hasJob.wait(lock, quit, [this] { return !m_jobs.empty(); }))
                break;
            job = std::move(m_jobs.front().job);
            stop = m_jobs.front().stop.get_token();
            m_running = m_jobs.front().stop;
            m_jobs.pop_front();
        }
        job(stop);
    }
    m_engine->close();
}

void InferenceWorker::post(Event event)
{
    bool needsWake = false;
    {
        const std::lock_guard lock(m_mutex);
        const bool isToken = std::holds_alternative<Token>(event);
        m_events.push_back(std::move(event));
        needsWake = !std::exchange(m_wakePosted, true);
        if (!isToken) // what waits for the tokens' pace is woken a second time
            needsWake |= !std::exchange(m_urgent, true);
    }
    if (needsWake)
        QMetaObject::invokeMethod(this, &InferenceWorker::wake, Qt::QueuedConnection);
}

void InferenceWorker::postPlace()
{
    ComputePlace place = m_engine->place();
    if (place == m_place)
        return;
    m_place = place;
    post(std::move(place));
}

void InferenceWorker::wake()
{
    qint64 pace = m_pace;
    {
        const std::lock_guard lock(m_mutex);
        if (m_urgent)
            pace = kFrameMs;
    }
    const qint64 since = m_sinceDrain.isValid() ? m_sinceDrain.elapsed() : pace;
    if (since >= pace)
        drain(kBudgetMs);
    else
        m_frame.start(int(pace - since));
}

void InferenceWorker::drain(int budgetMs)
{
    m_sinceDrain.start();
    std::deque<Event> events;
    {
        const std::lock_guard lock(m_mutex);
        events.swap(m_events);
        m_wakePosted = m_urgent = false;
    }
    m_frame.stop(); // it may have been meant for these
    while (!events.empty() && m_sinceDrain.elapsed() < budgetMs) {
        deliver(events.front());
        events.pop_front();
    }
    flushTokens();
    if (events.empty())
        return;
    {
        const std::lock_guard lock(m_mutex);
        m_events.insert(m_events.begin(), std::make_move_iterator(events.begin()),
            std::make_move_iterator(events.end()));
        m_wakePosted = true;
    }
    m_frame.start(kFrameMs);
}

void InferenceWorker::deliver(Event& event)
{
    if (auto* token = std::get_if<Token>(&event)) {
        if (m_batchTicket != token->ticket)
            flushTokens();
        m_batchTicket = token->ticket;
        m_batch.append(std::move(token->event));
        return;
    }
    flushTokens();
    if (auto* progressed = std::get_if<OpenProgressed>(&event)) {
        emit openProgressed(progressed->fraction);
    } else if (auto* prompt = std::get_if<PromptRead>(&event)) {
        if (Generation* generation = m_generations.value(prompt->ticket))
            emit generation->promptProgressed(prompt->progress);
    } else if (auto* place = std::get_if<ComputePlace>(&event)) {
        emit placed(*place);
    } else if (auto* list = std::get_if<GpuList>(&event)) {
        emit gpusListed(*list);
    } else if (auto* done = std::get_if<Done>(&event)) {
        const QPointer<Generation> generation = m_generations.take(done->ticket);
        emit finished(done->outcome);
        if (generation)
            emit generation->finished(done->outcome);
    } else if (auto* open = std::get_if<OpenDone>(&event)) {
        if (open->result)
            emit opened(*open->result);
        else
            emit openFailed(open->result.error());
    }
}

void InferenceWorker::flushTokens()
{
    if (m_batch.isEmpty())
        return;
    const QList<TokenEvent> batch = std::exchange(m_batch, {});
    if (Generation* generation = m_generations.value(m_batchTicket))
        emit generation->tokensArrived(batch);
}

} // namespace ponder

#include "moc_inference_worker.cpp"
