#pragma once

#include <cstddef>
#include <cstdint>

namespace ponder::emulation {

/// Numbers that look random and are the same after the same seed on every machine (splitmix64).
class Dice {
public:
    explicit Dice(std::uint64_t seed = 0)
        : m_state(seed)
    {
    }

    std::uint64_t next()
    {
        m_state += 0x9E3779B97F4A7C15U;
        std::uint64_t z = m_state;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9U;
        z = (z ^ z >> 27) * 0x94D049BB133111EBU;
        return z ^ z >> 31;
    }
    /// 0 to count - 1; count: at least 1.
    std::size_t below(std::size_t count) { return static_cast<std::size_t>(next() % count); }

private:
    std::uint64_t m_state;
};

} // namespace ponder::emulation
