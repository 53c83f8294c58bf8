#pragma once

#include <span>
#include <unordered_map>

#include "engine/base/result.h"
#include "engine/plan/placed_weights.h"
#include "kernels/cuda/runtime/memory.h"
#include "kernels/types/views.h"

namespace ponder {

/// The weights that a plan puts on a GPU, in one piece of its memory, as they lie in the file. One thread
/// uses it at a time.
class DeviceWeights {
public:
    DeviceWeights() = default;

    /// Gives every piece its place. Nothing is taken or read yet: addresses count from zero.
    explicit DeviceWeights(std::span<const PlacedWeights> pieces);

    /// Takes the memory and copies everything there, through pinned memory of 32 MiB. Fails with the
    /// first call's status that went wrong.
    kernels::cuda::Status upload(cudaStream_t stream);

    [[nodiscard]] std::uint64_t bytes() const { return m_bytes; }

    // What is absent or empty gives empty views and null; everything else must be in the pieces.
    [[nodiscard]] kernels::WeightView view(const WeightMatrix& m) const;
    [[nodiscard]] kernels::WeightStack stack(const WeightMatrix& m) const;
    /// Only `count` rows of each matrix of a stack, from row `first` on.
    [[nodiscard]] kernels::WeightStack stack(
        const WeightMatrix& m, std::size_t first, std::size_t count) const;
    [[nodiscard]] const float* vector(const WeightVector& v) const;

private:
    struct Place {
        const WeightMatrix* matrix = nullptr;
        std::uint64_t data = 0, scales = 0, places = 0; // from the beginning
    };
    class Uploader;
    kernels::cuda::Status copy(const Place& place, Uploader& uploader) const;
    [[nodiscard]] std::byte* at(std::uint64_t offset) const;

    std::unordered_map<const std::byte*, Place> m_matrices; // by where they lie in the file
    std::unordered_map<const WeightVector*, std::uint64_t> m_vectors;
    std::uint64_t m_bytes = 0;
    kernels::cuda::DeviceBytes m_memory;
};

} // namespace ponder
