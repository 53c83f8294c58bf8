#pragma once

#include <cassert>
#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>

#include "kernels/cuda/runtime/status.h"

namespace ponder::kernels::cuda {

/// Where memory lies.
enum class Memory {
    Device,
    Pinned, ///< the processor's, which the device reads and writes by itself
};

/// Bytes that this object owns, aligned to 256. One thread uses it at a time.
template <Memory kWhere> class Bytes {
public:
    Bytes() = default;
    [[nodiscard]] static Outcome<Bytes> create(std::size_t bytes);

    Bytes(Bytes&& other) noexcept
        : m_data(std::exchange(other.m_data, nullptr))
        , m_bytes(std::exchange(other.m_bytes, 0))
    {
    }
    Bytes& operator=(Bytes&& other) noexcept
    {
        std::swap(m_data, other.m_data);
        std::swap(m_bytes, other.m_bytes);
        return *this;
    }
    ~Bytes();

    [[nodiscard]] std::byte* data() const { return m_data; }
    [[nodiscard]] std::size_t size() const { return m_bytes; }

private:
    std::byte* m_data = nullptr;
    std::size_t m_bytes = 0;
};

extern template class Bytes<Memory::Device>;
extern template class Bytes<Memory::Pinned>;

/// count numbers (or plain structs) that this object owns.
template <typename T, Memory kWhere> class Array {
    static_assert(std::is_trivially_copyable_v<T>);

public:
    Array() = default;
    [[nodiscard]] static Outcome<Array> create(std::size_t count)
    {
        auto bytes = Bytes<kWhere>::create(count * sizeof(T));
        if (!bytes)
            return tl::unexpected(bytes.error());
        Array array;
        array.m_bytes = std::move(*bytes);
        return array;
    }

    [[nodiscard]] T* data() const { return reinterpret_cast<T*>(m_bytes.data()); }
    [[nodiscard]] std::size_t size() const { return m_bytes.size() / sizeof(T); }
    [[nodiscard]] std::span<T> span() const
        requires(kWhere == Memory::Pinned)
    {
        return {data(), size()};
    }

private:
    Bytes<kWhere> m_bytes;
};

using DeviceBytes = Bytes<Memory::Device>;
using PinnedBytes = Bytes<Memory::Pinned>;
template <typename T> using DeviceArray = Array<T, Memory::Device>;
template <typename T> using PinnedArray = Array<T, Memory::Pinned>;

/// Queues a copy. From pinned memory: it must stay as it is until the stream has been waited for.
/// From other memory of the processor: it was read when the call returns. To the processor's
/// memory: it is there when the stream has been waited for.
Status copyBytes(
    void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind, cudaStream_t stream);
/// Queues filling with zeros.
Status clearBytes(void* memory, std::size_t bytes, cudaStream_t stream);

template <typename T> Status upload(std::span<const T> from, T* to, cudaStream_t stream)
{
    return copyBytes(to, from.data(), from.size_bytes(), cudaMemcpyHostToDevice, stream);
}
template <typename T> Status download(const T* from, std::span<T> to, cudaStream_t stream)
{
    return copyBytes(to.data(), from, to.size_bytes(), cudaMemcpyDeviceToHost, stream);
}

} // namespace ponder::kernels::cuda
