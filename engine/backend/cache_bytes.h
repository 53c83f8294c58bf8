#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/result.h"

namespace ponder {

/// first, first + 1, … first + count - 1: of tokens, or of positions.
struct TokenRange {
    std::size_t first = 0, count = 0;

    bool operator==(const TokenRange&) const = default;
};

/// The keys and values (or latents) of a range of positions in all layers, as a backend keeps them: a header,
/// then the tables one after the other, each [heads, positions] rows.
using CacheBytes = std::vector<std::byte>;

/// The shape of one table of a cache: of the keys or the values of a layer.
struct CacheTable {
    std::uint32_t heads = 0;
    std::uint32_t cols = 0; ///< numbers of a row
    std::uint32_t rowBytes = 0;
    std::uint32_t numberForm = 0; ///< 0: f32; a GPU has other ones, too
};

/// The tables of a backend's cache. Bytes are checked against them before a row is read.
class CacheForm {
public:
    CacheForm() = default;
    CacheForm(std::vector<CacheTable> tables, std::size_t contextLength)
        : m_tables(std::move(tables))
        , m_contextLength(contextLength)
    {
    }

    [[nodiscard]] std::span<const CacheTable> tables() const { return m_tables; }

    /// A header, and zeros for the rows. Fails with InvalidArgument where the range ends after the context,
    /// and with OutOfMemory.
    [[nodiscard]] Result<CacheBytes> make(TokenRange positions) const;
    [[nodiscard]] static std::span<std::byte> rowsOf(CacheBytes& made);

    /// The rows of bytes that were made for these tables and this range. Fails with InvalidArgument where the
    /// bytes are any others.
    [[nodiscard]] Result<std::span<const std::byte>> checkedRows(
        TokenRange positions, std::span<const std::byte> bytes) const;

private:
    struct Header;
    [[nodiscard]] Header headerOf(TokenRange positions) const;
    [[nodiscard]] bool isInside(TokenRange positions) const;
    [[nodiscard]] std::size_t positionBytes() const; ///< of one position, in all tables

    std::vector<CacheTable> m_tables;
    std::size_t m_contextLength = 0;
};

} // namespace ponder
