#include "kernels/cuda/matmul/stream_matrix.h"

#include <algorithm>

namespace ponder::kernels::cuda {

namespace {

constexpr unsigned kGroup = 32;

/// Weights of a row that a lane takes in a step.
unsigned weightsPerLane(TensorType type)
{
    return traits(type).quantised ? kGroup : kFloatsPerLane;
}

unsigned stepBytes(TensorType type, unsigned lanes)
{
    const TensorTraits& t = traits(type);
    return lanes * weightsPerLane(type) / t.weightsPerBlock * t.bytesPerBlock;
}

unsigned steps(TensorType type, std::size_t cols, unsigned lanes)
{
    const std::size_t step = std::size_t{lanes} * weightsPerLane(type);
    return static_cast<unsigned>((cols + step - 1) / step);
}

} // namespace

void StreamShapes::add(TensorType type, std::size_t rows, std::size_t cols)
{
    if (traits(type).weightsPerBlock == 256)
        m_least = 3; // a step is of whole blocks
    for (unsigned log2 = 0; log2 < kChoices; ++log2) {
        const unsigned lanes = 1U << log2;
        m_work[log2] += rows * steps(type, cols, lanes) * lanes;
        // A part may begin and end anywhere in 16 bytes.
        const unsigned slot = (stepBytes(type, lanes) + 30) / 16 * 16;
        m_slot[log2] = std::max(m_slot[log2], slot);
    }
}

StreamShape StreamShapes::best(std::size_t other) const
{
    const auto fits = [&](unsigned log2) {
        return StreamShape{log2, m_slot[log2]}.ringBytes() + other <= kMaxRingBytes;
    };
    std::size_t least = m_work[kChoices - 1];
    for (unsigned log2 = m_least; log2 < kChoices; ++log2) {
        if (fits(log2))
            least = std::min(least, m_work[log2]);
    }
    unsigned log2 = kChoices - 1;
    while (log2 > m_least && (m_work[log2] > least + least / 16 || !fits(log2)))
        --log2;
    return {log2, m_slot[log2]};
}

StreamMatrix streamMatrix(const WeightStack& w, const StreamShape& shape)
{
    StreamMatrix m;
    m.data = reinterpret_cast<const std::uint8_t*>(w.data);
    m.places = w.places;
    m.scales = w.scales.data;
    m.rowStride = w.rowStride;
    m.matrixStride = w.matrixStride;
    m.scaleStride = w.scales.stride;
    m.scaleFirstRow = static_cast<unsigned>(w.scales.firstRow);
    m.scaleRows = static_cast<unsigned>(w.scaleRows);
    m.rows = static_cast<unsigned>(w.rows);
    m.cols = static_cast<unsigned>(w.cols);
    m.rowBytes = static_cast<unsigned>(rowBytes(w.type, w.cols).value_or(0));
    m.stepBytes = stepBytes(w.type, shape.lanes());
    m.steps = steps(w.type, w.cols, shape.lanes());
    m.type = static_cast<StreamType>(kernelIndex(w.type));
    m.quantised = traits(w.type).quantised;
    return m;
}

StreamMatrix streamMatrix(const WeightView& w, const StreamShape& shape)
{
    return streamMatrix(WeightStack{.type = w.type,
                            .data = w.data,
                            .count = 1,
                            .rows = w.rows,
                            .cols = w.cols,
                            .rowStride = w.rowStride,
                            .matrixStride = 0,
                            .scales = w.scales,
                            .scaleRows = 0,
                            .places = nullptr},
        shape);
}

} // namespace ponder::kernels::cuda
