#include "engine/file/gguf.h"

#include "engine/file/gguf_reader.h"
#include "engine/file/printable.h"

namespace ponder {

Result<GgufFile> GgufFile::open(const std::filesystem::path& path)
{
    auto map = MappedFile::open(path);
    if (!map)
        return tl::unexpected(map.error());
    auto file = read(map->bytes());
    if (auto change = map->change(); change && (!file || map->isLost()))
        return tl::unexpected(change->error()); // what was read does not count
    if (!file) {
        Error error = file.error();
        const std::string where = printableName(path) + ": ";
        error.message = where + error.message;
        error.context = path.string() + (error.context.empty() ? "" : ", " + error.context);
        return tl::unexpected(std::move(error));
    }
    file->m_map = std::move(*map);
    return file;
}

/// Measures the head in the map, copies it, and reads the copy.
Result<GgufFile> GgufFile::read(std::span<const std::byte> mapped)
{
    auto measured = fromBytes(mapped);
    if (!measured)
        return measured;
    GgufFile file;
    const auto head = measured->headBytes();
    file.m_headCopy.assign(head.begin(), head.end());
    file.m_bytes = mapped;
    file.m_head = file.m_headCopy;
    if (auto ok = GgufReader(file).read(); !ok)
        return tl::unexpected(ok.error());
    return file;
}

Result<GgufFile> GgufFile::fromBytes(std::span<const std::byte> bytes)
{
    GgufFile file;
    file.m_bytes = bytes;
    file.m_head = bytes;
    if (auto ok = GgufReader(file).read(); !ok)
        return tl::unexpected(ok.error());
    return file;
}

const ModelTensor* GgufFile::tensor(std::string_view name) const
{
    const auto found = m_tensorOf.find(name);
    return found == m_tensorOf.end() ? nullptr : &m_tensors[found->second];
}

} // namespace ponder
