#include "engine/reasoning/column_sums.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "engine/reasoning/characters.h"
#include "engine/reasoning/number_reader.h"

namespace ponder {

namespace {

constexpr std::size_t kMaxRows = 20;
constexpr std::size_t kMaxLine = 80; ///< bytes

struct Row {
    char sign = 0; ///< '+', '-', '*', or none
    Number value;
    int decimals = 0;
    std::size_t begin = 0, end = 0; ///< bytes of sign and number
};

std::string_view trimmed(std::string_view line)
{
    const std::size_t begin = line.find_first_not_of(" \t\r|`");
    if (begin == std::string_view::npos)
        return {};
    return line.substr(begin, line.find_last_not_of(" \t\r|`") + 1 - begin);
}

bool isRule(std::string_view line)
{
    return line.size() >= 2
        && (line.find_first_not_of('-') == std::string_view::npos
            || line.find_first_not_of('_') == std::string_view::npos
            || line.find_first_not_of('=') == std::string_view::npos);
}

/// A line that is a number, perhaps with a sign before it.
std::optional<Row> rowOf(std::string_view line, std::size_t offset, Language language)
{
    if (line.empty() || line.size() > kMaxLine)
        return std::nullopt;
    Row row;
    row.begin = offset;
    std::size_t at = 0;
    for (const auto& [text, sign] : {std::pair<std::string_view, char>{"+", '+'}, {"-", '-'},
             {"−", '-'}, {"*", '*'}, {"x", '*'}, {"×", '*'}, {"X", '*'}}) {
        if (line.starts_with(text)) {
            row.sign = sign;
            at = text.size();
            break;
        }
    }
    while (at < line.size() && line[at] == ' ')
        ++at;
    if (at == line.size() || !isDigit(static_cast<unsigned char>(line[at])))
        return std::nullopt;
    const NumberReading reading = readNumber(line, at, language, false);
    if (!reading.literal || at + reading.length != line.size())
        return std::nullopt;
    row.value = reading.literal->value;
    row.decimals = reading.literal->decimals;
    row.end = offset + line.size();
    return row;
}

class ColumnFinder {
public:
    ColumnFinder(std::string_view text, Language language)
        : m_text(text)
        , m_language(language)
    {
    }

    std::vector<FalseEquation> run()
    {
        for (std::size_t at = 0; at <= m_text.size();) {
            const std::size_t end = std::min(m_text.find('\n', at), m_text.size());
            line(m_text.substr(at, end - at), at);
            at = end + 1;
        }
        settle();
        return std::move(m_found);
    }

private:
    void line(std::string_view whole, std::size_t offset)
    {
        const std::string_view text = trimmed(whole);
        if (isRule(text)) {
            // A second rule: what stands between the two are parts of a product.
            m_ruled = m_rows.size() >= 2 && !m_ruled;
            if (!m_ruled)
                m_rows.clear();
            m_result.reset();
            return;
        }
        auto row = rowOf(
            text, offset + static_cast<std::size_t>(text.data() - whole.data()), m_language);
        if (m_result && row) { // a result has nothing below it
            m_result.reset();
            m_ruled = false;
            m_rows.clear();
        }
        settle();
        if (!row) {
            m_rows.clear();
            m_ruled = false;
        } else if (m_ruled && row->sign == 0) {
            m_result = row;
        } else if (m_rows.size() < kMaxRows) {
            m_rows.push_back(*row);
        }
    }

    void settle()
    {
        if (!m_result)
            return;
        const Row result = *m_result;
        m_result.reset();
        m_ruled = false;
        std::vector<Row> rows;
        rows.swap(m_rows);
        bool sign = false;
        std::optional<Number> value = rows.front().value;
        if (rows.front().sign != 0)
            return;
        for (std::size_t i = 1; value && i < rows.size(); ++i) {
            const char operation = rows[i].sign != 0 ? rows[i].sign : '+';
            sign = sign || rows[i].sign != 0;
            if (operation == '*' && rows.size() > 2)
                return;
            value = operation == '+' ? Number::add(*value, rows[i].value)
                : operation == '-'   ? Number::subtract(*value, rows[i].value)
                                     : Number::multiply(*value, rows[i].value);
        }
        if (!value || !sign || Number::compare(*value, result.value) == 0)
            return;
        FalseEquation found;
        found.begin = rows.front().begin;
        found.end = result.end;
        for (const Row& row : rows)
            found.expression += (found.expression.empty() ? "" : " ")
                + std::string(m_text.substr(row.begin, row.end - row.begin));
        found.written = m_text.substr(result.begin, result.end - result.begin);
        const auto decimals = value->exactDecimals();
        found.value = value->toText(decimals.value_or(4));
        m_found.push_back(std::move(found));
    }

    std::string_view m_text;
    Language m_language;
    std::vector<Row> m_rows;
    std::optional<Row> m_result;
    bool m_ruled = false;
    std::vector<FalseEquation> m_found;
};

} // namespace

std::vector<FalseEquation> falseColumns(std::string_view text, Language language)
{
    return ColumnFinder(text, language).run();
}

} // namespace ponder
