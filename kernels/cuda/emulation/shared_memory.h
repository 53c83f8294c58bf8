#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>

namespace ponder::emulation {

/// Memory of a block, poisoned at its start, with a canary on both sides of every array. An array
/// is aligned as its type asks and no better.
class SharedMemory {
public:
    /// The array of a key, made at the first call. Null: more than `most` bytes in all.
    [[nodiscard]] void* array(
        const void* key, std::size_t bytes, std::size_t alignment, std::size_t most);
    /// What the launch asked for; not one of the arrays.
    [[nodiscard]] void* dynamic(std::size_t bytes);
    [[nodiscard]] std::size_t bytes() const; ///< of all arrays
    /// What was written past an array; empty when all is well.
    [[nodiscard]] std::string check() const;
    void clear();

private:
    struct Array {
        std::unique_ptr<std::byte[]> memory;
        std::size_t whole = 0; ///< bytes of memory
        std::size_t start = 0; ///< of the array, in memory
        std::size_t bytes = 0;
        void make(std::size_t size, std::size_t alignment);
        [[nodiscard]] bool isIntact() const;
        [[nodiscard]] std::byte* data() const { return memory.get() + start; }
    };
    Array m_dynamic;
    std::unordered_map<const void*, Array> m_arrays;
};

} // namespace ponder::emulation
