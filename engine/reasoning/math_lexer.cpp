#include "engine/reasoning/math_lexer.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "engine/reasoning/characters.h"
#include "engine/reasoning/math_signs.h"
#include "engine/reasoning/number_reader.h"
#include "engine/reasoning/tex_commands.h"

namespace ponder {

namespace {

constexpr std::size_t kMaxWord = 40; ///< bytes of a word that is looked up
constexpr std::size_t kMaxSubscript = 60;
constexpr std::size_t kLongWord = 4; ///< digits glued to one this long are a number: Total14, Year6

bool isWordLetter(char32_t c)
{
    return isLatinLetter(c) || isGreekLetter(c) || (c >= 0x400 && c <= 0x52F);
}

class Lexer {
public:
    Lexer(std::string_view text, Language language)
        : m_language(language)
    {
        m_result.text = text;
        m_result.tokens.reserve(text.size() / 4);
    }

    MathText run()
    {
        while (m_at < text().size())
            step();
        return std::move(m_result);
    }

private:
    [[nodiscard]] std::string_view text() const { return m_result.text; }
    [[nodiscard]] std::string_view rest() const { return text().substr(m_at); }
    [[nodiscard]] char32_t peek(std::size_t ahead = 0) const
    {
        return m_at + ahead < text().size() ? characterAt(text(), m_at + ahead).code : 0;
    }
    [[nodiscard]] const Token& last() const
    {
        return m_result.at(std::ptrdiff_t(m_result.tokens.size()) - 1);
    }
    [[nodiscard]] bool gluedTo(TokenKind kind) const { return !m_space && last().kind == kind; }

    Token& emit(TokenKind kind, std::size_t length)
    {
        Token token;
        token.kind = kind;
        token.begin = static_cast<std::uint32_t>(m_at);
        token.end = static_cast<std::uint32_t>(m_at + length);
        token.spaceBefore = std::exchange(m_space, false);
        token.afterCurrency = std::exchange(m_currency, false);
        m_at += length;
        m_lineBegin = kind == TokenKind::Newline || (m_lineBegin && kind == TokenKind::Boundary);
        m_result.tokens.push_back(token);
        return m_result.tokens.back();
    }

    void skip(std::size_t length)
    {
        m_at += length;
        m_space = true;
    }

    void step()
    {
        const Character c = characterAt(text(), m_at);
        if (c.code == '\n')
            return lineEnd();
        if (isSpace(c.code))
            return skip(c.length);
        if (m_lineBegin && lineHead())
            return;
        if (c.code == '\\')
            return tex();
        if (isDigit(c.code) || (c.code == '.' && isDigit(peek(1)) && !gluedTo(TokenKind::Number)))
            return number();
        if (isHan(c.code))
            return han();
        if (isWordLetter(c.code) && c.code != U'π')
            return word();
        sign(c);
    }

    void lineEnd()
    {
        std::size_t next = m_at + 1;
        while (next < text().size()
            && (text()[next] == ' ' || text()[next] == '\t' || text()[next] == '\r'))
            ++next;
        const bool blank = next < text().size() && text()[next] == '\n';
        emit(blank ? TokenKind::Boundary : TokenKind::Newline, 1);
        m_lineBegin = true;
        m_emphasis = false;
    }

    /// Markers of lists, headings and quotations: "- ", "* ", "1. ", "#", ">".
    bool lineHead()
    {
        const std::string_view line = rest();
        std::size_t length = 0;
        if (line.starts_with("- ") || line.starts_with("* ") || line.starts_with("+ "))
            length = 2;
        else if (line.starts_with("• "))
            length = 4;
        else if (line.front() == '#' || line.front() == '>' || line.front() == '|')
            length = 1;
        else {
            std::size_t digits = 0;
            while (digits < 3 && digits < line.size()
                && isDigit(static_cast<unsigned char>(line[digits])))
                ++digits;
            if (digits > 0 && digits + 1 < line.size()
                && (line[digits] == '.' || line[digits] == ')') && line[digits + 1] == ' ')
                length = digits + 2;
        }
        if (length == 0)
            return false;
        emit(TokenKind::Boundary, length);
        m_lineBegin = false;
        return true;
    }

