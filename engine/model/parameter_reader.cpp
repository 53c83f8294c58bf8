#include "engine/model/parameter_reader.h"

#include <cmath>
#include <cstdio>
#include <utility>

namespace ponder {
namespace {

std::string shortNumber(double value)
{
    char text[32] = {};
    std::snprintf(text, sizeof text, "%g", value);
    return text;
}

} // namespace

ParameterReader::ParameterReader(const ModelFile& file, std::string architecture)
    : m_file(file)
    , m_architecture(std::move(architecture))
{
}

std::string ParameterReader::name(std::string_view key) const
{
    return *m_use.keys.insert(m_architecture + '.' + std::string(key)).first;
}

bool ParameterReader::has(std::string_view key) const
{
    return m_file.entry(name(key)) != nullptr;
}

void ParameterReader::refuse(std::string_view key, const std::string& why)
{
    if (!m_error)
        m_error = Error{ErrorCode::FileCorrupt,
            "This model file cannot be used: " + name(key) + ' ' + why
                + ". It is damaged, or was converted by a program that did it differently; choose "
                  "another file.",
            name(key)};
}

std::uint32_t ParameterReader::integer(std::string_view key, std::uint32_t least,
    std::uint32_t most, std::optional<std::uint32_t> fallback)
{
    if (!has(key)) {
        if (!fallback)
            refuse(key, "is missing");
        return fallback.value_or(least);
    }
    const auto value = m_file.getInt(name(key));
    if (!value) {
        refuse(key, "is not a whole number");
        return least;
    }
    if (*value < std::int64_t{least} || *value > std::int64_t{most}) {
        refuse(key,
            "is " + std::to_string(*value) + ", and " + std::to_string(least) + " to "
                + std::to_string(most) + " is possible");
        return least;
    }
    return static_cast<std::uint32_t>(*value);
}

float ParameterReader::number(
    std::string_view key, float least, float most, std::optional<float> fallback)
{
    if (!has(key)) {
        if (!fallback)
            refuse(key, "is missing");
        return fallback.value_or(least);
    }
    const auto value = m_file.getFloat(name(key));
    if (!value) {
        refuse(key, "is not a number");
        return least;
    }
    if (!std::isfinite(*value) || *value < static_cast<double>(least)
        || *value > static_cast<double>(most)) {
        refuse(key,
            "is " + shortNumber(*value) + ", and " + shortNumber(static_cast<double>(least))
                + " to " + shortNumber(static_cast<double>(most)) + " is possible");
        return least;
    }
    return static_cast<float>(*value);
}

bool ParameterReader::flag(std::string_view key, bool fallback)
{
    if (!has(key))
        return fallback;
    const auto value = m_file.getBool(name(key));
    if (!value)
        refuse(key, "is neither true nor false");
    return value.value_or(fallback);
}

std::string ParameterReader::text(std::string_view key, std::string_view fallback)
{
    if (!has(key))
        return std::string(fallback);
    const auto value = m_file.getString(name(key));
    if (!value)
        refuse(key, "is not a text");
    return std::string(value.value_or(fallback));
}

void ParameterReader::require(bool holds, std::string_view message)
{
    if (!holds && !m_error)
        m_error = Error{ErrorCode::FileCorrupt,
            "This model file contradicts itself: it says " + std::string(message)
                + ". It is damaged; choose another file.",
            m_architecture};
}

} // namespace ponder
