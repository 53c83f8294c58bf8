#include "engine/file/json_text.h"

#include <optional>
#include <string>
#include <string_view>
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

namespace {

/// The text with null for the numbers that Python writes and JSON does not have: NaN, Infinity and -Infinity.
/// Nothing where it has none of them.
std::optional<std::string> withoutPythonsNumbers(std::string_view text)
{
    std::string out;
    std::size_t copied = 0;
    bool isInString = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (isInString) {
            if (text[i] == '\\')
                ++i;
            else if (text[i] == '"')
                isInString = false;
            continue;
        }
        if (text[i] == '"') {
            isInString = true;
            continue;
        }
        for (const std::string_view word : {"NaN", "Infinity", "-Infinity"}) {
            if (!text.substr(i).starts_with(word))
                continue;
            out += text.substr(copied, i - copied);
            out += "null";
            copied = i + word.size();
            i = copied - 1;
            break;
        }
    }
    if (copied == 0)
        return std::nullopt;
    return out += text.substr(copied);
}

Result<Json> parse(std::string_view text, const JsonLimits& limits)
{
    TreeBuilder builder(limits);
    const bool complete = Json::sax_parse(text.begin(), text.end(), &builder);
    return builder.finish(complete);
}

} // namespace

Result<Json> parseJson(std::span<const std::byte> text, const JsonLimits& limits)
{
    const std::string_view view{reinterpret_cast<const char*>(text.data()), text.size()};
    auto json = parse(view, limits);
    if (!json) {
        if (const auto plain = withoutPythonsNumbers(view))
            return parse(*plain, limits);
    }
    return json;
}

} // namespace ponder
