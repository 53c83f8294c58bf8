#include "kernels/cuda/runtime/memory.h"

namespace ponder::kernels::cuda {

template <Memory kWhere> Outcome<Bytes<kWhere>> Bytes<kWhere>::create(std::size_t bytes)
{
    Bytes result;
    if (bytes == 0)
        return result;
    void* data = nullptr;
    const cudaError_t error = kWhere == Memory::Device
        ? cudaMalloc(&data, bytes)
        : cudaHostAlloc(&data, bytes, cudaHostAllocDefault);
    if (error != cudaSuccess) {
        (void)cudaGetLastError(); // it is reported here, and must not be found by the next call
        return tl::unexpected(
            Status{error, kWhere == Memory::Device ? "cudaMalloc" : "cudaHostAlloc"});
    }
    result.m_data = static_cast<std::byte*>(data);
    result.m_bytes = bytes;
    return result;
}

template <Memory kWhere> Bytes<kWhere>::~Bytes()
{
    if (m_data == nullptr)
        return;
    if (kWhere == Memory::Device)
        (void)cudaFree(m_data);
    else
        (void)cudaFreeHost(m_data);
}

template class Bytes<Memory::Device>;
template class Bytes<Memory::Pinned>;

Status copyBytes(
    void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind, cudaStream_t stream)
{
    if (bytes == 0)
        return {};
    return {cudaMemcpyAsync(to, from, bytes, kind, stream), "cudaMemcpyAsync"};
}

Status clearBytes(void* memory, std::size_t bytes, cudaStream_t stream)
{
    if (bytes == 0)
        return {};
    return {cudaMemsetAsync(memory, 0, bytes, stream), "cudaMemsetAsync"};
}

} // namespace ponder::kernels::cuda
