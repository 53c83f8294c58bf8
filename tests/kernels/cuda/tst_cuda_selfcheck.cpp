#include "kernels/selfcheck/cuda_selfcheck.h"

#include "tests/kernels/cuda/emulated.h"

using namespace ponder::kernels;

TEST_CASE("every kernel passes its check, which a person can run on their GPU")
{
    const cuda::EmulatedGpu gpu;
    std::size_t told = 0;
    const auto results = cuda::selfcheck(cuda::limitsWith(4), [&](const CheckResult&) { ++told; });
    REQUIRE(results.has_value());
    CHECK(results->size() == told);
    CHECK(told >= 16);
    for (const CheckResult& result : *results) {
        CAPTURE(result.name);
        CAPTURE(result.maxRelError);
        CHECK(result.ok);
    }
}

TEST_CASE(
    "every kernel that is launched somewhere is known from the start, so that it can be prepared")
{
    for (const char* name :
        {"attend<", "attendPlainly<", "combineRows", "summariseSlices", "normRows<true>"}) {
        CAPTURE(std::string(name));
        CHECK(cuda::isKernelListed(name));
    }
    CHECK(!cuda::isKernelListed("nobody"));
}

TEST_CASE("a device that is lost, or full, is said to be")
{
    {
        const cuda::EmulatedGpu gpu;
        ponder::emulation::machine().allocationsUntilFull = 4;
        const auto results = cuda::selfcheck(cuda::limitsWith(4));
        REQUIRE(!results.has_value());
        CHECK(results.error().outOfMemory());
        ponder::emulation::machine().allocationsUntilFull = -1;
    }
    ponder::emulation::resetMachine();
    ponder::emulation::machine().launchesUntilLoss = 3;
    const auto results = cuda::selfcheck(cuda::limitsWith(4));
    REQUIRE(!results.has_value());
    CHECK(results.error().code == cudaErrorLaunchFailure);
    ponder::emulation::resetMachine();
}