    void tex()
    {
        std::size_t end = m_at + 1;
        while (end < text().size() && isLatinLetter(static_cast<unsigned char>(text()[end])))
            ++end;
        if (end == m_at + 1)
            end = std::min(text().size(), end + 1);
        const std::string_view name = text().substr(m_at + 1, end - m_at - 1);
        const TexCommand command = texCommand(name);
        const std::size_t length = end - m_at;
        switch (command.kind) {
        case TexCommand::Kind::Nothing:
            skip(length);
            if ((name == "left" || name == "right") && peek() == '.')
                skip(1);
            return;
        case TexCommand::Kind::Style:
            skip(length);
            openStyle();
            return;
        case TexCommand::Kind::Environment:
            emit(TokenKind::Boundary, length);
            if (peek() == '{')
                skip(std::min(rest().size(), rest().substr(0, kMaxSubscript).find('}') + 1));
            return;
        case TexCommand::Kind::Relation:
            emit(TokenKind::Relation, length).relation = command.relation;
            return;
        case TexCommand::Kind::Word: {
            Token& token = emit(TokenKind::Word, length);
            token.word = {WordRole::Mod, 0};
            openStyle();
            return;
        }
        case TexCommand::Kind::Token:
            if (name == "\\")
                emit(TokenKind::Newline, length);
            else
                emit(command.token, length);
            if (command.token == TokenKind::Fraction)
                fractionDigits();
            if (command.token == TokenKind::Function)
                subscript();
            return;
        case TexCommand::Kind::Unknown:
            emit(TokenKind::Symbol, length);
            subscript();
            return;
        }
    }

    void openStyle()
    {
        if (peek() != '{')
            return;
        skip(1);
        m_braces.push_back(false);
    }

    /// \frac12 is a half.
    void fractionDigits()
    {
        for (int i = 0; i < 2 && isDigit(peek()); ++i) {
            const auto value = static_cast<std::int64_t>(peek() - '0');
            literal(Literal{Number(value), 0, value == 0 ? 0 : 0, 1, false, false, {}}, 1);
        }
    }

    void literal(Literal value, std::size_t length)
    {
        Token& token = emit(TokenKind::Number, length);
        token.literal = static_cast<std::uint32_t>(m_result.literals.size());
        m_result.literals.push_back(std::move(value));
    }

    void number()
    {
        const bool afterLabel
            = last().kind == TokenKind::Word && last().word.role == WordRole::Label;
        NumberReading reading = readNumber(text(), m_at, m_language, afterLabel);
        if (reading.literal) {
            const bool goesOn = reading.literal->goesOn;
            literal(std::move(*reading.literal), reading.length);
            if (goesOn)
                skipDots();
        } else {
            emit(TokenKind::Symbol, reading.length);
            subscript();
        }
    }

    void skipDots()
    {
        if (rest().starts_with("…"))
            m_at += 3;
        else if (rest().starts_with("\\"))
            m_at += rest().starts_with("\\ldots") ? 6 : 5;
        else
            while (peek() == '.')
                ++m_at;
    }

    /// A run of Chinese: the words of sums one by one, the rest in pieces between them.
    void han()
    {
        if (const std::size_t length = chineseWordLength(rest().substr(0, 12)); length > 0) {
            const WordInfo info = wordInfo(rest().substr(0, length), m_language);
            emit(TokenKind::Word, length).word = info;
            return;
        }
        std::size_t length = 0;
        while (m_at + length < text().size()) {
            const Character c = characterAt(text(), m_at + length);
            if (!isHan(c.code)
                || (length > 0 && chineseWordLength(text().substr(m_at + length, 12)) > 0))
                break;
            length += c.length;
        }
        emit(TokenKind::Word, length);
    }

    [[nodiscard]] std::size_t lettersLength() const
    {
        std::size_t length = 0;
        while (m_at + length < text().size()) {
            const Character c = characterAt(text(), m_at + length);
            const bool joins = length > 0
                && (c.code == '\'' || c.code == U'’' || c.code == '-' || c.code == '&')
                && m_at + length + c.length < text().size()
                && isWordLetter(characterAt(text(), m_at + length + c.length).code);
            if (!isWordLetter(c.code) && !joins)
                break;
            length += c.length;
        }
        return length;
    }

    void word()
    {
        const std::size_t length = lettersLength();
        const std::string_view letters = rest().substr(0, length);
        const std::size_t count = characterAt(text(), m_at).length == length ? 1 : 2;
        const char32_t next = peek(length);
        if (count == 1 && isTimesSign())
            return void(emit(TokenKind::Times, length));
        const std::string lower = length <= kMaxWord ? lowered(letters) : std::string();
        const WordInfo info = wordInfo(lower, m_language);
        if (lower == "sqrt")
            return void(emit(TokenKind::Root, length));
        if (lower == "pi" && !isWordLetter(next))
            return void(emit(TokenKind::Pi, length));
        if (lower == "http" || lower == "https" || lower == "www")
            return address();
        if (isFunctionName(lower))
            return function(length);
        const bool article = letters == "a" || letters == "A" || letters == "I";
        if (count == 1 && !(article && next == ' ' && isWordLetter(peek(length + 1)))) {
            emit(TokenKind::Symbol, length);
            subscript();
            return;
        }
        const bool joined = isDigit(next) || next == '_' || (next >= 0x2080 && next <= 0x2089);
        if (joined && info.role == WordRole::None
            && (next == '_' || length < kLongWord)) { // GPT4, total_cost
            emit(TokenKind::Symbol, length);
            subscript();
            return;
        }
        emit(TokenKind::Word, length).word = info;
    }

