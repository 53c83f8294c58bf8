#include "kernels/cuda/emulation/host_state.h"

// Recordings and graphs.

namespace ponder::emulation {

Graph* recordingHere()
{
    for (const auto& stream : state().streams) {
        if (stream->capture == nullptr || !stream->captureOrigin)
            continue;
        Graph& graph = *stream->capture;
        if (graph.mode == cudaStreamCaptureModeGlobal
            || (graph.mode == cudaStreamCaptureModeThreadLocal
                && graph.recorder == std::this_thread::get_id()))
            return &graph;
    }
    return nullptr;
}

cudaError_t spoil(Graph& recording, const std::string& what)
{
    recording.isInvalid = true;
    return wrong(cudaErrorStreamCaptureUnsupported, what);
}

} // namespace ponder::emulation

using namespace ponder::emulation;

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode)
{
    if (stream == nullptr || stream->capture != nullptr)
        return wrong(cudaErrorStreamCaptureUnsupported, "this stream cannot record");
    stream->capture = std::make_shared<Graph>();
    stream->capture->isRecording = true;
    stream->capture->mode = mode;
    stream->capture->recorder = std::this_thread::get_id();
    stream->captureOrigin = true;
    return result(cudaSuccess);
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph)
{
    *graph = nullptr;
    if (stream->capture == nullptr || !stream->captureOrigin)
        return wrong(cudaErrorStreamCaptureInvalidated, "this stream did not begin to record");
    const std::shared_ptr<Graph> capture = stream->capture;
    capture->isRecording = false;
    for (const auto& other : state().streams) {
        if (other->capture == capture)
            other->capture.reset();
    }
    stream->captureOrigin = false;
    if (capture->isInvalid)
        return result(cudaErrorStreamCaptureInvalidated);
    *graph = new Graph(*capture);
    return result(cudaSuccess);
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* exec, cudaGraph_t graph, unsigned long long)
{
    *exec = new Graph(*graph);
    return result(cudaSuccess);
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream)
{
    ++machine().graphLaunches;
    for (const Work& node : exec->nodes) {
        if (node.kernel == nullptr)
            continue;
        if (const std::string why = refusal(*node.kernel); !why.empty())
            return wrong(cudaErrorInvalidValue, why + ", in a graph");
    }
    bool isFirst = true;
    for (Work node : exec->nodes) {
        node.isApart = std::exchange(isFirst, false);
        node.hasAttribute = node.kernel != nullptr && hasAttribute(*node.kernel);
        if (const cudaError_t error = enqueue(stream, std::move(node)); error != cudaSuccess)
            return error;
    }
    return result(cudaSuccess);
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph)
{
    delete graph;
    return result(cudaSuccess);
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec)
{
    drainAll();
    delete exec;
    return result(cudaSuccess);
}
