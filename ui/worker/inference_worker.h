#pragma once

#include <QElapsedTimer>
#include <QHash>
#include <QList>
#include <QObject>
#include <QPointer>
#include <QTimer>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <variant>

#include "engine/inference_engine.h"

namespace ponder {

/// How an answer ended. A struct of its own, because signals carry no bare tl::expected.
struct AnswerOutcome {
    Result<Finish> result;
};

/// One answer that the worker was asked for. Its owner may destroy it at any time: then no signal follows, and the
/// worker goes on until stop().
class Generation : public QObject {
    Q_OBJECT

signals:
    void promptProgressed(const ponder::PromptProgress& progress);
    /// One frame's worth of tokens, in order.
    void tokensArrived(const QList<ponder::TokenEvent>& events);
    /// The last signal.
    void finished(const ponder::AnswerOutcome& outcome);
};

/// The one thread that owns the model and its session, seen from the GUI thread.
///
/// Requests run in order, one at a time. Events wait in a queue. The GUI thread empties it at most once a frame and for at most a few milliseconds, so that a fast model
/// cannot flood the window. Nobody waits for anybody, except the destructor for the thread's end.
/// All public functions and signals belong to the GUI thread.
class InferenceWorker : public QObject {
    Q_OBJECT

public:
    explicit InferenceWorker(std::unique_ptr<InferenceEngine> engine, QObject* parent = nullptr);
    /// Stops what is running and joins the thread.
    ~InferenceWorker() override;

    /// Opens a model in place of the one that is open. Ends in opened or openFailed, after which
    /// the one before is still open.
    void open(const OpenRequest& request);
    /// Answers a conversation; ends in finished, of the worker and of what it returns.
    [[nodiscard]] std::unique_ptr<Generation> generate(const ChatRequest& request);
    /// Closes the model, which gives its memory back.
    void close();
    /// Asks which GPUs can be chosen, after what is running; ends in gpusListed.
    void listGpus();
    /// The shortest time between two deliveries of tokens; everything else is delivered at most once a frame. Each
    /// delivery makes the window draw, which takes the processor's time where it draws.
    void setPace(std::chrono::milliseconds pace) { m_pace = int(pace.count()); }
    /// An answer was asked for and has not ended.
    [[nodiscard]] bool isAnswering() const { return !m_generations.isEmpty(); }
    /// Stops what is running and drops what waits: each still ends with its signal (Cancelled).
    void stop();
    /// For the end of the program: stops, waits for the thread (one token, or a fraction of a
    /// second of prefill) and delivers all that is left. Nothing can be asked of it afterwards.
    void shutDown();

signals:
    void openProgressed(double fraction);
    void opened(const ponder::OpenModel& model);
    void openFailed(const ponder::Error& error);
    /// Where the model computes now: comes before what changed it (opened, finished) ends.
    void placed(const ponder::ComputePlace& place);
    void gpusListed(const ponder::GpuList& list);
    /// An answer ended, whichever it was.
    void finished(const ponder::AnswerOutcome& outcome);

private:
    using Ticket = quint64; ///< which answer an event is of

    struct OpenProgressed {
        double fraction;
    };
    struct OpenDone {
        Result<OpenModel> result;
    };
    struct PromptRead {
        Ticket ticket;
        PromptProgress progress;
    };
    struct Token {
        Ticket ticket;
        TokenEvent event;
    };
    struct Done {
        Ticket ticket;
        AnswerOutcome outcome;
    };
    using Event
        = std::variant<OpenProgressed, OpenDone, PromptRead, Token, Done, ComputePlace, GpuList>;
    /// Runs on the inference thread.
    using Job = std::function<void(const std::stop_token&)>;

    void enqueue(Job job);
    void run(const std::stop_token& quit);
    void post(Event event);
    void postPlace();
    void wake();
    void drain(int budgetMs);
    void deliver(Event& event);
    void flushTokens();

    // GUI thread
    QTimer m_frame;
    QElapsedTimer m_sinceDrain;
    QList<TokenEvent> m_batch;
    Ticket m_batchTicket = 0;
    Ticket m_lastTicket = 0;
    QHash<Ticket, QPointer<Generation>> m_generations; ///< asked for and not ended
    int m_pace; ///< milliseconds

    // inference thread
    std::unique_ptr<InferenceEngine> m_engine;
    ComputePlace m_place; ///< as it was posted last

    // both, under the mutex
    std::mutex m_mutex;
    std::condition_variable_any m_hasJob;
    struct Pending {
        Job job;
        std::stop_source stop;
    };
    std::deque<Pending> m_jobs;
    std::stop_source m_running;
    std::deque<Event> m_events;
    bool m_wakePosted = false;
    bool m_urgent = false; ///< among the events is one that is no token

    std::atomic<bool> m_quitting{false};
    std::jthread m_thread; // last: joins before the rest goes
};

} // namespace ponder
