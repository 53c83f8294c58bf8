#pragma once

#include <array>
#include <string_view>

#include "engine/reasoning/math_token.h"

namespace ponder {

/// A character that is one token.
struct Sign {
    char32_t code;
    TokenKind kind;
};
inline constexpr std::array kSigns
    = std::to_array<Sign>({{'+', TokenKind::Plus}, {U'＋', TokenKind::Plus},
        {U'−', TokenKind::Minus}, {U'–', TokenKind::Minus}, {U'－', TokenKind::Minus},
        {U'×', TokenKind::Times}, {U'·', TokenKind::Times}, {U'⋅', TokenKind::Times},
        {U'∙', TokenKind::Times}, {U'∗', TokenKind::Times}, {U'✕', TokenKind::Times},
        {U'÷', TokenKind::Divide}, {U'∕', TokenKind::Divide}, {U'⁄', TokenKind::Divide},
        {'^', TokenKind::Power}, {'%', TokenKind::Percent}, {U'％', TokenKind::Percent},
        {U'°', TokenKind::Degree}, {U'√', TokenKind::Root}, {'(', TokenKind::Open},
        {U'（', TokenKind::Open}, {'[', TokenKind::Open}, {')', TokenKind::Close},
        {U'）', TokenKind::Close}, {']', TokenKind::Close}, {',', TokenKind::Comma},
        {U'，', TokenKind::Comma}, {U'、', TokenKind::Comma}, {';', TokenKind::Stop},
        {U'；', TokenKind::Stop}, {'.', TokenKind::Stop}, {U'。', TokenKind::Stop},
        {U'！', TokenKind::Stop}, {'?', TokenKind::Question}, {U'？', TokenKind::Question},
        {':', TokenKind::Colon}, {U'：', TokenKind::Colon}, {U'…', TokenKind::Ellipsis},
        {U'⋯', TokenKind::Ellipsis}, {U'π', TokenKind::Pi}, {U'‑', TokenKind::Minus}});

/// A relation as it is written; the longer ones first.
struct RelationSign {
    std::string_view text;
    Relation relation;
};
inline constexpr std::array kRelations
    = std::to_array<RelationSign>({{"==", Relation::Equal}, {"!=", Relation::NotEqual},
        {"<=", Relation::LessOrEqual}, {">=", Relation::GreaterOrEqual}, {"=", Relation::Equal},
        {"＝", Relation::Equal}, {"≈", Relation::Approximate}, {"≃", Relation::Approximate},
        {"≅", Relation::Approximate}, {"~", Relation::Approximate}, {"≠", Relation::NotEqual},
        {"≤", Relation::LessOrEqual}, {"≥", Relation::GreaterOrEqual}, {"≦", Relation::LessOrEqual},
        {"≧", Relation::GreaterOrEqual}, {"<", Relation::Less}, {">", Relation::Greater},
        {"＜", Relation::Less}, {"＞", Relation::Greater}, {"≡", Relation::Congruent}});

/// What looks like a relation and is none: arrows and rules.
inline constexpr std::array<std::string_view, 12> kBoundaries
    = {"<=>", "===", "=>", "->", "<-", "---", "--", "~~", "→", "⇒", "⟹", "—"};

} // namespace ponder
