#include "engine/file/safetensors_header.h"

#include <algorithm>
#include <array>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/file/printable.h"

namespace ponder {
namespace {

using Json = nlohmann::json;

struct ElementType {
    std::string_view name;
    std::uint32_t bytes;
    std::optional<TensorType> type;
};

constexpr std::array kElementTypes = {
    ElementType{"F64", 8, TensorType::F64},
    ElementType{"F32", 4, TensorType::F32},
    ElementType{"F16", 2, TensorType::F16},
    ElementType{"BF16", 2, TensorType::BF16},
    ElementType{"F8_E4M3", 1, TensorType::F8_E4M3},
    ElementType{"F8_E5M2", 1, std::nullopt},
    ElementType{"F8_E8M0", 1, std::nullopt},
    ElementType{"I64", 8, TensorType::I64},
    ElementType{"I32", 4, TensorType::I32},
    ElementType{"I16", 2, TensorType::I16},
    ElementType{"I8", 1, TensorType::I8},
    ElementType{"U64", 8, std::nullopt},
    ElementType{"U32", 4, std::nullopt},
    ElementType{"U16", 2, std::nullopt},
    ElementType{"U8", 1, std::nullopt},
    ElementType{"BOOL", 1, std::nullopt},
};

constexpr std::size_t kMaxDepth = 8;
constexpr std::size_t kMaxNameBytes = 4096;

/// What the parser is in the middle of.
enum class Field { None, Type, Shape, Offsets, Other };

/// Takes the parser's events; every function returns false to stop it.
class HeaderHandler {
public:
    bool null() { return scalar(); }
    bool boolean(bool) { return scalar(); }
    bool number_integer(std::int64_t) { return scalar(); }
    bool number_float(double, const std::string&) { return scalar(); }
    bool binary(Json::binary_t&) { return false; }

    bool number_unsigned(std::uint64_t value)
    {
        if (m_skipping > 0)
            return true;
        if (m_inList && m_field == Field::Shape) {
            SafeTensor& t = m_entries.back().tensor;
            if (t.dimensionCount == t.dimensions.size())
                return refuse("has more than four dimensions");
            t.dimensions[t.dimensionCount++] = value;
            return true;
        }
        if (m_inList && m_field == Field::Offsets) {
            if (m_offsets == 2)
                return refuse("has more than two offsets");
            (m_offsets++ == 0 ? m_entries.back().begin : m_entries.back().end) = value;
            return true;
        }
        return scalar();
    }

    bool string(std::string& value)
    {
        if (m_skipping > 0)
            return true;
        if (m_inList || m_field != Field::Type)
            return scalar();
        const auto* found = std::find_if(kElementTypes.begin(), kElementTypes.end(),
            [&value](const ElementType& e) { return e.name == value; });
        if (found == kElementTypes.end()) {
            m_code = ErrorCode::UnsupportedFormat;
            return refuse("is stored as " + printable(value)
                + ", which Ponder does not know (choose a BF16 or FP8 folder of this model)");
        }
        SafeTensorEntry& entry = m_entries.back();
        entry.tensor.dtype = found->name;
        entry.tensor.type = found->type;
        entry.elementBytes = found->bytes;
        m_has.type = true;
        return true;
    }

    bool key(std::string& name)
    {
        if (m_skipping > 0)
            return true;
        if (m_depth == 1) {
            m_isMetadata = name == "__metadata__";
            if (m_isMetadata)
                return true;
            if (name.empty() || name.size() > kMaxNameBytes)
                return broken("a tensor's name has " + std::to_string(name.size()) + " bytes");
            m_entries.emplace_back().tensor.name = std::move(name);
            m_has = {};
            m_offsets = 0;
            return true;
        }
        if (name == "dtype")
            return start(Field::Type, m_has.type);
        if (name == "shape")
            return start(Field::Shape, m_has.shape);
        if (name == "data_offsets")
            return start(Field::Offsets, m_has.offsets);
        m_field = Field::Other;
        return true;
    }

    bool start_object(std::size_t)
    {
        if (m_skipping > 0 || (m_depth == 1 && m_isMetadata)
            || (m_depth == 2 && !m_inList && m_field == Field::Other))
            return skipInto();
        if (m_depth == 2)
            return refuse("has an object where none belongs");
        ++m_depth;
        return true;
    }

    bool end_object()
    {
        if (m_skipping > 0) {
            --m_skipping;
            return true;
        }
        --m_depth;
        if (m_depth == 1 && !(m_has.type && m_has.shape && m_has.offsets && m_offsets == 2))
            return refuse("lacks its type, its shape or its place");
        return true;
    }

    bool start_array(std::size_t)
    {
        if (m_skipping > 0)
            return skipInto();
        if (m_depth == 0)
            return broken("its header is a list");
        if (m_depth == 2 && !m_inList && (m_field == Field::Shape || m_field == Field::Offsets)) {
            m_inList = true;
            return true;
        }
        return m_depth == 2 && !m_inList && m_field == Field::Other
            ? skipInto()
            : refuse("has a list where none belongs");
    }

    bool end_array()
    {
        if (m_skipping > 0)
            --m_skipping;
        else
            m_inList = false;
        return true;
    }

    bool parse_error(std::size_t at, const std::string&, const Json::exception&)
    {
        return broken("its header is no JSON (at byte " + std::to_string(at) + ")");
    }

    [[nodiscard]] Result<std::vector<SafeTensorEntry>> finish(bool complete)
    {
        if (complete && m_error.empty())
            return std::move(m_entries);
        return fail(m_code,
            "is damaged: " + (m_error.empty() ? "its header is no JSON" : m_error)
                + ". Download or copy it again.");
    }

private:
    /// A value that is neither type, shape nor offset.
    bool scalar()
    {
        if (m_skipping > 0 || (m_depth == 2 && !m_inList && m_field == Field::Other))
            return true;
        return m_depth < 2 ? broken("its header has a value where a tensor belongs")
                           : refuse("has a wrong type, shape or place");
    }
    bool start(Field field, bool& seen)
    {
        if (seen)
            return refuse("says something twice");
        m_field = field;
        seen = field != Field::Type; // the type is there once it was understood
        return true;
    }
    bool skipInto()
    {
        return ++m_skipping + m_depth <= kMaxDepth || broken("its header is nested too deeply");
    }
    bool refuse(const std::string& what)
    {
        const std::string name = m_entries.empty() ? "" : printable(m_entries.back().tensor.name);
        return broken("the tensor " + name + ' ' + what);
    }
    bool broken(const std::string& what)
    {
        m_error = what;
        return false;
    }

    std::vector<SafeTensorEntry> m_entries;
    std::size_t m_depth = 0; ///< 1 among the tensors, 2 inside one
    std::size_t m_skipping = 0; ///< levels inside something that does not matter
    bool m_isMetadata = false;
    bool m_inList = false;
    Field m_field = Field::None;
    struct {
        bool type = false, shape = false, offsets = false;
    } m_has;
    std::size_t m_offsets = 0;
    ErrorCode m_code = ErrorCode::FileCorrupt;
    std::string m_error;
};

} // namespace

Result<std::vector<SafeTensorEntry>> readSafeTensorsHeader(std::span<const std::byte> json)
{
    const auto* start = reinterpret_cast<const char*>(json.data());
    HeaderHandler handler;
    const bool complete = Json::sax_parse(start, start + json.size(), &handler);
    return handler.finish(complete);
}

} // namespace ponder
