#include "engine/file/huggingface/config_reader.h"

#include <algorithm>
#include <cmath>

namespace ponder {

using Json = nlohmann::json;

const Json* ConfigReader::find(std::string_view name) const
{
    const auto found = m_config.find(name);
    return found == m_config.end() || found->is_null() ? nullptr : &*found;
}

void ConfigReader::refuse(ErrorCode code, const std::string& what)
{
    if (!m_error)
        m_error = Error{code, "This model's config.json " + what, "config.json"};
}

void ConfigReader::refuseType(std::string_view name, std::string_view wanted)
{
    refuse(ErrorCode::FileCorrupt,
        "gives " + std::string(name) + ", which is not " + std::string(wanted)
            + ". The file is damaged; download it again.");
}

std::optional<std::int64_t> ConfigReader::integer(std::string_view name)
{
    const Json* value = find(name);
    if (value == nullptr)
        return std::nullopt;
    const auto* natural = value->get_ptr<const Json::number_unsigned_t*>();
    const auto* whole = value->get_ptr<const Json::number_integer_t*>();
    const auto* fraction = value->get_ptr<const Json::number_float_t*>();
    if (fraction != nullptr && *fraction == std::floor(*fraction) && std::abs(*fraction) < 9e15)
        return static_cast<std::int64_t>(*fraction); // 32.0, as some programs write it
    if (whole == nullptr || (natural != nullptr && *natural > INT64_MAX)) {
        refuseType(name, "a whole number");
        return std::nullopt;
    }
    return *whole;
}

std::optional<double> ConfigReader::number(std::string_view name)
{
    const Json* value = find(name);
    if (value == nullptr)
        return std::nullopt;
    if (!value->is_number()) {
        refuseType(name, "a number");
        return std::nullopt;
    }
    return value->get<double>();
}

std::optional<bool> ConfigReader::flag(std::string_view name)
{
    const Json* value = find(name);
    if (value == nullptr)
        return std::nullopt;
    if (!value->is_boolean()) {
        refuseType(name, "true or false");
        return std::nullopt;
    }
    return value->get<bool>();
}

std::optional<std::string> ConfigReader::text(std::string_view name)
{
    const Json* value = find(name);
    if (value == nullptr)
        return std::nullopt;
    if (!value->is_string()) {
        refuseType(name, "a text");
        return std::nullopt;
    }
    return value->get<std::string>();
}

bool ConfigReader::alternates(
    std::string_view name, std::string_view first, std::string_view second) const
{
    const Json* list = find(name);
    if (list == nullptr)
        return true;
    std::size_t i = 0;
    return list->is_array() && std::ranges::all_of(*list, [&](const Json& each) {
        return each.is_string()
            && each.get_ref<const std::string&>() == (i++ % 2 == 0 ? first : second);
    });
}

const Json* ConfigReader::object(std::string_view name)
{
    const Json* value = find(name);
    if (value != nullptr && !value->is_object()) {
        refuseType(name, "an object");
        return nullptr;
    }
    return value;
}

void ConfigReader::copyInteger(std::string_view name, std::string_view key)
{
    if (const auto value = integer(name))
        put(key, *value);
}

void ConfigReader::copyNumber(std::string_view name, std::string_view key)
{
    if (const auto value = number(name))
        putNumber(key, *value);
}

void ConfigReader::copyFlag(std::string_view name, std::string_view key)
{
    if (const auto value = flag(name))
        putFlag(key, *value);
}

void ConfigReader::put(std::string_view key, std::int64_t value)
{
    m_metadata.putInt(named(key), value);
}

void ConfigReader::putNumber(std::string_view key, double value)
{
    m_metadata.putNumber(named(key), value);
}

void ConfigReader::putFlag(std::string_view key, bool value)
{
    m_metadata.putBool(named(key), value);
}

void ConfigReader::putText(std::string_view key, std::string_view value)
{
    m_metadata.putText(named(key), value);
}

} // namespace ponder