    [[nodiscard]] static bool isFunctionName(const std::string& lower)
    {
        constexpr std::array<std::string_view, 9> kNames
            = {"sin", "cos", "tan", "ln", "log", "exp", "lg", "gcd", "lcm"};
        return std::ranges::find(kNames, lower) != kNames.end();
    }

    void function(std::size_t length)
    {
        const char32_t next = peek(length);
        if (isDigit(next)) { // log10, log2
            while (isDigit(peek(length)))
                ++length;
        } else if (next == U'₂' && rest().substr(0, 3) == "log") {
            length += 3;
        }
        emit(TokenKind::Function, length);
        subscript();
    }

    /// An x between two numbers, with or without spaces around it.
    [[nodiscard]] bool isTimesSign() const
    {
        if (peek() != 'x' && peek() != 'X')
            return false;
        const TokenKind before = last().kind;
        const bool number = before == TokenKind::Number || before == TokenKind::Close
            || before == TokenKind::Percent || (before == TokenKind::Word && m_space);
        std::size_t next = 1;
        while (m_at + next < text().size() && text()[m_at + next] == ' ')
            ++next;
        const bool spaceAfter = next > 1;
        while (m_at + next < text().size()
            && (text()[m_at + next] == '$' || text()[m_at + next] == '\\'))
            ++next;
        const char32_t c = peek(next);
        return number && spaceAfter == m_space
            && (isDigit(c) || (c == '.' && isDigit(peek(next + 1))) || (c == '(' && spaceAfter)
                || c == U'€' || c == U'£');
    }

    void address()
    {
        std::size_t length = 0;
        while (m_at + length < text().size()
            && static_cast<unsigned char>(text()[m_at + length]) > ' ')
            ++length;
        emit(TokenKind::Boundary, length);
    }

    /// What belongs to a name: x_1, x_{12}, x', P_total, Year6.
    void subscript()
    {
        std::size_t end = m_at;
        while (end < text().size()) {
            const Character c = characterAt(text(), end);
            if (c.code == '_') {
                const std::size_t after = end + 1;
                if (after < text().size() && text()[after] == '{') {
                    const std::size_t close = text().substr(after, kMaxSubscript).find('}');
                    if (close == std::string_view::npos)
                        break;
                    end = after + close + 1;
                } else {
                    end = after;
                    while (end < text().size()
                        && (isDigit(static_cast<unsigned char>(text()[end]))
                            || isLatinLetter(static_cast<unsigned char>(text()[end]))))
                        ++end;
                }
            } else if (isDigit(c.code) || (c.code >= 0x2080 && c.code <= 0x209C) || c.code == U'′'
                || c.code == '\'') {
                end += c.length;
            } else {
                break;
            }
        }
        if (end == m_at)
            return;
        m_at = end;
        m_result.tokens.back().end = static_cast<std::uint32_t>(end);
    }

    void sign(Character c)
    {
        switch (c.code) {
        case '$':
        case U'€':
        case U'£':
        case U'¥':
        case U'￥':
        case U'¢':
            m_at += c.length;
            m_currency = true;
            return;
        case '`':
            m_at += 1;
            if (rest().starts_with("``"))
                emit(TokenKind::Boundary, 2);
            return;
        case '&':
            return skip(1);
        case '*':
            return star();
        case '_':
            return skip(1);
        case '-':
            if (!rest().starts_with("--") && !rest().starts_with("->"))
                return void(emit(TokenKind::Minus, 1));
            break;
        case '#': // item #5
            return void(emit(isDigit(peek(1)) ? TokenKind::Symbol : TokenKind::Boundary, 1));
        case '/':
            if (rest().starts_with("//"))
                return void(emit(TokenKind::FloorDivide, 2));
            return void(emit(TokenKind::Divide, 1));
        case '!':
            return exclamation();
        case '{':
            m_braces.push_back(true);
            return void(emit(TokenKind::BraceOpen, 1));
        case '}':
            return closeBrace();
        case '<':
            if (isLatinLetter(peek(1)) || peek(1) == '/')
                return void(emit(TokenKind::Boundary, 1));
            break;
        case '.':
            if (rest().starts_with(".."))
                return dots();
            break;
        case '^':
            if (rest().starts_with("^\\circ"))
                return void(emit(TokenKind::Degree, 6));
            if (rest().starts_with("^{\\circ}"))
                return void(emit(TokenKind::Degree, 8));
            break;
        default:
            break;
        }
        if (rest().starts_with("<<")
            || rest().starts_with(">>")) // shifts of bits: nothing to compute with
            return void(emit(TokenKind::Symbol, 2));
        for (const std::string_view boundary : kBoundaries) {
            if (rest().starts_with(boundary))
                return rule(boundary);
        }
        for (const RelationSign& sign : kRelations) {
            if (rest().starts_with(sign.text))
                return void(emit(TokenKind::Relation, sign.text.size()).relation = sign.relation);
        }
        for (const Sign& sign : kSigns) {
            if (c.code == sign.code)
                return void(emit(sign.kind, c.length));
        }
        if (raised() || vulgar(c))
            return;
        emit(TokenKind::Boundary, c.length);
    }

