#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/types/views.h"

namespace ponder::kernels {

/// Numbers to check kernels with, the same on every machine (xorshift64*).
class Random {
public:
    explicit Random(std::uint64_t seed)
        : m_state(seed * 2654435761u + 88172645463325252u)
    {
    }

    [[nodiscard]] std::uint64_t bits();
    [[nodiscard]] float uniform(float low, float high);
    void fill(std::span<float> out, float low = -1.0f, float high = 1.0f);
    [[nodiscard]] std::vector<float> floats(
        std::size_t count, float low = -1.0f, float high = 1.0f);

private:
    std::uint64_t m_state;
};

/// A matrix of random blocks of any type, at an address that is aligned to no more than asked for.
class RandomWeights {
public:
    /// [count * rows, cols] weights of about -1 .. 1 times size; misalignment in bytes past a
    /// 64-byte boundary; padding bytes after every row.
    RandomWeights(Random& random, TensorType type, std::size_t count, std::size_t rows,
        std::size_t cols, float size = 1.0f, std::size_t misalignment = 0, std::size_t padding = 0);

    [[nodiscard]] WeightStack stack() const { return m_stack; }
    [[nodiscard]] WeightView matrix() const { return m_stack.matrix(0); }
    [[nodiscard]] std::byte* row(std::size_t r);

private:
    std::vector<std::byte> m_bytes; // ends with the last row: a sanitizer sees who reads on
    std::vector<float> m_scales; // F8_E4M3
    std::size_t m_start = 0;
    WeightStack m_stack;
};

} // namespace ponder::kernels
