#include "engine/text/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace ponder {

namespace {

// \s as the publishers' engine reads it: Unicode's White_Space. PCRE2's own \s also takes U+180E.
constexpr std::string_view kWhiteSpace
    = R"(\x{9}-\x{D}\x{20}\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000})";

constexpr std::size_t kLongestPattern = 1 << 14;

tl::unexpected<Error> unsupported(std::string_view pattern, const std::string& context)
{
    constexpr std::size_t kShown = 80;
    return fail(ErrorCode::UnsupportedTokenizer,
        "This model splits text into words by a rule that Ponder cannot follow: \""
            + std::string(pattern.substr(0, kShown)) + (pattern.size() > kShown ? "…" : "") + "\".",
        context);
}

std::string spaces(bool inClass, bool none)
{
    if (inClass)
        return std::string(kWhiteSpace);
    return (none ? "[^" : "[") + std::string(kWhiteSpace) + "]";
}

/// One expression, from Oniguruma's dialect to PCRE2's; what they read differently is refused.
class Translation {
public:
    explicit Translation(std::string_view pattern)
        : m_pattern(pattern)
    {
    }

    /// Empty: why it cannot be done is in reason().
    [[nodiscard]] std::string run()
    {
        while (m_at < m_pattern.size()) {
            const char c = m_pattern[m_at];
            if (c == '\\' ? !escape() : m_inClass ? !insideClass(c) : !outside(c))
                return {};
        }
        return std::move(m_out);
    }

    [[nodiscard]] const char* reason() const { return m_reason; }

private:
    bool refuse(const char* reason)
    {
        m_reason = reason;
        return false;
    }
    bool copy(std::size_t count = 1)
    {
        m_out += m_pattern.substr(m_at, count);
        m_at = std::min(m_at + count, m_pattern.size());
        return true;
    }
    bool put(const std::string& text, std::size_t consumed)
    {
        m_out += text;
        m_at += consumed;
        return true;
    }
    [[nodiscard]] std::string_view rest() const { return m_pattern.substr(m_at); }