    void rule(std::string_view boundary)
    {
        std::size_t length = boundary.size();
        while (m_at + length < text().size() && (peek(length) == '-' || peek(length) == '='))
            ++length;
        emit(TokenKind::Boundary, length);
    }

    void dots()
    {
        std::size_t length = 0;
        while (peek(length) == '.')
            ++length;
        emit(TokenKind::Ellipsis, length);
    }

    void star()
    {
        const bool twice = rest().starts_with("**");
        const std::size_t length = twice ? 2 : 1;
        const bool spaceAfter = isSpace(peek(length)) || peek(length) == '\n' || peek(length) == 0;
        const bool afterValue = last().kind == TokenKind::Number || last().kind == TokenKind::Close;
        const bool beforeValue = isDigit(peek(length)) || peek(length) == '(';
        if (twice) {
            if (afterValue && ((!m_space && beforeValue && !m_emphasis) || (m_space && spaceAfter)))
                emit(TokenKind::Power, 2);
            else {
                m_at += 2;
                m_emphasis = !m_emphasis;
            }
            return;
        }
        const bool spaced = m_space || last().kind == TokenKind::Newline || m_lineBegin;
        const bool opens = spaced && !spaceAfter && !afterValue;
        const bool closes = !spaced && !valueFollows(1) && !isWordLetter(peek(1));
        if (opens || closes)
            m_at += 1;
        else
            emit(TokenKind::Times, 1);
    }

    [[nodiscard]] bool valueFollows(std::size_t ahead) const
    {
        while (isSpace(peek(ahead)))
            ++ahead;
        const char32_t c = peek(ahead);
        return isDigit(c) || c == '(' || c == '$' || c == '\\' || c == '.' || c == '-';
    }

    void exclamation()
    {
        const bool value = gluedTo(TokenKind::Number) || gluedTo(TokenKind::Close)
            || gluedTo(TokenKind::Symbol) || gluedTo(TokenKind::BraceClose);
        if (rest().starts_with("!=") && isDigit(peek(2))) // 4!=5 is no factorial
            return void(emit(TokenKind::Relation, 2).relation = Relation::NotEqual);
        if (rest().starts_with("!!")) // a double factorial, or much excitement
            return void(emit(TokenKind::Boundary, 2));
        if (value)
            emit(TokenKind::Factorial, 1);
        else if (rest().starts_with("!="))
            emit(TokenKind::Relation, 2).relation = Relation::NotEqual;
        else
            emit(TokenKind::Stop, 1);
    }

    void closeBrace()
    {
        const bool visible = m_braces.empty() || m_braces.back();
        if (!m_braces.empty())
            m_braces.pop_back();
        if (visible)
            emit(TokenKind::BraceClose, 1);
        else
            m_at += 1;
    }

    /// Raised digits: 2¹⁸.
    bool raised()
    {
        const NumberReading reading = readRaised(text(), m_at);
        if (reading.length == 0)
            return false;
        if (!reading.literal) {
            emit(TokenKind::Symbol, reading.length);
            return true;
        }
        Token& token = emit(TokenKind::Superscript, reading.length);
        token.literal = static_cast<std::uint32_t>(m_result.literals.size());
        m_result.literals.push_back(*reading.literal);
        return true;
    }

    bool vulgar(Character c)
    {
        const auto fraction = vulgarFraction(c.code);
        if (!fraction)
            return false;
        if (gluedTo(TokenKind::Number)) { // 2½
            Literal& whole = m_result.literals[last().literal];
            if (const auto sum = Number::add(whole.value, *fraction))
                whole.value = *sum;
            m_at += c.length;
            m_result.tokens.back().end = static_cast<std::uint32_t>(m_at);
        } else {
            Literal value;
            value.value = *fraction;
            value.digits = 1;
            literal(std::move(value), c.length);
        }
        return true;
    }

    Language m_language;
    MathText m_result;
    std::size_t m_at = 0;
    bool m_space = false;
    bool m_currency = false;
    bool m_lineBegin = true;
    bool m_emphasis = false; ///< "**" was opened on this line
    std::vector<bool> m_braces; ///< of those that are open: whether they leave tokens
};

} // namespace

MathText readMath(std::string_view text, Language language)
{
    return Lexer(text, language).run();
}

} // namespace ponder
