#include "engine/file/metadata_writer.h"

#include <algorithm>
#include <cstring>
#include <span>

namespace ponder {
namespace {

template <typename T> std::string raw(T value)
{
    std::string bytes(sizeof value, '\0');
    std::memcpy(bytes.data(), &value, sizeof value);
    return bytes;
}

} // namespace

void MetadataWriter::put(std::string_view key, GgufType type, std::string bytes)
{
    const std::string& value = m_texts.emplace_back(std::move(bytes));
    const auto span = std::as_bytes(std::span(value));
    const auto same = std::ranges::find(m_entries, key, &GgufEntry::key);
    if (same != m_entries.end()) {
        same->type = type;
        same->value = span;
        return;
    }
    m_entries.push_back({.key = m_texts.emplace_back(key), .type = type, .value = span});
}

void MetadataWriter::putText(std::string_view key, std::string_view value)
{
    put(key, GgufType::String, raw<std::uint64_t>(value.size()) + std::string(value));
}

void MetadataWriter::putInt(std::string_view key, std::int64_t value)
{
    put(key, GgufType::I64, raw(value));
}

void MetadataWriter::putNumber(std::string_view key, double value)
{
    put(key, GgufType::F64, raw(value));
}

void MetadataWriter::putBool(std::string_view key, bool value)
{
    put(key, GgufType::Bool, std::string(1, value ? '\1' : '\0'));
}

} // namespace ponder
