#include "engine/file/huggingface/mxfp4_order.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include <sys/mman.h>

namespace ponder {
namespace {

constexpr std::size_t kBlock = 17; // bytes: a scale and 32 numbers
constexpr std::size_t kNumbers = 16; // bytes of the numbers
constexpr std::size_t kAlignment = 64;
constexpr unsigned kMaxThreads = 16;

/// Number 2k is the low half of byte k there; here numbers k and k + 16 share byte k.
void orderBlock(const std::byte* numbers, std::byte scale, std::byte* out)
{
    constexpr std::byte low{0x0F};
    constexpr std::byte high{0xF0};
    *out++ = scale;
    for (std::size_t k = 0; k < kNumbers / 2; ++k) {
        const std::byte near = numbers[k];
        const std::byte far = numbers[k + kNumbers / 2];
        *out++ = (near & low) | (far & low) << 4;
        *out++ = near >> 4 | (far & high);
    }
}

void orderMatrix(const Mxfp4Order::Stack& stack, std::uint64_t expert, std::byte* out)
{
    for (std::uint64_t row = 0; row < stack.rows; ++row) {
        const std::uint64_t from
            = ((expert * stack.rows + row) * stack.step + stack.firstRow) * stack.groups;
        for (std::uint64_t g = 0; g < stack.groups; ++g, out += kBlock)
            orderBlock(&stack.numbers[(from + g) * kNumbers], stack.scales[from + g], out);
    }
}

} // namespace

std::uint64_t Mxfp4Order::Stack::bytes() const
{
    return experts * rows * groups * kBlock;
}

Mxfp4Order::~Mxfp4Order()
{
    if (m_memory != nullptr)
        ::munmap(m_memory, m_size);
}

Result<void> Mxfp4Order::reserve()
{
    for (const Stack& stack : m_stacks) {
        m_offsets.push_back(m_size);
        m_size += (stack.bytes() + kAlignment - 1) / kAlignment * kAlignment;
    }
    if (m_size == 0)
        return {};
    void* memory = ::mmap(nullptr, m_size, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        m_size = 0;
        return fail(ErrorCode::OutOfMemory,
            "This folder's weights have to be put into another order in memory, and there is not "
            "enough "
            "of it. Choose a GGUF of this model.");
    }
    m_memory = static_cast<std::byte*>(memory);
    return {};
}

std::span<const std::byte> Mxfp4Order::bytes(std::size_t i) const
{
    return {m_memory + m_offsets[i], static_cast<std::size_t>(m_stacks[i].bytes())};
}

bool Mxfp4Order::isPrepared() const
{
    const std::lock_guard lock(m_mutex);
    return m_isPrepared;
}

Result<void> Mxfp4Order::prepare(
    const std::function<void(std::uint64_t done, std::uint64_t total)>& progress,
    const std::stop_token& stop)
{
    const std::lock_guard lock(m_mutex);
    if (m_isPrepared || m_size == 0)
        return {};
    struct Matrix {
        std::size_t stack;
        std::uint64_t expert;
    };
    std::vector<Matrix> matrices;
    for (std::size_t s = 0; s < m_stacks.size(); ++s) {
        for (std::uint64_t expert = 0; expert < m_stacks[s].experts; ++expert)
            matrices.push_back({s, expert});
    }
    std::atomic<std::size_t> next = 0;
    std::atomic<std::uint64_t> done = 0;
    const auto work = [&](bool reports) {
        for (std::size_t i = next++; i < matrices.size() && !stop.stop_requested(); i = next++) {
            const Stack& stack = m_stacks[matrices[i].stack];
            const std::uint64_t bytes = stack.rows * stack.groups * kBlock;
            orderMatrix(stack, matrices[i].expert,
                m_memory + m_offsets[matrices[i].stack] + matrices[i].expert * bytes);
            done += bytes;
            if (reports && progress)
                progress(done, m_size);
        }
    };
    {
        std::vector<std::jthread> others;
        const unsigned cores = std::max(std::thread::hardware_concurrency(), 1U);
        while (others.size() + 1 < std::min<std::size_t>({kMaxThreads, cores, matrices.size()}))
            others.emplace_back(work, false);
        work(true);
    }
    if (stop.stop_requested())
        return fail(ErrorCode::Cancelled, "Loading was cancelled.");
    ::mprotect(m_memory, m_size, PROT_READ);
    m_isPrepared = true;
    return {};
}

} // namespace ponder
