#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/file/gguf.h"
#include "engine/file/model_file.h"

namespace ponder::test {

/// Builds GGUF files in memory, right ones and wrong ones.
class GgufBytes {
public:
    struct Entry {
        std::string key;
        std::uint32_t type;
        std::string value; // as in the file
    };
    struct Tensor {
        std::string name;
        std::vector<std::uint64_t> dimensions;
        std::uint32_t type = 0;
        std::string data;
        std::int64_t shift = 0; // added to the right offset, to make a wrong one
    };

    std::uint32_t version = 3;
    std::uint64_t alignment = 32;
    std::vector<Entry> entries;
    std::vector<Tensor> tensors;

    GgufBytes() = default;

    /// Everything that is in a file.
    explicit GgufBytes(const GgufFile& file)
    {
        for (const GgufEntry& e : file.entries()) {
            std::string value(reinterpret_cast<const char*>(e.value.data()), e.value.size());
            const auto type = static_cast<std::uint32_t>(e.type);
            if (e.isArray)
                value = raw(type) + raw(e.count) + value;
            entries.push_back({std::string(e.key), e.isArray ? 9 : type, value});
        }
        for (const ModelTensor& t : file.tensors())
            tensors.push_back({std::string(t.name),
                {t.dimensions.begin(), t.dimensions.begin() + t.dimensionCount},
                static_cast<std::uint32_t>(t.type),
                {reinterpret_cast<const char*>(t.data.data()), t.data.size()}});
    }

    template <typename T> static std::string raw(T value)
    {
        std::string bytes(sizeof(T), '\0');
        std::memcpy(bytes.data(), &value, sizeof(T));
        return bytes;
    }
    static std::string text(const std::string& value)
    {
        return raw<std::uint64_t>(value.size()) + value;
    }

    void put(const std::string& key, std::uint32_t type, const std::string& value)
    {
        for (Entry& e : entries) {
            if (e.key == key) {
                e = {key, type, value};
                return;
            }
        }
        entries.push_back({key, type, value});
    }
    void putUint(const std::string& key, std::uint32_t value) { put(key, 4, raw(value)); }
    void putFloat(const std::string& key, float value) { put(key, 6, raw(value)); }
    void putText(const std::string& key, const std::string& value) { put(key, 8, text(value)); }
    void drop(const std::string& key)
    {
        std::erase_if(entries, [&key](const Entry& e) { return e.key == key; });
    }
    Tensor& tensor(const std::string& name)
    {
        for (Tensor& t : tensors) {
            if (t.name == name)
                return t;
        }
        return tensors.emplace_back();
    }

    [[nodiscard]] std::string head() const
    {
        std::string out = "GGUF" + raw(version) + raw<std::uint64_t>(tensors.size())
            + raw<std::uint64_t>(entries.size());
        for (const Entry& e : entries)
            out += text(e.key) + raw(e.type) + e.value;
        std::uint64_t offset = 0;
        for (const Tensor& t : tensors) {
            out += text(t.name) + raw(static_cast<std::uint32_t>(t.dimensions.size()));
            for (const std::uint64_t d : t.dimensions)
                out += raw(d);
            out += raw(t.type) + raw(offset + static_cast<std::uint64_t>(t.shift));
            offset += padded(t.data.size());
        }
        return out;
    }
    [[nodiscard]] std::string build() const
    {
        std::string out = head();
        out.resize(padded(out.size()));
        for (const Tensor& t : tensors) {
            out += t.data;
            out.resize(padded(out.size()));
        }
        return out;
    }

private:
    [[nodiscard]] std::size_t padded(std::size_t size) const
    {
        return (size + alignment - 1) / alignment * alignment;
    }
};

inline std::span<const std::byte> bytesOf(const std::string& text)
{
    return std::as_bytes(std::span(text));
}

} // namespace ponder::test
