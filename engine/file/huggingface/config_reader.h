#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "engine/base/result.h"
#include "engine/file/metadata_writer.h"

namespace ponder {

/// Reads a configuration's values, writes them under GGUF's keys, and remembers the first that is
/// of a wrong type or cannot be computed with. A value `null` counts as absent.
class ConfigReader {
public:
    /// Both must outlive the reader. architecture: what GGUF's keys begin with.
    ConfigReader(const nlohmann::json& config, MetadataWriter& metadata, std::string architecture)
        : m_config(config)
        , m_metadata(metadata)
        , m_architecture(std::move(architecture))
    {
    }

    [[nodiscard]] bool has(std::string_view name) const { return find(name) != nullptr; }
    std::optional<std::int64_t> integer(std::string_view name);
    std::optional<double> number(std::string_view name);
    std::optional<bool> flag(std::string_view name);
    std::optional<std::string> text(std::string_view name);

    // Copies a value where it is there.
    void copyInteger(std::string_view name, std::string_view key);
    void copyNumber(std::string_view name, std::string_view key);
    void copyFlag(std::string_view name, std::string_view key);

    // Writes ARCHITECTURE.key.
    void put(std::string_view key, std::int64_t value);
    void putNumber(std::string_view key, double value);
    void putFlag(std::string_view key, bool value);
    void putText(std::string_view key, std::string_view value);

    /// Refuses what Ponder cannot compute; what: the rest of "This model's config.json …".
    void refuse(ErrorCode code, const std::string& what);
    [[nodiscard]] const std::optional<Error>& error() const { return m_error; }

    /// Whether a list holds these two texts by turns, or is not there.
    [[nodiscard]] bool alternates(
        std::string_view name, std::string_view first, std::string_view second) const;

    /// An object inside the configuration; nullptr where there is none.
    [[nodiscard]] const nlohmann::json* object(std::string_view name);

private:
    [[nodiscard]] const nlohmann::json* find(std::string_view name) const;
    void refuseType(std::string_view name, std::string_view wanted);
    [[nodiscard]] std::string named(std::string_view key) const
    {
        return m_architecture + '.' + std::string(key);
    }

    const nlohmann::json& m_config;
    MetadataWriter& m_metadata;
    std::string m_architecture;
    std::optional<Error> m_error;
};

} // namespace ponder
