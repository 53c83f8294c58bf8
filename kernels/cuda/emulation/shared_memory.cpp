#include "kernels/cuda/emulation/shared_memory.h"

#include <algorithm>
#include <cstdint>

namespace ponder::emulation {

namespace {

constexpr std::size_t kCanary = 256; // bytes on each side, at least
constexpr std::size_t kBestAlignment = 128; // that anybody may ask for
constexpr std::byte kCanaryByte{0xA5};
constexpr std::byte kPoison{0xFF}; // NaN as a float, -1 as a number

} // namespace

void SharedMemory::Array::make(std::size_t size, std::size_t alignment)
{
    bytes = size;
    whole = bytes + 2 * kCanary + 2 * kBestAlignment;
    memory = std::make_unique<std::byte[]>(whole);
    const auto base = reinterpret_cast<std::uintptr_t>(memory.get());
    const std::uintptr_t from
        = (base + kCanary + kBestAlignment - 1) / kBestAlignment * kBestAlignment;
    start = from - base + (alignment < kBestAlignment ? alignment : 0);
    std::fill_n(memory.get(), whole, kCanaryByte);
    std::fill_n(data(), bytes, kPoison);
}

bool SharedMemory::Array::isIntact() const
{
    const auto intact = [](const std::byte* from, const std::byte* to) {
        return std::all_of(from, to, [](std::byte b) { return b == kCanaryByte; });
    };
    return intact(memory.get(), data()) && intact(data() + bytes, memory.get() + whole);
}

void* SharedMemory::array(
    const void* key, std::size_t bytes, std::size_t alignment, std::size_t most)
{
    const auto found = m_arrays.find(key);
    if (found != m_arrays.end())
        return found->second.data();
    if (bytes > most || this->bytes() > most - bytes)
        return nullptr;
    Array& array = m_arrays[key];
    array.make(bytes, alignment);
    return array.data();
}

void* SharedMemory::dynamic(std::size_t bytes)
{
    if (m_dynamic.memory == nullptr)
        m_dynamic.make(bytes, kBestAlignment);
    return m_dynamic.data();
}

std::size_t SharedMemory::bytes() const
{
    std::size_t all = 0;
    for (const auto& entry : m_arrays)
        all += entry.second.bytes;
    return all;
}

std::string SharedMemory::check() const
{
    const auto wrong = [](const Array& array) {
        return "a write outside of an array of " + std::to_string(array.bytes)
            + " bytes in shared memory";
    };
    if (m_dynamic.memory != nullptr && !m_dynamic.isIntact())
        return wrong(m_dynamic);
    for (const auto& entry : m_arrays) {
        if (!entry.second.isIntact())
            return wrong(entry.second);
    }
    return {};
}

void SharedMemory::clear()
{
    m_arrays.clear();
    m_dynamic = {};
}

} // namespace ponder::emulation
