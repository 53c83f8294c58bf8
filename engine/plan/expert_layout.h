#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "engine/model/network.h"

namespace ponder {

/// How one routed expert of a layer lies when it is moved to a GPU by itself: gate, up and down, each followed
/// by its scales, every piece aligned. The layer must outlive it.
class ExpertLayout {
public:
    /// Nothing where experts share a block of scales, so that none can be moved alone.
    [[nodiscard]] static std::optional<ExpertLayout> of(const MoeFeedForward& moe);

    [[nodiscard]] std::uint64_t bytes() const { return m_bytes; } ///< of an expert
    [[nodiscard]] std::size_t experts() const { return m_parts[0].matrix->count; }

    /// Of a table of places for all of the layer's experts: [3][experts], gate, up and down.
    [[nodiscard]] std::uint64_t tableBytes() const;

    struct Piece {
        const std::byte* from = nullptr; ///< in the file
        std::size_t to = 0; ///< from the expert's first byte
        std::size_t bytes = 0;
    };
    static constexpr std::size_t kMaxPieces = 6;
    /// Those of an expert; what is not needed has no bytes.
    [[nodiscard]] std::array<Piece, kMaxPieces> pieces(std::size_t expert) const;

    /// Where gate, up and down are of an expert whose first byte is at `address`.
    [[nodiscard]] std::array<kernels::MatrixPlace, 3> placesAt(const std::byte* address) const;

private:
    struct Part {
        const WeightMatrix* matrix = nullptr;
        std::size_t data = 0, scales = 0; // from the expert's first byte
        std::size_t scaleBytes = 0;
    };
    std::array<Part, 3> m_parts; // gate, up, down
    std::uint64_t m_bytes = 0;
};

} // namespace ponder
