#pragma once

// Loops that must be unrolled, because the counter becomes part of an instruction:
//   each<8>([&](auto j) PONDER_UNROLLED { constexpr int at = j.value; … });
// Included after avx2.h or avx512.h, which say what PONDER_SIMD is.

#define PONDER_UNROLLED __attribute__((always_inline))

/// Before a loop over an array of vectors: unrolled, the array is registers and not memory.
#if defined(__clang__)
#define PONDER_UNROLL _Pragma("unroll")
#else
#define PONDER_UNROLL _Pragma("GCC unroll 16")
#endif

namespace ponder::kernels::PONDER_SIMD {

template <int i> struct Index {
    static constexpr int value = i;
};

template <int n, int i = 0, typename Body> PONDER_INLINE void each(const Body& body)
{
    if constexpr (i < n) {
        body(Index<i>{});
        each<n, i + 1>(body);
    }
}

} // namespace ponder::kernels::PONDER_SIMD
