#include "engine/file/gguf.h"

#include "engine/file/gguf_reader.h"

namespace ponder {

Result<GgufFile> GgufFile::open(const std::filesystem::path& path)
{
    auto map = MappedFile::open(path);
    if (!map)
        return tl::unexpected(map.error());
    auto file = fromBytes(map->bytes());
    if (!file) {
        Error error = file.error();
        const std::string where = path.filename().string() + ": ";
        error.message = where + error.message;
        error.context = path.string() + (error.context.empty() ? "" : ", " + error.context);
        return tl::unexpected(std::move(error));
    }
    file->m_map = std::move(*map);
    return file;
}

Result<GgufFile> GgufFile::fromBytes(std::span<const std::byte> bytes)
{
    GgufFile file;
    file.m_bytes = bytes;
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
