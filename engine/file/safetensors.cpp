#include "engine/file/safetensors.h"

#include <algorithm>
#include <cstring>

#include "engine/file/foreign_file.h"
#include "engine/file/printable.h"
#include "engine/file/safetensors_header.h"

namespace ponder {
namespace {

constexpr std::uint64_t kMaxHeaderBytes = 100'000'000; // the format's own limit

tl::unexpected<Error> damaged(const std::string& what)
{
    return fail(ErrorCode::FileCorrupt, "is damaged: " + what + ". Download or copy it again.");
}

Result<void> place(SafeTensorEntry& entry, std::span<const std::byte> data)
{
    std::uint64_t bytes = entry.elementBytes;
    for (const std::uint64_t d : entry.tensor.dimensions) {
        if (d == 0 || __builtin_mul_overflow(bytes, d, &bytes))
            return damaged(
                "the tensor " + printable(entry.tensor.name) + " claims impossible dimensions");
    }
    if (entry.begin > entry.end || entry.end - entry.begin != bytes)
        return damaged("the tensor " + printable(entry.tensor.name) + " takes "
            + std::to_string(bytes) + " bytes by its shape, and another number by its place");
    entry.tensor.data = data.subspan(entry.begin, bytes);
    return {};
}

/// Holds every entry against the data, and the entries against each other.
Result<void> placeAll(std::vector<SafeTensorEntry>& entries, std::span<const std::byte> data)
{
    std::uint64_t end = 0;
    for (const SafeTensorEntry& entry : entries)
        end = std::max({end, entry.begin, entry.end});
    if (end > data.size())
        return fail(ErrorCode::FileTruncated,
            "is incomplete: " + std::to_string(end - data.size())
                + " bytes are missing at its end. Download or copy it again; the download was "
                  "probably interrupted.");
    for (SafeTensorEntry& entry : entries) {
        if (auto ok = place(entry, data); !ok)
            return ok;
    }
    std::vector<const SafeTensorEntry*> order;
    order.reserve(entries.size());
    for (const SafeTensorEntry& entry : entries)
        order.push_back(&entry);
    std::ranges::sort(order, {}, [](const SafeTensorEntry* e) { return e->begin; });
    for (std::size_t i = 1; i < order.size(); ++i) {
        if (order[i - 1]->end > order[i]->begin)
            return damaged("the tensors " + printable(order[i - 1]->tensor.name) + " and "
                + printable(order[i]->tensor.name) + " overlap");
    }
    std::ranges::sort(
        order, {}, [](const SafeTensorEntry* e) { return std::string_view(e->tensor.name); });
    for (std::size_t i = 1; i < order.size(); ++i) {
        if (order[i - 1]->tensor.name == order[i]->tensor.name)
            return damaged("the tensor " + printable(order[i]->tensor.name) + " occurs twice");
    }
    return {};
}

} // namespace

Result<SafeTensorsFile> SafeTensorsFile::open(const std::filesystem::path& path)
{
    auto map = MappedFile::open(path);
    if (!map)
        return tl::unexpected(map.error());
    auto file = fromBytes(map->bytes());
    if (auto change = map->change(); change && (!file || map->isLost()))
        return tl::unexpected(change->error()); // what was read does not count
    if (!file) {
        Error error = file.error();
        error.message = printableName(path) + ' ' + error.message;
        error.context = path.string();
        return tl::unexpected(std::move(error));
    }
    file->m_map = std::move(*map);
    return file;
}

Result<SafeTensorsFile> SafeTensorsFile::fromBytes(std::span<const std::byte> bytes)
{
    std::uint64_t length = 0;
    if (bytes.size() < sizeof length + 2 || bytes[8] != std::byte{'{'})
        return fail(ErrorCode::UnsupportedFormat, describeForeignFile(bytes));
    std::memcpy(&length, bytes.data(), sizeof length);
    if (length > kMaxHeaderBytes)
        return damaged("its header claims " + std::to_string(length) + " bytes");
    if (length > bytes.size() - sizeof length)
        return fail(ErrorCode::FileTruncated,
            "ends in the middle of its header. Download or copy it again; the download was "
            "probably interrupted.");
    auto entries = readSafeTensorsHeader(bytes.subspan(sizeof length, length));
    if (!entries)
        return tl::unexpected(entries.error());
    SafeTensorsFile file;
    file.m_bytes = bytes;
    file.m_headBytes = sizeof length + length;
    if (auto ok = placeAll(*entries, bytes.subspan(file.m_headBytes)); !ok)
        return tl::unexpected(ok.error());
    file.m_tensors.reserve(entries->size());
    for (SafeTensorEntry& entry : *entries)
        file.m_tensors.push_back(std::move(entry.tensor));
    return file;
}

} // namespace ponder
