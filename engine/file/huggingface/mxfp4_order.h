#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <stop_token>
#include <vector>

#include "engine/base/result.h"

namespace ponder {

/// MXFP4 weights of a folder in GGUF's order. gpt-oss publishes the scales apart from the numbers, two
/// neighbours in a byte, and the rows of gate and up by turns; the kernels read blocks of 17 bytes: a scale, then
/// 32 numbers, the first with the seventeenth. So these weights are put into that order in memory, once, when
/// somebody is about to compute with them.
///
/// Reading them before prepare() gives zeros. prepare() may be called from any thread; the rest is
/// immutable after reserve().
class Mxfp4Order {
public:
    /// A stack of matrices, or every step-th row of one, from firstRow on.
    struct Stack {
        std::span<const std::byte> numbers; ///< u8 [experts, rows * step, groups, 16]
        std::span<const std::byte> scales; ///< u8 [experts, rows * step, groups]
        std::uint64_t experts = 0, rows = 0, groups = 0;
        std::uint64_t firstRow = 0, step = 1;

        [[nodiscard]] std::uint64_t bytes() const; ///< in GGUF's order
    };

    Mxfp4Order() = default;
    ~Mxfp4Order();
    Mxfp4Order(const Mxfp4Order&) = delete;
    Mxfp4Order& operator=(const Mxfp4Order&) = delete;

    void add(const Stack& stack) { m_stacks.push_back(stack); }

    /// Takes addresses for all that was added; memory comes with prepare(). Fails with OutOfMemory.
    [[nodiscard]] Result<void> reserve();

    /// Where stack i is, or will be: [experts, rows, groups] blocks of 17 bytes.
    [[nodiscard]] std::span<const std::byte> bytes(std::size_t i) const;
    [[nodiscard]] std::uint64_t totalBytes() const { return m_size; }

    /// Puts the weights into order, on all cores; does nothing the second time. progress: bytes done, bytes
    /// in all, called on this thread. Fails with Cancelled; then it may be called again.
    [[nodiscard]] Result<void> prepare(
        const std::function<void(std::uint64_t done, std::uint64_t total)>& progress,
        const std::stop_token& stop);
    [[nodiscard]] bool isPrepared() const;

private:
    std::vector<Stack> m_stacks;
    std::vector<std::size_t> m_offsets; // [stacks]
    std::byte* m_memory = nullptr;
    std::size_t m_size = 0;
    mutable std::mutex m_mutex;
    bool m_isPrepared = false;
};

} // namespace ponder
