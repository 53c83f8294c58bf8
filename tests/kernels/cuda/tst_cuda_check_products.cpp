#include "kernels/selfcheck/cuda_products.h"

#include "kernels/types/tensor_type.h"
#include "tests/kernels/cuda/emulated.h"

using namespace ponder::kernels;
using namespace ponder::kernels::cuda;

TEST_CASE("the self-check of products passes, type by type, and tells as it goes")
{
    EmulatedGpu gpu;
    std::size_t told = 0;
    const auto results
        = checkProducts({.limits = limitsWith(2), .large = false}, [&](const CheckResult& result) {
              ++told;
              CAPTURE(result.name);
              CHECK(result.maxRelError <= result.limit);
              CHECK(result.ok);
          });
    REQUIRE(results.has_value());
    CHECK(results->size() == told);
    CHECK(told > 5 * supportedTensorTypes().size());
}

TEST_CASE("the self-check says which call failed where there is no memory")
{
    EmulatedGpu gpu;
    ponder::emulation::machine().memory = 1000;
    const auto results = checkProducts({.limits = limitsWith(2), .large = false});
    REQUIRE(!results.has_value());
    CHECK(results.error().outOfMemory());
}
