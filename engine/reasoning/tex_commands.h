#pragma once

#include <cstdint>
#include <string_view>

#include "engine/reasoning/math_token.h"

namespace ponder {

/// What a command of TeX is to a reader of sums.
struct TexCommand {
    enum class Kind : std::uint8_t {
        Nothing, ///< space, size, style
        Style, ///< so are the braces of its argument
        Token,
        Relation,
        Word, ///< stands for the word `name`
        Environment, ///< \begin and \end, whose argument is a name
        Unknown,
    };
    Kind kind = Kind::Unknown;
    TokenKind token = TokenKind::Symbol;
    Relation relation = Relation::Equal;
    std::string_view name;
};

/// By its name, without the backslash.
[[nodiscard]] TexCommand texCommand(std::string_view name);

} // namespace ponder
