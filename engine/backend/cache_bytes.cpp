#include "engine/backend/cache_bytes.h"

#include <cstring>
#include <new>
#include <string>

namespace ponder {

/// Raise the version when the order of the rows changes.
struct CacheForm::Header {
    std::uint32_t magic = 0x43564b50; // "PKVC"
    std::uint32_t version = 1;
    std::uint64_t tables = 0; // a hash of their shapes
    std::uint64_t first = 0, count = 0;
};

CacheForm::Header CacheForm::headerOf(TokenRange positions) const
{
    Header header;
    header.tables = 14695981039346656037U; // FNV-1a, as is the factor
    for (const CacheTable& table : m_tables) {
        for (const std::uint32_t number :
            {table.heads, table.cols, table.rowBytes, table.numberForm})
            header.tables = (header.tables ^ number) * 1099511628211U;
    }
    header.first = positions.first;
    header.count = positions.count;
    return header;
}

bool CacheForm::isInside(TokenRange positions) const
{
    return positions.first <= m_contextLength
        && positions.count <= m_contextLength - positions.first;
}

std::size_t CacheForm::positionBytes() const
{
    std::size_t bytes = 0;
    for (const CacheTable& table : m_tables)
        bytes += std::size_t{table.heads} * table.rowBytes;
    return bytes;
}

Result<CacheBytes> CacheForm::make(TokenRange positions) const
{
    if (!isInside(positions))
        return fail(ErrorCode::InvalidArgument,
            "The cache holds " + std::to_string(m_contextLength)
                + " positions, and later ones were to be saved.");
    try {
        CacheBytes made(sizeof(Header) + positions.count * positionBytes());
        const Header header = headerOf(positions);
        std::memcpy(made.data(), &header, sizeof header);
        return made;
    } catch (const std::bad_alloc&) {
        return fail(ErrorCode::OutOfMemory,
            "There is no memory to save the conversation's state. Close other programs.");
    }
}

std::span<std::byte> CacheForm::rowsOf(CacheBytes& made)
{
    return std::span(made).subspan(sizeof(Header));
}

Result<std::span<const std::byte>> CacheForm::checkedRows(
    TokenRange positions, std::span<const std::byte> bytes) const
{
    const auto refuse = [](const char* why) {
        return fail(ErrorCode::InvalidArgument,
            std::string("The saved state of the conversation cannot be used: ") + why
                + " The text has to be read again instead.");
    };
    if (!isInside(positions))
        return refuse("it is longer than the context.");
    Header header;
    if (bytes.size() < sizeof header)
        return refuse("it is too short.");
    std::memcpy(&header, bytes.data(), sizeof header);
    const Header wanted = headerOf(positions);
    if (header.magic != wanted.magic || header.version != wanted.version)
        return refuse("it was not written by this version of Ponder.");
    if (header.tables != wanted.tables)
        return refuse("it was written for another model, or for another device.");
    if (header.first != wanted.first || header.count != wanted.count)
        return refuse("it is of other tokens.");
    if (bytes.size() - sizeof header != positions.count * positionBytes())
        return refuse("its length is wrong.");
    return bytes.subspan(sizeof header);
}

} // namespace ponder
