#include "engine/plan/expert_layout.h"

#include "engine/plan/placed_weights.h"
#include "kernels/types/views.h"

namespace ponder {

using kernels::MatrixPlace;

namespace {

std::uint64_t scaleBlocks(std::uint64_t weights)
{
    return (weights + kernels::kScaleBlock - 1) / kernels::kScaleBlock;
}

/// Rows of a stack's scales from one matrix to the next; only where no place is given.
std::size_t rowsApart(const WeightMatrix& m)
{
    return m.stride / m.rowBytes;
}

const std::byte* scalesOf(const WeightMatrix& m, std::size_t expert)
{
    if (!m.places.empty())
        return reinterpret_cast<const std::byte*>(m.places[expert].scales);
    return reinterpret_cast<const std::byte*>(
        m.scales + expert * (rowsApart(m) / kernels::kScaleBlock) * scaleBlocks(m.columns));
}

} // namespace

std::optional<ExpertLayout> ExpertLayout::of(const MoeFeedForward& moe)
{
    ExpertLayout layout;
    const std::array matrices = {&moe.gate, &moe.up, &moe.down};
    for (std::size_t i = 0; i < matrices.size(); ++i) {
        const WeightMatrix& m = *matrices[i];
        Part& part = layout.m_parts[i];
        part.matrix = &m;
        part.data = layout.m_bytes;
        part.scales = part.data + deviceAligned(m.matrixBytes());
        if (scaleCount(m) > 0) {
            if (m.places.empty() && rowsApart(m) % kernels::kScaleBlock != 0)
                return std::nullopt;
            part.scaleBytes = scaleBlocks(m.rows) * scaleBlocks(m.columns) * sizeof(float);
        }
        layout.m_bytes = part.scales + deviceAligned(part.scaleBytes);
    }
    return layout;
}

std::uint64_t ExpertLayout::tableBytes() const
{
    return deviceAligned(m_parts.size() * experts() * sizeof(MatrixPlace));
}

std::array<ExpertLayout::Piece, ExpertLayout::kMaxPieces> ExpertLayout::pieces(
    std::size_t expert) const
{
    std::array<Piece, kMaxPieces> pieces;
    for (std::size_t i = 0; i < m_parts.size(); ++i) {
        const Part& part = m_parts[i];
        pieces[2 * i] = {part.matrix->matrix(expert), part.data, part.matrix->matrixBytes()};
        if (part.scaleBytes > 0)
            pieces[2 * i + 1] = {scalesOf(*part.matrix, expert), part.scales, part.scaleBytes};
    }
    return pieces;
}

std::array<MatrixPlace, 3> ExpertLayout::placesAt(const std::byte* address) const
{
    std::array<MatrixPlace, 3> places;
    for (std::size_t i = 0; i < m_parts.size(); ++i) {
        places[i].data = address + m_parts[i].data;
        if (m_parts[i].scaleBytes > 0)
            places[i].scales = reinterpret_cast<const float*>(address + m_parts[i].scales);
    }
    return places;
}

} // namespace ponder
