#include "engine/file/json_text.h"

#include <string>
#include <utility>
#include <vector>

#include "engine/file/printable.h"

namespace ponder {
namespace {

using Json = nlohmann::json;

/// Builds the tree from the parser's events and stops at a limit.
class TreeBuilder {
public:
    explicit TreeBuilder(const JsonLimits& limits)
        : m_limits(limits)
    {
    }

    // What the parser calls; false stops it.
    bool null() { return add(nullptr) != nullptr; }
    bool boolean(bool value) { return add(value) != nullptr; }
    bool number_integer(std::int64_t value) { return add(value) != nullptr; }
    bool number_unsigned(std::uint64_t value) { return add(value) != nullptr; }
    bool number_float(double value, const std::string&) { return add(value) != nullptr; }
    bool string(std::string& value) { return add(std::move(value)) != nullptr; }
    bool binary(Json::binary_t&) { return false; }
    bool start_object(std::size_t) { return enter(add(Json::object())); }
    bool start_array(std::size_t) { return enter(add(Json::array())); }
    bool end_object() { return leave(); }
    bool end_array() { return leave(); }
    bool key(std::string& name)
    {
        if (!count())
            return false;
        const auto [place, isNew]
            = m_open.back()->get_ref<Json::object_t&>().emplace(name, nullptr);
        if (!isNew) {
            m_error = "gives the key \"" + printable(name) + "\" twice";
            return false;
        }
        m_value = &place->second;
        return true;
    }
    bool parse_error(std::size_t at, const std::string&, const Json::exception&)
    {
        m_error = "is no JSON (at byte " + std::to_string(at) + ")";
        return false;
    }

    [[nodiscard]] Result<Json> finish(bool complete)
    {
        if (complete && m_error.empty())
            return std::move(m_root);
        return fail(ErrorCode::FileCorrupt, m_error.empty() ? "is no JSON" : m_error);
    }

private:
    bool count()
    {
        if (++m_values <= m_limits.values)
            return true;
        m_error = "holds more than " + std::to_string(m_limits.values) + " values";
        return false;
    }

    Json* add(Json value)
    {
        if (!count())
            return nullptr;
        if (m_open.empty()) {
            m_root = std::move(value);
            return &m_root;
        }
        if (m_open.back()->is_object()) {
            *m_value = std::move(value);
            return m_value;
        }
        auto& list = m_open.back()->get_ref<Json::array_t&>();
        return &list.emplace_back(std::move(value));
    }

    bool enter(Json* opened)
    {
        if (opened == nullptr)
            return false;
        if (m_open.size() >= m_limits.depth) {
            m_error = "is nested more than " + std::to_string(m_limits.depth) + " levels deep";
            return false;
        }
        m_open.push_back(opened);
        return true;
    }

    bool leave()
    {
        m_open.pop_back();
        return true;
    }

    JsonLimits m_limits;
    Json m_root;
    std::vector<Json*>
        m_open; // objects and lists being read; stays, since a list grows only at its end
    Json* m_value = nullptr; // where the value of the key just read goes
    std::size_t m_values = 0;
    std::string m_error;
};

} // namespace

Result<Json> parseJson(std::span<const std::byte> text, const JsonLimits& limits)
{
    const auto* start = reinterpret_cast<const char*>(text.data());
    TreeBuilder builder(limits);
    const bool complete = Json::sax_parse(start, start + text.size(), &builder);
    return builder.finish(complete);
}

} // namespace ponder
