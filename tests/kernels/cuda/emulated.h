#pragma once

#include <span>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "kernels/cuda/device.h"
#include "kernels/cuda/runtime/kernel_list.h"
#include "kernels/cuda/runtime/limits.h"
#include "kernels/cuda/runtime/memory.h"
#include "kernels/cuda/runtime/stream.h"

namespace ponder::kernels::cuda {

/// An emulated GPU as new, for the length of a test. At its end nothing may have gone wrong and
/// nothing may be left allocated.
class EmulatedGpu {
public:
    EmulatedGpu()
    {
        reset();
        forgetPrepared(0);
        CHECK(prepareKernels().ok());
        m_deviceBytes = emulation::machine().deviceBytes;
        m_hostBytes = emulation::machine().hostBytes;
    }
    EmulatedGpu(const EmulatedGpu&) = delete;
    EmulatedGpu& operator=(const EmulatedGpu&) = delete;
    ~EmulatedGpu()
    {
        CHECK(finishDevice() == cudaSuccess);
        const auto& failures = emulation::machine().failures;
        CHECK_MESSAGE(failures.empty(), (failures.empty() ? std::string() : failures.front()));
        CHECK(emulation::machine().deviceBytes == m_deviceBytes);
        CHECK(emulation::machine().hostBytes == m_hostBytes);
        reset();
    }

    static cudaError_t finishDevice() { return cudaDeviceSynchronize(); }

private:
    // All but the order, which forOrders() sets.
    static void reset()
    {
        const auto order = emulation::machine().order;
        const auto seed = emulation::machine().seed;
        emulation::resetMachine();
        emulation::machine().order = order;
        emulation::machine().seed = seed;
    }

    std::size_t m_deviceBytes, m_hostBytes;
};

/// The limits of the emulated GPU, with this number of multiprocessors.
inline DeviceLimits limitsWith(int multiprocessors)
{
    auto limits = deviceLimits(0);
    REQUIRE(limits.has_value());
    limits->multiprocessors = multiprocessors;
    return *limits;
}

/// Numbers in device memory, for tests.
template <typename T> class OnDevice {
public:
    explicit OnDevice(std::size_t count) { make(count); }
    explicit OnDevice(const std::vector<T>& values)
    {
        make(values.size());
        const Status status = upload(std::span<const T>(values), m_array.data(), nullptr);
        REQUIRE(status.ok());
        REQUIRE(cudaStreamSynchronize(nullptr) == cudaSuccess);
    }

    [[nodiscard]] T* data() const { return m_array.data(); }
    /// What is there when everything queued is done.
    [[nodiscard]] std::vector<T> values() const
    {
        std::vector<T> result(m_array.size());
        const cudaError_t finished = cudaDeviceSynchronize();
        REQUIRE(finished == cudaSuccess);
        const Status status = download(m_array.data(), std::span<T>(result), nullptr);
        REQUIRE(status.ok());
        REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
        return result;
    }

private:
    void make(std::size_t count)
    {
        auto array = DeviceArray<T>::create(count);
        REQUIRE(array.has_value());
        m_array = std::move(*array);
    }
    DeviceArray<T> m_array;
};

/// Runs check once for every order in which the emulation may let threads run; in two random ones where
/// the environment wants that.
template <typename Check> void forOrders(Check&& check)
{
    using emulation::Order;
    const emulation::Machine wanted = emulation::Machine::asNew();
    for (const auto order : {Order::Forward, Order::Backward}) {
        const bool isRandom = wanted.order == Order::Random;
        emulation::machine().order = isRandom ? wanted.order : order;
        emulation::machine().seed = wanted.seed + static_cast<std::uint64_t>(order);
        CAPTURE(static_cast<int>(emulation::machine().order));
        CAPTURE(emulation::machine().seed);
        check();
    }
    emulation::machine().order = wanted.order;
    emulation::machine().seed = wanted.seed;
}

} // namespace ponder::kernels::cuda
