#include "kernels/cuda/runtime/stream.h"

namespace ponder::kernels::cuda {

Outcome<Stream> Stream::create()
{
    cudaStream_t stream = nullptr;
    if (const cudaError_t error = cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);
        error != cudaSuccess)
        return tl::unexpected(Status{error, "cudaStreamCreateWithFlags"});
    return Stream(stream);
}

Stream::~Stream()
{
    if (m_stream != nullptr)
        (void)cudaStreamDestroy(m_stream);
}

Status Stream::wait() const
{
    return {cudaStreamSynchronize(m_stream), "cudaStreamSynchronize"};
}

Outcome<Event> Event::create(Timing timing)
{
    cudaEvent_t event = nullptr;
    const unsigned flags = timing == Timing::On ? 0 : cudaEventDisableTiming;
    if (const cudaError_t error = cudaEventCreateWithFlags(&event, flags); error != cudaSuccess)
        return tl::unexpected(Status{error, "cudaEventCreateWithFlags"});
    return Event(event);
}

Event::~Event()
{
    if (m_event != nullptr)
        (void)cudaEventDestroy(m_event);
}

Status Event::record(cudaStream_t stream) const
{
    return {cudaEventRecord(m_event, stream), "cudaEventRecord"};
}

Status Event::wait() const
{
    return {cudaEventSynchronize(m_event), "cudaEventSynchronize"};
}

Status Event::isReached(bool& reached) const
{
    const cudaError_t error = cudaEventQuery(m_event);
    reached = error == cudaSuccess;
    if (error == cudaErrorNotReady) {
        (void)cudaGetLastError(); // it is reported here, and must not be found by the next call
        return {};
    }
    return {error, "cudaEventQuery"};
}

Status Event::holdBack(cudaStream_t stream) const
{
    return {cudaStreamWaitEvent(stream, m_event, 0), "cudaStreamWaitEvent"};
}

Outcome<float> Event::millisecondsSince(const Event& earlier) const
{
    float milliseconds = 0;
    if (const cudaError_t error = cudaEventElapsedTime(&milliseconds, earlier.m_event, m_event);
        error != cudaSuccess)
        return tl::unexpected(Status{error, "cudaEventElapsedTime"});
    return milliseconds;
}

Graph::~Graph()
{
    if (m_exec != nullptr)
        (void)cudaGraphExecDestroy(m_exec);
}

Status Graph::launch(cudaStream_t stream) const
{
    return {cudaGraphLaunch(m_exec, stream), "cudaGraphLaunch"};
}

Outcome<GraphRecorder> GraphRecorder::begin(cudaStream_t stream)
{
    if (const cudaError_t error = cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal);
        error != cudaSuccess)
        return tl::unexpected(Status{error, "cudaStreamBeginCapture"});
    return GraphRecorder(stream);
}

GraphRecorder::~GraphRecorder()
{
    if (m_stream != nullptr) {
        cudaGraph_t graph = nullptr;
        (void)cudaStreamEndCapture(m_stream, &graph);
        if (graph != nullptr)
            (void)cudaGraphDestroy(graph);
        (void)cudaGetLastError();
    }
}

Outcome<Graph> GraphRecorder::finish()
{
    cudaGraph_t graph = nullptr;
    if (const cudaError_t error = cudaStreamEndCapture(std::exchange(m_stream, nullptr), &graph);
        error != cudaSuccess)
        return tl::unexpected(Status{error, "cudaStreamEndCapture"});
    cudaGraphExec_t exec = nullptr;
    const cudaError_t error = cudaGraphInstantiate(&exec, graph, 0);
    (void)cudaGraphDestroy(graph);
    if (error != cudaSuccess)
        return tl::unexpected(Status{error, "cudaGraphInstantiate"});
    return Graph(exec);
}

} // namespace ponder::kernels::cuda
