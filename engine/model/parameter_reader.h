#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/file/model_file.h"
#include "engine/model/network.h"

namespace ponder {

/// Reads an architecture's hyper-parameters and remembers the first that is missing or absurd, so
/// that a family reads all it needs and asks once whether it worked. Values after a failure are
/// the least that is allowed.
class ParameterReader {
public:
    ParameterReader(const ModelFile& file, std::string architecture);

    /// ARCHITECTURE.key as an integer from least to most; without a fallback it must be there.
    std::uint32_t integer(std::string_view key, std::uint32_t least, std::uint32_t most,
        std::optional<std::uint32_t> fallback = std::nullopt);
    /// As above for a finite number.
    float number(std::string_view key, float least, float most,
        std::optional<float> fallback = std::nullopt);
    bool flag(std::string_view key, bool fallback);
    std::string text(std::string_view key, std::string_view fallback);
    [[nodiscard]] bool has(std::string_view key) const;

    /// Notes a contradiction between values; message: the rest of "This model file says ".
    void require(bool holds, std::string_view message);

    [[nodiscard]] const std::optional<Error>& error() const { return m_error; }
    /// The keys that were asked for, with their architecture.
    [[nodiscard]] const FileUse& use() const { return m_use; }

private:
    [[nodiscard]] std::string name(std::string_view key) const; ///< and notes its use
    void refuse(std::string_view key, const std::string& why);

    const ModelFile& m_file;
    std::string m_architecture;
    std::optional<Error> m_error;
    mutable FileUse m_use;
};

} // namespace ponder
