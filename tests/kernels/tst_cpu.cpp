#include <cstdlib>

#include <doctest/doctest.h>

#include "kernels/cpu/cpu.h"
#include "kernels/cpu/dispatch/kernel_table.h"

using namespace ponder::kernels;

TEST_CASE("the reference is always there and nothing wished for means the best")
{
    REQUIRE(supportedVariants().front() == Variant::Reference);
    CHECK(chooseCpu("").variant == supportedVariants().back());
    CHECK(chooseCpu("").report == variantName(supportedVariants().back()));
}

TEST_CASE("a wish that this machine can meet is met, and said")
{
    for (const Variant variant : supportedVariants()) {
        const CpuChoice choice = chooseCpu(variantName(variant));
        CHECK(choice.variant == variant);
        CHECK(choice.report.starts_with(variantName(variant)));
    }
}

TEST_CASE("a wish that cannot be met is reported and the best is taken")
{
    const CpuChoice choice = chooseCpu("avx9000");
    CHECK(choice.variant == supportedVariants().back());
    CHECK(choice.report.find("avx9000") != std::string::npos);
    CHECK(choice.report.find("reference, avx2 or avx512") != std::string::npos);
}

TEST_CASE("the environment says which kernels to use")
{
    REQUIRE(setenv("PONDER_CPU", "reference", 1) == 0);
    const Cpu cpu({.threads = 1});
    CHECK(cpu.variant() == Variant::Reference);
    CHECK(&cpu.kernels() == &kReferenceKernels);
    REQUIRE(unsetenv("PONDER_CPU") == 0);
    CHECK(chooseCpu().variant == supportedVariants().back());
}

TEST_CASE("scratch memory is aligned, one piece for each worker, and grows")
{
    Cpu cpu({.threads = 3});
    for (const std::size_t bytes : {100u, 5000u, 200u}) {
        cpu.reserveScratch(bytes);
        for (std::size_t w = 0; w < 3; ++w) {
            CHECK(reinterpret_cast<std::uintptr_t>(cpu.scratch(w)) % 64 == 0);
            for (std::size_t other = 0; other < w; ++other) {
                CHECK(cpu.scratch(w) != cpu.scratch(other));
            }
            cpu.scratch(w)[bytes - 1] = std::byte{1};
        }
    }
}
