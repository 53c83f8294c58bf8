// A kernel for each type of weights that takes the steps of two rows a lane as decoding does (RowStream), with the
// type known beforehand. Nobody launches it: tests/gpu/resources counts the instructions of its loop. In the
// kernels that are launched one loop has the code of all types.

#include "kernels/cuda/matmul/row_stream.cuh"

namespace ponder::kernels::cuda {

/// A type of weights, by a name that is read in the kernel's.
namespace weights {
#define PONDER_FLOAT_TYPE(name, id, blockWeights, blockBytes)                                      \
    struct name {                                                                                  \
        static constexpr StreamType kType = StreamType::name;                                      \
        static constexpr bool kQuantised = false;                                                  \
    };
#define PONDER_QUANT_TYPE(name, id, blockWeights, blockBytes)                                      \
    struct name {                                                                                  \
        static constexpr StreamType kType = StreamType::name;                                      \
        static constexpr bool kQuantised = true;                                                   \
    };
#include "kernels/types/tensor_types.def"
#undef PONDER_FLOAT_TYPE
#undef PONDER_QUANT_TYPE
} // namespace weights

struct ProbeKernel {
    StreamMatrix matrix;
    StreamShape shape;
    Vectors x; ///< data: nullptr where the block has them in shared memory
    float* y;
};

template <typename Weights>
__global__ void __launch_bounds__(kStreamThreads, 2)
    rowStreamStep(const __grid_constant__ ProbeKernel p)
{
    PONDER_SHARED_DYNAMIC(std::uint8_t, shared);
    const unsigned warp = threadIdx.x / kWarpSize;
    const RowStream<1> stream(
        {shared + warp * p.shape.stageBytes() * kStages, p.shape.lanesLog2, p.shape.slotBytes});
    const std::uint8_t* const vectors
        = p.x.data == nullptr ? shared + p.shape.ringBytes() + kIndexBytes : p.x.data;
    const auto* const index = reinterpret_cast<const std::uint16_t*>(shared + p.shape.ringBytes());
    const unsigned firstRow = (warp * gridDim.x + blockIdx.x) * stream.tileRows();
    RowStream<1>::Sums sum = {};
    unsigned stage = 0;
    for (unsigned step = 0; step < p.matrix.steps; ++step) {
        // A copy in each step: what the compiler knows of it is then not lost at the copies' barriers.
        StreamMatrix matrix = p.matrix;
        matrix.type = Weights::kType;
        matrix.quantised = Weights::kQuantised;
        Segment s = segmentOf(matrix, blockIdx.y, firstRow, stream.tileRows());
        s.x = {vectors, index, p.x.vectorBytes, 1};
        waitForCopies<kStages - 2>();
        __syncwarp();
        if (step + kStages - 1 < matrix.steps)
            stream.fetch(s, step + kStages - 1, (stage + kStages - 1) % kStages);
        commitCopies();
        stream.add(s, step, stage, sum);
        stage = (stage + 1) % kStages;
    }
    stream.reduce(sum);
    for (unsigned i = 0; i < kRowsPerLane; ++i)
        if (stream.position == 0)
            p.y[firstRow + stream.row + i] = sum[i][0];
}

#define PONDER_FLOAT_TYPE(name, id, blockWeights, blockBytes)                                      \
    template __global__ void rowStreamStep<weights::name>(const __grid_constant__ ProbeKernel);
#define PONDER_QUANT_TYPE PONDER_FLOAT_TYPE
#include "kernels/types/tensor_types.def"
#undef PONDER_FLOAT_TYPE
#undef PONDER_QUANT_TYPE

} // namespace ponder::kernels::cuda
