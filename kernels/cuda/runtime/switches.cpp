#include "kernels/cuda/runtime/switches.h"

#include <cstdlib>
#include <string_view>

namespace ponder::kernels::cuda {
namespace {

bool isOn(const char* name)
{
    const char* const value = std::getenv(name);
    return value != nullptr && *value != '\0' && std::string_view(value) != "0";
}

Switches read()
{
    const bool synchronous = isOn("PONDER_CUDA_SYNCHRONOUS");
    return {.noRecording = synchronous || isOn("PONDER_CUDA_NO_RECORDING"),
        .noOverlap = synchronous || isOn("PONDER_CUDA_NO_OVERLAP"),
        .synchronous = synchronous};
}

Switches& current()
{
    static Switches s = read();
    return s;
}

} // namespace

const Switches& switches()
{
    return current();
}

void rereadSwitches()
{
    current() = read();
}

} // namespace ponder::kernels::cuda
