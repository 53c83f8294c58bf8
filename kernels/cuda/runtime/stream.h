#pragma once

#include <memory>
#include <utility>

#include "kernels/cuda/runtime/status.h"

namespace ponder::kernels::cuda {

/// A queue of work on the device. Does not wait for other streams. One thread uses it at a time.
class Stream {
public:
    [[nodiscard]] static Outcome<Stream> create();

    Stream(Stream&& other) noexcept
        : m_stream(std::exchange(other.m_stream, nullptr))
    {
    }
    Stream& operator=(Stream&& other) noexcept
    {
        std::swap(m_stream, other.m_stream);
        return *this;
    }
    ~Stream(); ///< what was queued still runs

    [[nodiscard]] cudaStream_t get() const { return m_stream; }
    /// Until everything queued so far is done; says what went wrong in it.
    Status wait() const;

private:
    explicit Stream(cudaStream_t stream)
        : m_stream(stream)
    {
    }
    cudaStream_t m_stream;
};

/// A mark in a stream.
class Event {
public:
    enum class Timing { Off, On };
    [[nodiscard]] static Outcome<Event> create(Timing timing = Timing::Off);

    Event(Event&& other) noexcept
        : m_event(std::exchange(other.m_event, nullptr))
    {
    }
    Event& operator=(Event&& other) noexcept
    {
        std::swap(m_event, other.m_event);
        return *this;
    }
    ~Event();

    [[nodiscard]] cudaEvent_t get() const { return m_event; }
    Status record(cudaStream_t stream) const;
    Status wait() const; ///< the calling thread, until the mark is reached
    Status isReached(bool& reached) const; ///< does not wait
    Status holdBack(cudaStream_t stream) const; ///< what comes later in stream waits for the mark
    /// From an earlier event to this one; both with Timing::On and reached.
    [[nodiscard]] Outcome<float> millisecondsSince(const Event& earlier) const;

private:
    explicit Event(cudaEvent_t event)
        : m_event(event)
    {
    }
    cudaEvent_t m_event;
};

/// Steps that were recorded once and are given to the device in one call.
class Graph {
public:
    Graph(Graph&& other) noexcept
        : m_exec(std::exchange(other.m_exec, nullptr))
    {
    }
    Graph& operator=(Graph&& other) noexcept
    {
        std::swap(m_exec, other.m_exec);
        return *this;
    }
    ~Graph();

    Status launch(cudaStream_t stream) const;

private:
    friend class GraphRecorder;
    explicit Graph(cudaGraphExec_t exec)
        : m_exec(exec)
    {
    }
    cudaGraphExec_t m_exec;
};

/// From its making until finish(), what the stream is given is recorded instead of run. Pointers
/// and sizes are kept as they are: what changes between launches must be read from device memory.
/// Another stream takes part after Event::holdBack() with an event of this one, and must be joined
/// the same way before finish().
class GraphRecorder {
public:
    [[nodiscard]] static Outcome<GraphRecorder> begin(cudaStream_t stream);

    GraphRecorder(GraphRecorder&& other) noexcept
        : m_stream(std::exchange(other.m_stream, nullptr))
    {
    }
    GraphRecorder& operator=(GraphRecorder&&) = delete;
    ~GraphRecorder(); ///< without finish(): the recording is thrown away

    [[nodiscard]] Outcome<Graph> finish();

private:
    explicit GraphRecorder(cudaStream_t stream)
        : m_stream(stream)
    {
    }
    cudaStream_t m_stream;
};

} // namespace ponder::kernels::cuda
