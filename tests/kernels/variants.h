#pragma once

#include <string>

#include <doctest/doctest.h>

#include "kernels/cpu/cpu.h"

namespace ponder::kernels {

/// A Cpu of this variant with this number of threads.
class VariantCpu : public Cpu {
public:
    explicit VariantCpu(Variant variant, std::size_t threads = 2)
        : Cpu({.threads = threads}, CpuChoice{variant, std::string(variantName(variant))})
    {
    }
};

/// Runs check once for every variant of this machine, named in what fails.
template <typename Check> void forVariants(Check&& check)
{
    for (const Variant variant : supportedVariants()) {
        const std::string name(variantName(variant));
        CAPTURE(name);
        check(variant);
    }
}

} // namespace ponder::kernels
