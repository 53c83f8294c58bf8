#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/types/views.h"

namespace ponder {

/// Hands out pieces of one piece of memory, aligned to 256 bytes; over no memory it counts what would be
/// needed. The same calls in the same order give the same places.
class Carver {
public:
    explicit Carver(std::byte* memory = nullptr)
        : m_memory(memory)
    {
    }

    template <typename T> [[nodiscard]] T* take(std::size_t count)
    {
        std::byte* piece = m_memory + m_used;
        m_used += (count * sizeof(T) + kAlignment - 1) / kAlignment * kAlignment;
        return reinterpret_cast<T*>(piece);
    }
    /// Rows that start at multiples of 16 bytes.
    [[nodiscard]] kernels::FloatRows rows(std::size_t count, std::size_t cols)
    {
        const std::size_t stride = (cols + 3) / 4 * 4;
        return {take<float>(count * stride), count, cols, stride};
    }
    [[nodiscard]] std::size_t bytes() const { return m_used; }

private:
    static constexpr std::size_t kAlignment = 256;
    std::byte* m_memory;
    std::size_t m_used = 0;
};

} // namespace ponder
