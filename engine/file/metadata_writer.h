#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "engine/file/metadata.h"

namespace ponder {

/// Writes values as a GGUF file would have them, for files of another kind. Owns what its entries
/// point into; moving it keeps them valid. A key written again replaces the earlier value.
class MetadataWriter {
public:
    void putText(std::string_view key, std::string_view value);
    void putInt(std::string_view key, std::int64_t value);
    void putNumber(std::string_view key, double value);
    void putBool(std::string_view key, bool value);

    [[nodiscard]] const std::vector<GgufEntry>& entries() const { return m_entries; }

private:
    void put(std::string_view key, GgufType type, std::string bytes);

    std::deque<std::string> m_texts; // keys and values; a deque, so that they stay where they are
    std::vector<GgufEntry> m_entries;
};

} // namespace ponder
