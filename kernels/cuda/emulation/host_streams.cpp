#include "kernels/cuda/emulation/host_state.h"

#include <algorithm>

// Streams and events: what is queued, and when it runs.

namespace ponder::emulation {

namespace {

constexpr std::size_t kMaxNotReady = 3; // answers before something is ready

int depth = 0; // of work that runs other work

/// The first of what is queued. Where the next is a kernel that may overlap with it, that begins.
void runFirst(Stream& stream)
{
    State& s = state();
    const Work work = std::move(stream.queue.front());
    stream.queue.pop_front();
    ++stream.done;
    std::unique_ptr<Grid> grid = std::move(stream.ahead);
    if (s.sticky != cudaSuccess)
        return;
    ++depth;
    if (work.kernel == nullptr) {
        work.run();
    } else {
        if (grid == nullptr)
            grid = makeGrid(work.kernel);
        if (s.machine.overlaps && !stream.queue.empty()) {
            const Work& next = stream.queue.front();
            if (next.kernel != nullptr && next.kernel->overlap && !next.isApart
                && next.recordedIn == work.recordedIn) {
                stream.ahead = makeGrid(next.kernel);
                stream.ahead->runAhead();
            }
        }
        runKernel(work, *grid);
    }
    --depth;
}

/// Any stream that has something to do; null: none.
Stream* anyStream()
{
    State& s = state();
    const std::size_t count = s.streams.size() + 1;
    const std::size_t first = s.roll(count);
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t at = (first + i) % count;
        Stream& stream = at == s.streams.size() ? s.nullStream : *s.streams[at];
        if (!stream.queue.empty())
            return &stream;
    }
    return nullptr;
}

/// Other streams have turns only where nothing is half done.
bool takesTurns()
{
    return machine().order == Order::Random && depth == 0;
}

} // namespace

Stream& streamOf(cudaStream_t stream)
{
    return stream == nullptr ? state().nullStream : *stream;
}

void drain(Stream& stream, std::size_t upTo)
{
    while (stream.done < upTo && !stream.queue.empty()) {
        Stream* const other = takesTurns() && state().roll(2) == 0 ? anyStream() : nullptr;
        runFirst(other == nullptr ? stream : *other);
    }
}

void drainAll()
{
    while (takesTurns()) {
        Stream* const stream = anyStream();
        if (stream == nullptr)
            return;
        runFirst(*stream);
    }
    for (const auto& stream : state().streams)
        drain(*stream, stream->queued);
    drain(state().nullStream, state().nullStream.queued);
}

cudaError_t enqueue(cudaStream_t stream, Work work)
{
    Stream& s = streamOf(stream);
    if (s.capture != nullptr) {
        if (s.capture->isInvalid)
            return result(cudaErrorStreamCaptureInvalidated);
        work.recordedIn = &s;
        s.capture->nodes.push_back(std::move(work));
        return result(cudaSuccess);
    }
    s.queue.push_back(std::move(work));
    ++s.queued;
    return result(cudaSuccess);
}

cudaError_t enqueue(cudaStream_t stream, std::function<void()> run)
{
    Work work;
    work.run = std::move(run);
    return enqueue(stream, std::move(work));
}

} // namespace ponder::emulation

using namespace ponder::emulation;

namespace {

int someAnswers()
{
    return static_cast<int>(state().roll(kMaxNotReady + 1));
}

/// The recording that an event belongs to, where it is waited for by the host.
cudaError_t waitedForWhileRecording(cudaEvent_t event)
{
    const std::string what = "an event of a recording is waited for";
    return event->capture->isRecording ? spoil(*event->capture, what)
                                       : wrong(cudaErrorCapturedEvent, what);
}

} // namespace

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned)
{
    state().streams.push_back(std::make_unique<Stream>());
    *stream = state().streams.back().get();
    return result(cudaSuccess);
}

cudaError_t cudaStreamDestroy(cudaStream_t stream)
{
    drain(*stream, stream->queued);
    std::erase_if(state().streams, [&](const auto& s) { return s.get() == stream; });
    return result(cudaSuccess);
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream)
{
    Stream& s = streamOf(stream);
    if (s.capture != nullptr)
        return spoil(*s.capture, "a stream is waited for while it records");
    if (stream == nullptr)
        PONDER_REFUSE_WHILE_RECORDING("cudaStreamSynchronize of the legacy stream");
    drain(s, s.queued);
    return result(cudaSuccess);
}

cudaError_t cudaStreamQuery(cudaStream_t stream)
{
    Stream& s = streamOf(stream);
    if (s.capture == nullptr && s.done < s.queued && state().sticky == cudaSuccess) {
        if (s.answersNotReady < 0)
            s.answersNotReady = someAnswers();
        if (s.answersNotReady-- > 0)
            return result(cudaErrorNotReady);
    }
    return cudaStreamSynchronize(stream);
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned)
{
    *event = new Event;
    return result(cudaSuccess);
}

cudaError_t cudaEventDestroy(cudaEvent_t event)
{
    drainAll();
    delete event;
    return result(cudaSuccess);
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream)
{
    Stream& s = streamOf(stream);
    event->capture = s.capture;
    if (s.capture != nullptr) // only says after what another stream's nodes come
        return result(s.capture->isInvalid ? cudaErrorStreamCaptureInvalidated : cudaSuccess);
    const cudaError_t error
        = enqueue(stream, [event] { event->time = std::chrono::steady_clock::now(); });
    event->stream = &s;
    event->position = s.queued;
    event->answersNotReady = someAnswers();
    return error;
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned)
{
    Stream& s = streamOf(stream);
    if (event->capture != nullptr) {
        if (!event->capture->isRecording)
            return wrong(cudaErrorCapturedEvent, "a stream waits for an event of a recording");
        s.capture = event->capture; // joins; nodes run in the order of recording
        return result(cudaSuccess);
    }
    if (event->stream == nullptr)
        return result(cudaSuccess);
    return enqueue(
        stream, [from = event->stream, position = event->position] { drain(*from, position); });
}

cudaError_t cudaEventSynchronize(cudaEvent_t event)
{
    if (event->capture != nullptr)
        return waitedForWhileRecording(event);
    if (event->stream != nullptr)
        drain(*event->stream, event->position);
    return result(cudaSuccess);
}

cudaError_t cudaEventQuery(cudaEvent_t event)
{
    if (event->capture == nullptr && event->stream != nullptr
        && event->stream->done < event->position && state().sticky == cudaSuccess
        && event->answersNotReady-- > 0)
        return result(cudaErrorNotReady);
    return cudaEventSynchronize(event);
}

cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t from, cudaEvent_t to)
{
    *milliseconds = std::chrono::duration<float, std::milli>(to->time - from->time).count();
    return result(cudaSuccess);
}

cudaError_t cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t function, void* data)
{
    return enqueue(stream, [=] { function(data); });
}