    bool escape()
    {
        if (m_at + 1 >= m_pattern.size())
            return refuse("a backslash at the end");
        switch (const char c = m_pattern[m_at + 1]) {
        case 's':
            return put(spaces(m_inClass, false), 2);
        case 'S':
            return m_inClass ? refuse("\\S in a class") : put(spaces(false, true), 2);
        case 'h':
            return put(m_inClass ? "0-9A-Fa-f" : "[0-9A-Fa-f]", 2);
        case 'v':
            return put("\\x0B", 2);
        case 'u': {
            const std::string_view digits = rest().substr(2, 4);
            if (digits.size() < 4
                || digits.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos)
                return refuse("\\u without four digits");
            return put("\\x{" + std::string(digits) + "}", 6);
        }
        default:
            if ((c >= '0' && c <= '9')
                || (((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
                    && std::string_view("dDwWpPnrtfxAzbB").find(c) == std::string_view::npos))
                return refuse("an escape that has two meanings");
            if (std::string_view("pPx").find(c) != std::string_view::npos
                && rest().substr(2).starts_with('{')) { // \p{L}: this brace ends no repetition
                const std::size_t end = rest().find('}');
                return end == std::string_view::npos ? refuse("an open brace") : copy(end + 1);
            }
            return copy(2);
        }
    }

    bool insideClass(char c)
    {
        if (c == '[' && !rest().starts_with("[:"))
            return refuse("a class in a class");
        if (rest().starts_with("&&"))
            return refuse("an intersection of classes");
        if (rest().starts_with("[:")) {
            const std::size_t end = rest().find(":]");
            return end == std::string_view::npos ? refuse("an open class") : copy(end + 2);
        }
        m_inClass = c != ']';
        return copy();
    }

    bool outside(char c)
    {
        if (rest().starts_with("(*") || rest().starts_with("}+"))
            return refuse("a verb, or a repetition that has two meanings");
        if (rest().starts_with("(?")) {
            std::size_t i = 2;
            while (i < rest().size() && (rest()[i] == 'i' || rest()[i] == '-'))
                ++i;
            if (i >= rest().size()
                || std::string_view(i > 2 ? ":)" : ":=!<>#").find(rest()[i])
                    == std::string_view::npos)
                return refuse("a group that has two meanings");
            return copy(i + 1);
        }
        if (c == '[') {
            m_inClass = true;
            copy(m_at + 1 < m_pattern.size() && m_pattern[m_at + 1] == '^' ? 2 : 1);
            return rest().starts_with(']') ? refuse("an empty class") : true;
        }
        return copy();
    }

    std::string_view m_pattern;
    std::size_t m_at = 0;
    bool m_inClass = false;
    std::string m_out;
    const char* m_reason = "an empty expression";
};

struct CodeFree {
    void operator()(pcre2_code* code) const { pcre2_code_free(code); }
};
struct MatchFree {
    void operator()(pcre2_match_data* match) const { pcre2_match_data_free(match); }
};
struct ContextFree {
    void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
};
struct StackFree {
    void operator()(pcre2_jit_stack* stack) const { pcre2_jit_stack_free(stack); }
};

} // namespace

struct Regex::Code {
    std::unique_ptr<pcre2_code, CodeFree> code;
    bool compiled = false; ///< to machine code
};

struct Regex::Workspace::Private {
    // The order is that of construction; the context refers to the stack.
    std::unique_ptr<pcre2_jit_stack, StackFree> stack{
        pcre2_jit_stack_create(32 << 10, 1 << 20, nullptr)};
    std::unique_ptr<pcre2_match_data, MatchFree> match{pcre2_match_data_create(1, nullptr)};
    std::unique_ptr<pcre2_match_context, ContextFree> context{pcre2_match_context_create(nullptr)};
};

Regex::Workspace::Workspace()
    : d(std::make_unique<Private>())
{
    if (!d->context)
        return;
    pcre2_set_heap_limit(d->context.get(), 256 << 10); // KiB
    if (d->stack)
        pcre2_jit_stack_assign(d->context.get(), nullptr, d->stack.get());
}
Regex::Workspace::Workspace(Workspace&&) noexcept = default;
Regex::Workspace& Regex::Workspace::operator=(Workspace&&) noexcept = default;
Regex::Workspace::~Workspace() = default;

Regex::Regex(std::shared_ptr<const Code> code)
    : m_code(std::move(code))
{
}

Result<Regex> Regex::create(std::string_view pattern)
{
    if (pattern.size() > kLongestPattern)
        return unsupported(
            pattern, "an expression of " + std::to_string(pattern.size()) + " bytes");
    Translation translation(pattern);
    std::string translated = translation.run();
    if (translated.empty())
        return unsupported(pattern, translation.reason());
    // Said so that a long run of spaces that is not at the end costs no square.
    if (pattern == "\\s+$")
        translated = "(?<!" + spaces(false, false) + ")" + spaces(false, false) + "++\\z";
    auto code = std::make_shared<Code>();
    int error = 0;
    PCRE2_SIZE offset = 0;
    code->code.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated.data()),
        translated.size(), PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C,
        &error, &offset, nullptr));
    if (!code->code)
        return unsupported(
            pattern, "PCRE2 error " + std::to_string(error) + " at " + std::to_string(offset));
    // Where no code may be generated at run time, PCRE2 interprets the expression: slower, the same result.
    code->compiled = pcre2_jit_compile(code->code.get(), PCRE2_JIT_COMPLETE) == 0;
    return Regex(std::move(code));
}

Regex::Match Regex::find(std::string_view text, std::size_t from, Workspace& workspace) const
{
    auto& d = *workspace.d;
    if (!d.match || !d.context)
        return {};
    const auto* subject = reinterpret_cast<PCRE2_SPTR>(text.data());
    const std::size_t left = text.size() - from;
    pcre2_set_match_limit(d.context.get(),
        static_cast<std::uint32_t>(std::min<std::size_t>(10000 + left * 8, 1u << 30)));
    int found = m_code->compiled ? pcre2_jit_match(m_code->code.get(), subject, text.size(), from,
                                       0, d.match.get(), d.context.get())
                                 : PCRE2_ERROR_JIT_STACKLIMIT;
    if (found == PCRE2_ERROR_JIT_STACKLIMIT)
        found = pcre2_match(m_code->code.get(), subject, text.size(), from,
            PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, d.match.get(), d.context.get());
    if (found < 0)
        return {};
    const PCRE2_SIZE* range = pcre2_get_ovector_pointer(d.match.get());
    if (range[0] < from || range[1] <= range[0])
        return {};
    return {range[0], range[1]};
}

} // namespace ponder
