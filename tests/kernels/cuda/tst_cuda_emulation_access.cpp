#include "kernels/cuda/runtime/launch.h"

#include "kernels/cuda/device/copy.h"
#include "kernels/cuda/device/mma.h"
#include "kernels/cuda/device/warp.h"
#include "kernels/cuda/quant/load.cuh"
#include "tests/kernels/cuda/complaint.h"

// What the emulation finds out about single accesses: their alignment, copies into shared memory, and
// warp operations that are not one instruction.

using namespace ponder::kernels::cuda;
namespace emulation = ponder::emulation;

namespace {

enum class Access { Load, Store, CopyFrom, CopyTo, CopyNothing, Matrices, ReadOnly };

// Lane 0 accesses `width` bytes, `off` bytes after an aligned address.
__global__ void accesses(Access what, unsigned off, std::byte* memory)
{
    PONDER_SHARED_ARRAY(uint4, shared, 32);
    auto* const own = reinterpret_cast<std::byte*>(&shared[0]);
    switch (what) {
    case Access::Load:
        store(own, load<uint4>(memory + off));
        break;
    case Access::Store:
        store(memory + off, make_uint2(1, 2));
        break;
    case Access::CopyFrom:
        copyAsync16(own, memory + off, true);
        break;
    case Access::CopyTo:
        copyAsync16(own + off, memory, true);
        break;
    case Access::CopyNothing:
        copyAsync16(own, memory + off, false);
        break;
    case Access::Matrices: {
        unsigned to[4];
        loadMatrices(to, reinterpret_cast<const __nv_bfloat16*>(own + off));
        break;
    }
    case Access::ReadOnly:
        store(own, __ldg(reinterpret_cast<const float4*>(memory + off)).x);
        break;
    }
}

// Bytes are aligned to one byte, whatever lies before them.
__global__ void trustsItsNeighbour()
{
    PONDER_SHARED_ARRAY(unsigned char, bytes, 64);
    store(&bytes[0], 1.0f);
}

// Overwrites the slot that other lanes still read.
__global__ void overwrites(const int* from, int* out)
{
    PONDER_SHARED_ARRAY(int4, slot, 1);
    if (threadIdx.x == 0) {
        copyAsync16(&slot[0], from, true);
        commitCopies();
        waitForCopies<0>();
    }
    __syncthreads();
    if (threadIdx.x == 0) {
        copyAsync16(&slot[0], from + 4, true); // a barrier is missing before it
        commitCopies();
    }
    out[threadIdx.x] = slot[0].x;
    __syncthreads();
    if (threadIdx.x == 0)
        waitForCopies<0>();
}

__global__ void twoPaths(int* out)
{
    const unsigned lane = threadIdx.x;
    int value = 0;
    if (lane % 2 == 0)
        value = __shfl_sync(kAllLanes, static_cast<int>(lane), 3);
    else
        value = __shfl_sync(kAllLanes, static_cast<int>(lane), 3);
    out[lane] = value;
}

__global__ void twoSums(int* out)
{
    const unsigned lane = threadIdx.x;
    out[lane] = lane < 16 ? warpSum(1) : warpSum(2);
}

__global__ void twoProducts(int* out)
{
    SumTile sum{};
    const LeftTile left{};
    const RightTile right{};
    if (threadIdx.x < 8)
        multiply(sum, left, right);
    else
        multiply(sum, left, right);
    out[threadIdx.x] = static_cast<int>(sum.x[0]);
}

template <int kTimes> __device__ __forceinline__ int summed(int value)
{
    int sum = 0;
    PONDER_UNROLL
    for (int i = 0; i < kTimes; ++i)
        sum += __shfl_xor_sync(kAllLanes, value, 1 << i);
    return sum;
}

// One place in the source is one, wherever it is called from and however often.
__global__ void onePath(int* out)
{
    const auto lane = static_cast<int>(threadIdx.x);
    int sum = summed<5>(lane);
    for (int i = 0; i < 3; ++i)
        sum += warpSum(i);
    out[lane] = sum;
}

} // namespace

TEST_CASE("an address that is no multiple of the width of its access is found")
{
    emulation::resetMachine();
    auto memory = DeviceArray<std::byte>::create(64);
    REQUIRE(memory.has_value());
    const auto run = [&](Access what, unsigned off) {
        REQUIRE(PONDER_LAUNCH(accesses, 1, 32, 0, nullptr, what, off, memory->data()).ok());
    };
    for (const Access what : {Access::Load, Access::Store, Access::CopyFrom, Access::CopyTo,
             Access::CopyNothing, Access::Matrices, Access::ReadOnly}) {
        CAPTURE(static_cast<int>(what));
        run(what, 16);
        CHECK(cudaDeviceSynchronize() == cudaSuccess);
        run(what, 4);
        const std::string said = complaint();
        CHECK(says(said, "kernel accesses: block (0, 0, 0) thread "));
        CHECK(says(said,
            what == Access::Store ? "misaligned address, 4 bytes behind a multiple of 8"
                                  : "misaligned address, 4 bytes behind a multiple of 16"));
    }
    run(Access::Store, 8); // eight are enough for eight
    CHECK(cudaDeviceSynchronize() == cudaSuccess);
    REQUIRE(PONDER_LAUNCH(trustsItsNeighbour, 1, 1, 0, nullptr).ok());
    CHECK(says(complaint(), "misaligned address"));
}

TEST_CASE("copies that are made at once show what is overwritten too early")
{
    EmulatedGpu gpu;
    const OnDevice<int> from(std::vector<int>{1, 1, 1, 1, 2, 2, 2, 2}), out(64);
    emulation::machine().order = emulation::Order::Forward;
    emulation::machine().copies = emulation::Copies::WhenWaitedFor;
    REQUIRE(PONDER_LAUNCH(overwrites, 1, 64, 0, nullptr, from.data(), out.data()).ok());
    CHECK(out.values() == std::vector<int>(64, 1)); // not seen: made after the last barrier
    emulation::machine().copies = emulation::Copies::AtOnce;
    REQUIRE(PONDER_LAUNCH(overwrites, 1, 64, 0, nullptr, from.data(), out.data()).ok());
    CHECK(out.values() != std::vector<int>(64, 1));
    emulation::machine().order = emulation::Machine::asNew().order;
}

TEST_CASE("lanes meet in one operation only where they came to the same one")
{
    emulation::resetMachine();
    auto out = DeviceArray<int>::create(32);
    REQUIRE(out.has_value());
    REQUIRE(PONDER_LAUNCH(twoPaths, 1, 32, 0, nullptr, out->data()).ok());
    const std::string said = complaint();
    CHECK(says(said, "is in the warp operation at tst_cuda_emulation_access.cpp:"));
    CHECK(says(said, ", its neighbours in that at tst_cuda_emulation_access.cpp:"));
    REQUIRE(PONDER_LAUNCH(twoSums, 1, 32, 0, nullptr, out->data()).ok());
    CHECK(says(complaint(), "its neighbours in that at tst_cuda_emulation_access.cpp:"));
    REQUIRE(PONDER_LAUNCH(twoProducts, 1, 32, 0, nullptr, out->data()).ok());
    CHECK(says(complaint(), "its neighbours in that at tst_cuda_emulation_access.cpp:"));
    REQUIRE(PONDER_LAUNCH(onePath, 1, 32, 0, nullptr, out->data()).ok());
    CHECK(cudaDeviceSynchronize() == cudaSuccess);
    emulation::resetMachine();
}
