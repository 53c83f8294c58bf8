#include <doctest/doctest.h>

#include "kernels/selfcheck/cpu_selfcheck.h"
#include "kernels/types/tensor_type.h"

using namespace ponder::kernels;

TEST_CASE("every kernel of this machine agrees with its reference")
{
    std::size_t told = 0;
    const std::vector<CheckResult> results = selfcheck([&](const CheckResult&) { ++told; });
    CHECK(told == results.size());
    const std::size_t fastVariants = supportedVariants().size() - 1;
    CHECK(results.size() >= fastVariants * kSupportedTypes * 5);
    for (const CheckResult& result : results) {
        CAPTURE(result.variant);
        CAPTURE(result.name);
        CAPTURE(result.maxRelError);
        CHECK(result.ok);
        CHECK(result.maxRelError <= result.limit);
    }
}
