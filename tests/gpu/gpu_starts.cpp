// Opens a model on a GPU and unloads it again, many times, and says what is free on the GPU before and after:
//     gpu_starts MODEL COUNT [PROMPT]
// Each start evaluates a prompt of that many tokens (0 where left out), then three tokens one by one.
// Unlike ponder-cli it leaves sockets open, over which profilers and sanitizers talk to what they look into.
// Exit codes: 0 nothing grew, 1 something did or went wrong, 77 there is no GPU.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <vector>

#include "engine/generate/session.h"

using namespace ponder;

namespace {

constexpr int kDone = 0, kFailed = 1, kNoGpu = 77;
constexpr int kLongestPrompt = 32;
constexpr std::uint64_t kNoise = 8U << 20U; ///< bytes that others on the GPU may take meanwhile

int say(int code, const std::string& sentence)
{
    std::printf("%s\n", sentence.c_str());
    return code;
}

std::uint64_t freeBytes(const CudaModule& cuda, int index)
{
    if (const auto gpus = cuda.devices()) {
        for (const Gpu& gpu : *gpus) {
            if (gpu.index == index)
                return gpu.availableBytes;
        }
    }
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 3 && argc != 4)
        return say(kFailed, "usage: gpu_starts MODEL COUNT [PROMPT]");
    std::vector<std::int32_t> prompt(
        std::size_t(std::clamp(argc == 4 ? std::atoi(argv[3]) : 0, 0, kLongestPrompt)));
    std::iota(prompt.begin(), prompt.end(), 1);
    const auto cuda = CudaModule::load();
    if (!cuda)
        return say(kNoGpu, cuda.error().message);
    const auto model = Model::open(argv[1]);
    if (!model)
        return say(kFailed, model.error().message);
    std::uint64_t before = 0;
    std::uint64_t after = 0;
    const int count = std::atoi(argv[2]);
    for (int i = 0; i <= count; ++i) {
        int index = 0;
        {
            auto session = Session::create(*model,
                {.contextLength = 64,
                    .threads = 1,
                    .batch = 16,
                    .device = {DeviceChoice::Kind::Cuda},
                    .cuda = *cuda});
            if (!session)
                return say(session.error().code == ErrorCode::InvalidArgument ? kNoGpu : kFailed,
                    session.error().message);
            index = (*session)->plan().gpu->gpu.index;
            if (const auto ok = (*session)->prefill(prompt); !ok)
                return say(kFailed, ok.error().message);
            const std::int32_t tokens[] = {1, 2, 3};
            for (const std::int32_t token : tokens) {
                if (const auto ok = (*session)->prefill(std::span(&token, 1)); !ok)
                    return say(kFailed, ok.error().message);
            }
        }
        after = freeBytes(**cuda, index);
        if (i == 0)
            before = after; // the first start loads the kernels, which stay
    }
    const std::uint64_t lost = before > after ? before - after : 0;
    return say(lost <= kNoise ? kDone : kFailed,
        std::to_string(count) + " starts and unloads: " + std::to_string(before)
            + " bytes free before, " + std::to_string(after) + " after");
}
