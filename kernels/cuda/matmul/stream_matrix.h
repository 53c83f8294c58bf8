#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/types/both.h"
#include "kernels/types/views.h"

// The matrices that a row stream reads (row_stream.cuh), and how the lanes of a warp divide their rows.

namespace ponder::kernels::cuda {

inline constexpr unsigned kRowsPerLane = 2;
inline constexpr unsigned kFloatsPerLane
    = 8; ///< plain weights that a lane takes of a row in a step
inline constexpr unsigned kStreamThreads = 256; ///< of a block
inline constexpr unsigned kStreamWarps = kStreamThreads / 32;
inline constexpr unsigned kStages
    = 4; ///< of a warp's ring: one step is multiplied, three are copied

inline constexpr std::size_t kIndexBytes = 32; ///< of shared memory: where each token's vector is
/// The largest size of a block's ring and of its other shared memory, vectors excepted. A shape that needs more is
/// not chosen, whatever the GPU, so the choice and with it the order of sums is the same on every GPU. The GPUs with
/// the least shared memory have 96 KiB, and a vector needs the remaining 8 KiB.
inline constexpr std::size_t kMaxRingBytes = std::size_t{88} << 10U;

inline constexpr unsigned kBlocksPerMultiprocessor = 2; ///< where their shared memory allows it

/// The types with kernels, numbered 0, 1, … as kernelIndex() does. A row stream switches over it in its inner loop:
/// over GGUF's numbers, which have gaps, nvcc makes more instructions of the same switch.
enum class StreamType : std::uint8_t {
#define PONDER_FLOAT_TYPE(name, id, weights, bytes) name,
#define PONDER_QUANT_TYPE PONDER_FLOAT_TYPE
#include "kernels/types/tensor_types.def"
#undef PONDER_FLOAT_TYPE
#undef PONDER_QUANT_TYPE
};

/// A matrix or stack of them.
struct StreamMatrix {
    const std::uint8_t* data = nullptr;
    const MatrixPlace* places = nullptr; ///< instead of data, matrixStride and scales
    const float* scales = nullptr; ///< F8_E4M3 only
    std::size_t rowStride = 0; ///< bytes
    std::size_t matrixStride = 0; ///< bytes
    std::size_t scaleStride = 0; ///< floats
    unsigned scaleFirstRow = 0;
    unsigned scaleRows = 0; ///< from one matrix to the next
    unsigned rows = 0;
    unsigned cols = 0;
    unsigned rowBytes = 0;
    unsigned stepBytes = 0; ///< of a row that are taken in a step
    unsigned steps = 0; ///< of a row
    StreamType type = StreamType::F32;
    bool quantised = false;
};

/// How the lanes of a warp lie over a tile of weights: `lanes` of them, side by side, share a row, and
/// each has kRowsPerLane rows.
struct StreamShape {
    unsigned lanesLog2 = 5;
    unsigned slotBytes = 0; ///< of shared memory for a row's part in a step

    [[nodiscard]] PONDER_BOTH unsigned lanes() const { return 1U << lanesLog2; }
    [[nodiscard]] PONDER_BOTH unsigned tileRows() const
    {
        return kRowsPerLane * (32U >> lanesLog2);
    }
    [[nodiscard]] PONDER_BOTH std::size_t stageBytes() const
    {
        return std::size_t{slotBytes} * tileRows();
    }
    /// Of all warps of a block.
    [[nodiscard]] PONDER_BOTH std::size_t ringBytes() const
    {
        return stageBytes() * kStages * kStreamWarps;
    }
    /// The tiles of `rows` rows.
    [[nodiscard]] PONDER_BOTH unsigned tiles(std::size_t rows) const
    {
        return static_cast<unsigned>((rows + tileRows() - 1) / tileRows());
    }
};

/// Chooses a shape in which the matrices of a launch leave few lanes idle.
class StreamShapes {
public:
    void add(TensorType type, std::size_t rows, std::size_t cols);
    /// other: bytes of shared memory that the kernel needs for things other than weights and vectors.
    [[nodiscard]] StreamShape best(std::size_t other = 0) const;

private:
    static constexpr unsigned kChoices = 6; // of 1 to 32 lanes
    std::size_t m_work[kChoices] = {}; // of all lanes, idle ones too
    unsigned m_slot[kChoices] = {};
    unsigned m_least = 0; // log2 of lanes
};

[[nodiscard]] StreamMatrix streamMatrix(const WeightStack& w, const StreamShape& shape);
[[nodiscard]] StreamMatrix streamMatrix(const WeightView& w, const StreamShape& shape);

} // namespace ponder::kernels::cuda
