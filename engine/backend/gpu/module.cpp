#include "engine/backend/gpu/module.h"

#include <algorithm>
#include <exception>
#include <new>
#include <string>
#include <utility>

#include "engine/backend/gpu/cuda_backend.h"
#include "engine/backend/gpu/selfcheck.h"
#include "kernels/cuda/runtime/devices.h"
#include "kernels/cuda/runtime/driver.h"
#include "kernels/cuda/runtime/kernel_list.h"
#include "kernels/cuda/runtime/memory.h"
#include "kernels/cuda/runtime/stream.h"

namespace ponder {
namespace {

using kernels::cuda::DeviceBytes;
using kernels::cuda::DeviceInfo;
using kernels::cuda::Event;
using kernels::cuda::Outcome;
using kernels::cuda::Status;
using kernels::cuda::Stream;

#ifndef PONDER_CUDA_OLDEST
#define PONDER_CUDA_OLDEST 0
#endif
constexpr int kOldest
    = PONDER_CUDA_OLDEST; ///< compute capability times ten that this was compiled for

/// Calls make(), which sets out; what it throws becomes an error.
template <typename T, typename Make> void guarded(Result<T>& out, const Make& make)
{
    try {
        make();
    } catch (const std::bad_alloc&) {
        out = fail(ErrorCode::OutOfMemory, "There is no memory left. Close other programs.");
    } catch (const std::exception& e) {
        out = fail(ErrorCode::Internal,
            std::string("The GPU module stopped with an error that it has no words for (")
                + e.what() + "). Choose the processor (cpu) as the device, and report this.",
            e.what());
    }
}

/// Bytes a second: both edges of the memory's clock times its width.
double bandwidthOf(const DeviceInfo& info)
{
#ifdef PONDER_CUDA_EMULATED
    (void)info;
    return 0;
#else
    int kilohertz = 0;
    int bits = 0;
    if (cudaDeviceGetAttribute(&kilohertz, cudaDevAttrMemoryClockRate, info.index) != cudaSuccess
        || cudaDeviceGetAttribute(&bits, cudaDevAttrGlobalMemoryBusWidth, info.index)
            != cudaSuccess)
        return 0;
    return 2.0 * kilohertz * 1e3 * bits / 8;
#endif
}

std::string versionOf(const DeviceInfo& info)
{
    return std::to_string(info.major) + '.' + std::to_string(info.minor);
}

void devices(Result<std::vector<Gpu>>& out)
{
    guarded(out, [&out] {
        const auto listed = kernels::cuda::listDevices();
        if (!listed) {
            out = tl::unexpected(cudaError(listed.error()));
            return;
        }
        std::vector<Gpu> gpus;
        std::string tooOld;
        for (const DeviceInfo& info : *listed) {
            if (info.major * 10 + info.minor < kOldest) {
                tooOld += (tooOld.empty() ? "" : ", ") + info.name + " (" + versionOf(info) + ")";
                continue;
            }
            gpus.push_back({.index = info.index,
                .name = info.name,
                .memoryBytes = info.totalBytes,
                .availableBytes = info.freeBytes,
                .bandwidth = bandwidthOf(info)});
        }
        if (!gpus.empty())
            out = std::move(gpus);
        else if (!tooOld.empty())
            out = fail(ErrorCode::InvalidArgument,
                "Ponder's GPU module was built for newer GPUs (compute capability "
                    + std::to_string(kOldest / 10) + '.' + std::to_string(kOldest % 10)
                    + ") than are here: " + tooOld + ". Use the processor (cpu).");
        else
            out = fail(ErrorCode::InvalidArgument,
                "The NVIDIA driver finds no GPU that it can compute on, or is too old for this "
                "version of CUDA. Update the driver, or use the processor (cpu).");
    });
}

void makeBackend(
    const Network& network, const PlacementPlan& plan, Result<std::unique_ptr<Backend>>& out)
{
    guarded(out, [&] { out = makeCudaBackend(network, plan, {.cache = plan.gpu->cache}); });
}

void selfcheck(
    int device, const CheckProgress& progress, Result<std::vector<kernels::CheckResult>>& out)
{
#ifdef PONDER_CUDA_EMULATED
    constexpr CheckSizes kSizes = CheckSizes::Small;
#else
    constexpr CheckSizes kSizes = CheckSizes::Real;
#endif
    guarded(out, [&] { out = checkCuda(device, progress, kSizes); });
}

Outcome<double> measureCopy(int device)
{
    constexpr std::size_t kBytes = std::size_t{512} << 20U;
    constexpr int kRuns = 10;
    if (const Status used = kernels::cuda::useDevice(device); !used.ok())
        return tl::unexpected(used);
    auto stream = Stream::create();
    auto from = DeviceBytes::create(kBytes);
    auto to = DeviceBytes::create(kBytes);
    auto begin = Event::create(Event::Timing::On);
    auto end = Event::create(Event::Timing::On);
    if (!stream)
        return tl::unexpected(stream.error());
    if (!from)
        return tl::unexpected(from.error());
    if (!to)
        return tl::unexpected(to.error());
    if (!begin)
        return tl::unexpected(begin.error());
    if (!end)
        return tl::unexpected(end.error());
    const auto queue = [&]() -> Status {
        PONDER_CUDA_TRY(kernels::cuda::clearBytes(from->data(), kBytes, stream->get()));
        for (int i = -1; i < kRuns; ++i) { // the first is not counted
            if (i == 0)
                PONDER_CUDA_TRY(begin->record(stream->get()));
            PONDER_CUDA_TRY(kernels::cuda::copyBytes(
                to->data(), from->data(), kBytes, cudaMemcpyDeviceToDevice, stream->get()));
        }
        PONDER_CUDA_TRY(end->record(stream->get()));
        return stream->wait();
    };
    if (const Status status = queue(); !status.ok())
        return tl::unexpected(status);
    const auto milliseconds = end->millisecondsSince(*begin);
    if (!milliseconds)
        return tl::unexpected(milliseconds.error());
    return 2.0 * kBytes * kRuns / (std::max(*milliseconds, 1e-6F) * 1e-3);
}

void copyBandwidth(int device, Result<double>& out)
{
    guarded(out, [&] {
        const auto measured = measureCopy(device);
        if (measured)
            out = *measured;
        else
            out = tl::unexpected(cudaError(measured.error(), true));
    });
}

void release(int kept)
{
    int count = 0;
    (void)cudaGetDeviceCount(&count);
    for (int i = 0; i < count; ++i) {
        // To use a device would make the context that is to go.
        if (i == kept || !kernels::cuda::hasContext(i) || cudaSetDevice(i) != cudaSuccess)
            continue;
        (void)cudaDeviceReset();
        kernels::cuda::forgetPrepared(i);
    }
    if (kept >= 0 && kernels::cuda::hasContext(kept))
        (void)cudaSetDevice(kept);
    (void)cudaGetLastError();
}

} // namespace

CudaModuleEntries cudaModuleEntries()
{
    return {devices, makeBackend, selfcheck, copyBandwidth, release};
}

} // namespace ponder
