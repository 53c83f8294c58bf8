#include "engine/file/metadata.h"

#include <cstdio>
#include <cstring>
#include <limits>

#include "engine/file/printable.h"

namespace ponder {
namespace {

template <typename T> T load(const std::byte* at)
{
    T value;
    std::memcpy(&value, at, sizeof(T));
    return value;
}

struct Integer {
    bool negative = false;
    std::uint64_t bits = 0; ///< two's complement where negative
};

template <typename T> Integer integer(T value)
{
    return {value < T{0}, static_cast<std::uint64_t>(static_cast<std::int64_t>(value))};
}

std::optional<Integer> loadInteger(GgufType type, const std::byte* at)
{
    switch (type) {
    case GgufType::U8:
        return Integer{false, load<std::uint8_t>(at)};
    case GgufType::U16:
        return Integer{false, load<std::uint16_t>(at)};
    case GgufType::U32:
        return Integer{false, load<std::uint32_t>(at)};
    case GgufType::U64:
        return Integer{false, load<std::uint64_t>(at)};
    case GgufType::I8:
        return integer(load<std::int8_t>(at));
    case GgufType::I16:
        return integer(load<std::int16_t>(at));
    case GgufType::I32:
        return integer(load<std::int32_t>(at));
    case GgufType::I64:
        return integer(load<std::int64_t>(at));
    default:
        return std::nullopt;
    }
}

std::optional<std::int64_t> toSigned(std::optional<Integer> value)
{
    if (!value
        || (!value->negative
            && value->bits > std::uint64_t{std::numeric_limits<std::int64_t>::max()}))
        return std::nullopt;
    return static_cast<std::int64_t>(value->bits);
}

std::string_view stringAt(const std::byte* at)
{
    return {
        reinterpret_cast<const char*>(at) + 8, static_cast<std::size_t>(load<std::uint64_t>(at))};
}

const GgufEntry* single(const GgufEntry* entry)
{
    return entry != nullptr && !entry->isArray ? entry : nullptr;
}

const GgufEntry* array(const GgufEntry* entry)
{
    return entry != nullptr && entry->isArray ? entry : nullptr;
}

} // namespace

std::uint32_t ggufTypeBytes(GgufType type)
{
    switch (type) {
    case GgufType::U8:
    case GgufType::I8:
    case GgufType::Bool:
        return 1;
    case GgufType::U16:
    case GgufType::I16:
        return 2;
    case GgufType::U32:
    case GgufType::I32:
    case GgufType::F32:
        return 4;
    case GgufType::U64:
    case GgufType::I64:
    case GgufType::F64:
        return 8;
    case GgufType::String:
    case GgufType::Array:
        break;
    }
    return 0;
}

bool Metadata::addEntry(const GgufEntry& entry)
{
    if (!m_entryOf.emplace(entry.key, m_entries.size()).second)
        return false;
    m_entries.push_back(entry);
    return true;
}

void Metadata::setEntry(const GgufEntry& entry)
{
    if (const auto found = m_entryOf.find(entry.key); found != m_entryOf.end())
        m_entries[found->second] = entry;
    else
        addEntry(entry);
}

const GgufEntry* Metadata::entry(std::string_view key) const
{
    const auto found = m_entryOf.find(key);
    return found == m_entryOf.end() ? nullptr : &m_entries[found->second];
}

std::optional<std::string_view> Metadata::getString(std::string_view key) const
{
    const GgufEntry* e = single(entry(key));
    if (e == nullptr || e->type != GgufType::String)
        return std::nullopt;
    return stringAt(e->value.data());
}

std::optional<std::uint64_t> Metadata::getUint(std::string_view key) const
{
    const GgufEntry* e = single(entry(key));
    const auto value = e == nullptr ? std::nullopt : loadInteger(e->type, e->value.data());
    if (!value || value->negative)
        return std::nullopt;
    return value->bits;
}

std::optional<std::int64_t> Metadata::getInt(std::string_view key) const
{
    const GgufEntry* e = single(entry(key));
    return e == nullptr ? std::nullopt : toSigned(loadInteger(e->type, e->value.data()));
}

std::optional<double> Metadata::getFloat(std::string_view key) const
{
    const GgufEntry* e = single(entry(key));
    if (e == nullptr)
        return std::nullopt;
    if (e->type == GgufType::F32)
        return load<float>(e->value.data());
    if (e->type == GgufType::F64)
        return load<double>(e->value.data());
    if (const auto value = getInt(key))
        return static_cast<double>(*value);
    return std::nullopt;
}

std::optional<bool> Metadata::getBool(std::string_view key) const
{
    const GgufEntry* e = single(entry(key));
    if (e == nullptr || e->type != GgufType::Bool)
        return std::nullopt;
    return e->value[0] != std::byte{0};
}

std::optional<std::vector<std::string_view>> Metadata::getStrings(std::string_view key) const
{
    const GgufEntry* e = array(entry(key));
    if (e == nullptr || e->type != GgufType::String)
        return std::nullopt;
    std::vector<std::string_view> strings;
    strings.reserve(e->count);
    const std::byte* at = e->value.data();
    for (std::uint64_t i = 0; i < e->count; ++i) {
        strings.push_back(stringAt(at));
        at += 8 + strings.back().size();
    }
    return strings;
}

std::optional<std::vector<std::int64_t>> Metadata::getInts(std::string_view key) const
{
    const GgufEntry* e = array(entry(key));
    if (e == nullptr)
        return std::nullopt;
    const std::size_t size = ggufTypeBytes(e->type);
    std::vector<std::int64_t> values;
    for (std::uint64_t i = 0; i < e->count; ++i) {
        const std::byte* at = e->value.data() + i * size;
        const auto value = e->type == GgufType::Bool
            ? std::optional<std::int64_t>(at[0] != std::byte{0})
            : toSigned(loadInteger(e->type, at));
        if (!value)
            return std::nullopt;
        values.push_back(*value);
    }
    return values;
}

std::optional<std::vector<float>> Metadata::getFloats(std::string_view key) const
{
    const GgufEntry* e = array(entry(key));
    if (e == nullptr || (e->type != GgufType::F32 && e->type != GgufType::F64))
        return std::nullopt;
    std::vector<float> values(e->count);
    for (std::uint64_t i = 0; i < e->count; ++i)
        values[i] = e->type == GgufType::F32
            ? load<float>(e->value.data() + i * 4)
            : static_cast<float>(load<double>(e->value.data() + i * 8));
    return values;
}

namespace {

std::string describeSingle(GgufType type, const std::byte* at, std::size_t maxLength)
{
    if (type == GgufType::String)
        return '"' + printable(stringAt(at), maxLength) + '"';
    if (type == GgufType::Bool)
        return at[0] != std::byte{0} ? "true" : "false";
    if (type == GgufType::F32 || type == GgufType::F64) {
        char text[32] = {};
        std::snprintf(text, sizeof text, "%g",
            type == GgufType::F32 ? static_cast<double>(load<float>(at)) : load<double>(at));
        return text;
    }
    const auto value = loadInteger(type, at);
    if (!value)
        return "?";
    return value->negative ? std::to_string(static_cast<std::int64_t>(value->bits))
                           : std::to_string(value->bits);
}

} // namespace

std::string describeValue(const GgufEntry& entry, std::size_t maxLength)
{
    if (!entry.isArray)
        return describeSingle(entry.type, entry.value.data(), maxLength);
    std::string text = "[";
    const std::byte* at = entry.value.data();
    for (std::uint64_t i = 0; i < entry.count; ++i) {
        if (i > 0)
            text += ", ";
        if (text.size() >= maxLength)
            return text + "…] (" + std::to_string(entry.count) + ")";
        text += describeSingle(entry.type, at, maxLength);
        at += entry.type == GgufType::String ? 8 + stringAt(at).size() : ggufTypeBytes(entry.type);
    }
    return text + "]";
}

} // namespace ponder
