#include "engine/reasoning/tex_commands.h"

#include <string>
#include <unordered_map>

namespace ponder {

namespace {

using Kind = TexCommand::Kind;

std::unordered_map<std::string_view, TexCommand> makeCommands()
{
    std::unordered_map<std::string_view, TexCommand> table;
    for (const std::string_view name :
        {"left", "right", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "biggl",
            "biggr", "Biggl", "Biggr", "displaystyle", "textstyle", "limits", "nolimits", "quad",
            "qquad", ",", ";", "!", " ", ":", ">", "thinspace", "enspace", "(", ")", "$", "middle",
            "phantom", "nobreak", "hfill", "centering", "large", "boldmath"})
        table[name] = {Kind::Nothing, TokenKind::Symbol, Relation::Equal, {}};
    for (const std::string_view name :
        {"text", "mathrm", "textbf", "mathbf", "operatorname", "mbox", "textit", "mathit", "boxed",
            "fbox", "underline", "hbox", "bf", "rm", "textrm", "mathsf", "textsf", "emph", "bm",
            "boldsymbol", "color", "cancel", "bcancel", "xcancel"})
        table[name] = {Kind::Style, TokenKind::Symbol, Relation::Equal, {}};
    const auto token = [&table](std::string_view name, TokenKind kind) {
        table[name] = {Kind::Token, kind, Relation::Equal, {}};
    };
    for (const std::string_view name : {"frac", "dfrac", "tfrac", "cfrac"})
        token(name, TokenKind::Fraction);
    for (const std::string_view name : {"binom", "dbinom", "tbinom"})
        token(name, TokenKind::Binomial);
    for (const std::string_view name : {"times", "cdot", "ast"})
        token(name, TokenKind::Times);
    for (const std::string_view name :
        {"dots", "cdots", "ldots", "dotsb", "dotsc", "dotsm", "vdots", "ddots"})
        token(name, TokenKind::Ellipsis);
    for (const std::string_view name : {"sin", "cos", "tan", "ln", "log", "exp", "lg", "arctan",
             "arcsin", "arccos", "gcd", "max", "min", "cot", "sec", "csc"})
        token(name, TokenKind::Function);
    for (const std::string_view name : {"[", "]", "\\", "newline", "to", "rightarrow", "Rightarrow",
             "implies", "iff", "Longrightarrow", "longrightarrow", "Leftrightarrow", "therefore",
             "because", "hline", "tag", "item", "underbrace", "overbrace", "leftarrow", "mapsto",
             "xrightarrow", "{", "}", "mid", "colon", "land", "lor", "neg", "in", "notin"})
        token(name, TokenKind::Boundary);
    token("div", TokenKind::Divide);
    token("over", TokenKind::Boundary);
    token("sqrt", TokenKind::Root);
    token("pi", TokenKind::Pi);
    token("%", TokenKind::Percent);
    token("degree", TokenKind::Degree);
    token("lbrace", TokenKind::Boundary);
    token("rbrace", TokenKind::Boundary);
    token("lbrack", TokenKind::Open);
    token("rbrack", TokenKind::Close);
    const auto relation = [&table](std::string_view name, Relation value) {
        table[name] = {Kind::Relation, TokenKind::Relation, value, {}};
    };
    for (const std::string_view name : {"approx", "simeq", "approxeq", "doteq"})
        relation(name, Relation::Approximate);
    for (const std::string_view name : {"leq", "le", "leqslant"})
        relation(name, Relation::LessOrEqual);
    for (const std::string_view name : {"geq", "ge", "geqslant"})
        relation(name, Relation::GreaterOrEqual);
    for (const std::string_view name : {"neq", "ne"})
        relation(name, Relation::NotEqual);
    relation("lt", Relation::Less);
    relation("gt", Relation::Greater);
    relation("equiv", Relation::Congruent);
    for (const std::string_view name : {"pmod", "bmod", "mod", "pod"})
        table[name] = {Kind::Word, TokenKind::Word, Relation::Equal, "mod"};
    for (const std::string_view name : {"begin", "end", "label", "ref", "hspace", "vspace"})
        table[name] = {Kind::Environment, TokenKind::Boundary, Relation::Equal, {}};
    return table;
}

} // namespace

TexCommand texCommand(std::string_view name)
{
    static const auto table = makeCommands();
    if (const auto found = table.find(name); found != table.end())
        return found->second;
    return {};
}

} // namespace ponder
