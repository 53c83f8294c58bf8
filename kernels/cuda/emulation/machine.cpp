#include "kernels/cuda/emulation/host_state.h"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string_view>

// The machine as the environment wants it.

namespace ponder::emulation {

namespace {

std::string_view wanted(const char* variable)
{
    const char* value = std::getenv(variable); // NOLINT(concurrency-mt-unsafe)
    return value == nullptr ? std::string_view() : std::string_view(value);
}

/// A test that ran otherwise than it was told would be worse than none.
[[noreturn]] void refuse(const char* variable, std::string_view value)
{
    std::fprintf(stderr, "%s: %.*s is not among what kernels/cuda/emulation/README.md names\n",
        variable, static_cast<int>(value.size()), value.data());
    std::abort();
}

std::uint64_t numberIn(const char* variable, std::string_view value, std::string_view digits)
{
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc() || end != digits.data() + digits.size())
        refuse(variable, value);
    return number;
}

} // namespace

Machine Machine::asNew()
{
    constexpr const char* kShared = "PONDER_EMULATED_SHARED_KIB";
    constexpr const char* kOrder = "PONDER_EMULATED_ORDER";
    constexpr const char* kCopies = "PONDER_EMULATED_COPIES";
    constexpr const char* kOverlap = "PONDER_EMULATED_OVERLAP";
    constexpr std::string_view kRandom = "random:";
    Machine m;
    if (const auto shared = wanted(kShared); !shared.empty())
        m.sharedPerBlock = static_cast<std::size_t>(numberIn(kShared, shared, shared)) * 1024;
    if (const auto order = wanted(kOrder); order.starts_with(kRandom)) {
        m.order = Order::Random;
        m.seed = numberIn(kOrder, order, order.substr(kRandom.size()));
    } else if (order == "backward") {
        m.order = Order::Backward;
    } else if (!order.empty() && order != "forward") {
        refuse(kOrder, order);
    }
    if (const auto copies = wanted(kCopies); copies == "at_once")
        m.copies = Copies::AtOnce;
    else if (!copies.empty() && copies != "when_waited_for")
        refuse(kCopies, copies);
    if (const auto overlap = wanted(kOverlap); overlap == "0")
        m.overlaps = false;
    else if (!overlap.empty() && overlap != "1")
        refuse(kOverlap, overlap);
    return m;
}

State& state()
{
    static State s;
    return s;
}

Machine& machine()
{
    return state().machine;
}

void resetMachine()
{
    State& s = state();
    const std::size_t device = s.machine.deviceBytes;
    const std::size_t host = s.machine.hostBytes;
    s.machine = Machine::asNew();
    s.machine.deviceBytes = device;
    s.machine.hostBytes = host;
    s.sticky = s.last = cudaSuccess;
    s.device = 0;
    s.contexts.clear();
    s.dice = Dice(s.machine.seed);
    const auto drop = [](Stream& stream) {
        stream.queue.clear();
        stream.done = stream.queued;
        stream.ahead.reset();
        stream.capture.reset();
        stream.captureOrigin = false;
    };
    for (const auto& stream : s.streams)
        drop(*stream);
    drop(s.nullStream);
}

} // namespace ponder::emulation
