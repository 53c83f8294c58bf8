#include "engine/text/pre_tokenizer.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <array>
#include <utility>

namespace ponder {

namespace {

// \s as the publisher's engine reads it: Unicode's White_Space. PCRE2's own \s also takes U+180E.
#define PONDER_SPACES                                                                              \
    R"(\x{9}-\x{D}\x{20}\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000})"
#define PONDER_SPACE "[" PONDER_SPACES "]"

// The cased letters that deepseek-llm's tokenizer.json lists, written as numbers: some of them look alike.
#define PONDER_CASED_LETTERS                                                                       \
    R"(A-Za-z\x{B5}\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{1BA}\x{1BC}-\x{1BF}\x{1C4}-\x{293})"        \
    R"(\x{295}-\x{2AF}\x{370}-\x{373}\x{376}\x{377}\x{37B}-\x{37D}\x{37F}\x{386})"                 \
    R"(\x{388}-\x{38A}\x{38C}\x{38E}-\x{3A1}\x{3A3}-\x{3F5}\x{3F7}-\x{481}\x{48A}-\x{52F})"        \
    R"(\x{531}-\x{556}\x{10A0}-\x{10C5}\x{13A0}-\x{13F5}\x{13F8}-\x{13FD}\x{1C90}-\x{1CBA})"       \
    R"(\x{1CBD}-\x{1CBF}\x{1D00}-\x{1D2B}\x{1D6B}-\x{1D77}\x{1D79}-\x{1D9A}\x{1E00}-\x{1F15})"     \
    R"(\x{1F18}-\x{1F1D}\x{1F20}-\x{1F45}\x{1F48}-\x{1F4D}\x{1F50}-\x{1F57}\x{1F59}\x{1F5B})"      \
    R"(\x{1F5D}\x{1F5F}-\x{1F7D}\x{1F80}-\x{1FB4}\x{1FB6}-\x{1FBC}\x{1FBE}\x{1FC2}-\x{1FC4})"      \
    R"(\x{1FC6}-\x{1FCC}\x{1FD0}-\x{1FD3}\x{1FD6}-\x{1FDB}\x{1FE0}-\x{1FEC}\x{1FF2}-\x{1FF4})"     \
    R"(\x{1FF6}-\x{1FFC}\x{2102}\x{2107}\x{210A}-\x{2113}\x{2115}\x{2119}-\x{211D}\x{2124})"       \
    R"(\x{2126}\x{2128}\x{212A}-\x{212D}\x{212F}-\x{2134}\x{2139}\x{213C}-\x{213F})"               \
    R"(\x{2145}-\x{2149}\x{214E}\x{2183}\x{2184}\x{2C00}-\x{2C7B}\x{2C7E}-\x{2CE4})"               \
    R"(\x{2CEB}-\x{2CEE}\x{2CF2}\x{2CF3}\x{A640}-\x{A66D}\x{A680}-\x{A69B}\x{A722}-\x{A76F})"      \
    R"(\x{A771}-\x{A787}\x{A78B}-\x{A78E}\x{AB70}-\x{ABBF}\x{FB00}-\x{FB06}\x{FB13}-\x{FB17})"     \
    R"(\x{FF21}-\x{FF3A}\x{FF41}-\x{FF5A}\x{10400}-\x{1044F}\x{104B0}-\x{104D3})"                  \
    R"(\x{104D8}-\x{104FB}\x{10C80}-\x{10CB2}\x{10CC0}-\x{10CF2}\x{118A0}-\x{118DF})"              \
    R"(\x{1E900}-\x{1E943})"

// Chinese, and all between: [一-龥ࠀ-一가-퟿].
#define PONDER_EAST_ASIAN R"([\x{800}-\x{9FA5}\x{AC00}-\x{D7FF}]+)"

struct Rule {
    std::string_view name; ///< tokenizer.ggml.pre
    std::array<const char*, 6>
        patterns; ///< in this order, each on the pieces that those before left
};

// From the publisher's tokenizer.json (pre_tokenizer: a sequence of isolating splits).
constexpr Rule kRules[] = {
    {"deepseek-llm",
        {
            R"([\r\n])",
            PONDER_SPACE "?[" PONDER_CASED_LETTERS "]+",
            PONDER_SPACE
            R"(?[!-/:-~\x{FF01}-\x{FF0F}\x{FF1A}-\x{FF5E}\x{2018}-\x{201F}\x{3000}-\x{3002}]+)",
            // \s+$ of a piece, said so that a long run of spaces elsewhere costs no square
            "(?<!" PONDER_SPACE ")" PONDER_SPACE R"(++\z)",
            PONDER_EAST_ASIAN,
            R"(\p{N}+)",
        }},
    {"deepseek-coder",
        {
            R"([\r\n])",
            PONDER_SPACE R"(?\p{L}+)",
            PONDER_SPACE R"(?\p{P}+)",
            PONDER_EAST_ASIAN,
            R"(\p{N})",
        }},
    {"deepseek-v3",
        {
            R"(\p{N}{1,3})",
            R"([\x{4E00}-\x{9FA5}\x{3040}-\x{309F}\x{30A0}-\x{30FF}]+)",
            R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+)"
            R"(|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+)"
            R"(| ?[\p{P}\p{S}]+[\r\n]*)"
            "|" PONDER_SPACE R"(*[\r\n]+)"
            "|" PONDER_SPACE "+(?![^" PONDER_SPACES "])"
            "|" PONDER_SPACE "+",
        }},
};

struct CodeFree {
    void operator()(pcre2_code* code) const { pcre2_code_free(code); }
};
struct MatchFree {
    void operator()(pcre2_match_data* match) const { pcre2_match_data_free(match); }
};
using Code = std::unique_ptr<pcre2_code, CodeFree>;
using Match = std::unique_ptr<pcre2_match_data, MatchFree>;

} // namespace

struct PreTokenizer::Patterns {
    std::vector<Code> codes;
};

PreTokenizer::PreTokenizer(std::shared_ptr<const Patterns> patterns)
    : m_patterns(std::move(patterns))
{
}

std::string PreTokenizer::supported()
{
    std::string names;
    for (const Rule& rule : kRules)
        names += (names.empty() ? "" : ", ") + std::string(rule.name);
    return names;
}

Result<PreTokenizer> PreTokenizer::create(std::string_view name)
{
    for (const Rule& rule : kRules) {
        if (rule.name != name)
            continue;
        auto patterns = std::make_shared<Patterns>();
        for (const char* pattern : rule.patterns) {
            if (!pattern)
                break;
            int error = 0;
            PCRE2_SIZE offset = 0;
            Code code(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern), PCRE2_ZERO_TERMINATED,
                PCRE2_UTF | PCRE2_UCP, &error, &offset, nullptr));
            if (!code)
                return fail(ErrorCode::Internal,
                    "The rule that splits text into words could not be prepared; the installed "
                    "PCRE2 library does not know it.",
                    std::string(name) + ": PCRE2 error " + std::to_string(error) + " at "
                        + std::to_string(offset));
            // Where no code may be generated at run time, PCRE2 interprets the pattern: slower, the same result.
            pcre2_jit_compile(code.get(), PCRE2_JIT_COMPLETE);
            patterns->codes.push_back(std::move(code));
        }
        return PreTokenizer(std::move(patterns));
    }
    return fail(ErrorCode::UnsupportedTokenizer,
        "This model splits text into words by a rule that Ponder does not know: \""
            + std::string(name) + "\". It knows " + supported() + ".",
        "tokenizer.ggml.pre");
}

std::vector<std::string_view> PreTokenizer::split(std::string_view text) const
{
    std::vector<std::string_view> pieces;
    if (text.empty())
        return pieces;
    pieces.push_back(text);
    const Match match(pcre2_match_data_create(1, nullptr));
    if (!match)
        return pieces;
    std::vector<std::string_view> finer;
    for (const Code& code : m_patterns->codes) {
        finer.clear();
        finer.reserve(pieces.size() + pieces.size() / 2 + text.size() / 16);
        for (const std::string_view piece : pieces) {
            std::size_t done = 0;
            while (done < piece.size()) {
                const int found
                    = pcre2_match(code.get(), reinterpret_cast<PCRE2_SPTR>(piece.data()),
                        piece.size(), done, PCRE2_NO_UTF_CHECK, match.get(), nullptr);
                if (found < 0)
                    break; // no match; or a bound reached, and the rest stays one piece
                const PCRE2_SIZE* range = pcre2_get_ovector_pointer(match.get());
                if (range[1] <= range[0])
                    break; // no pattern matches nothing
                if (range[0] > done)
                    finer.push_back(piece.substr(done, range[0] - done));
                finer.push_back(piece.substr(range[0], range[1] - range[0]));
                done = range[1];
            }
            if (done < piece.size())
                finer.push_back(piece.substr(done));
        }
        pieces.swap(finer);
    }
    return pieces;
}

#undef PONDER_SPACES
#undef PONDER_SPACE
#undef PONDER_CASED_LETTERS
#undef PONDER_EAST_ASIAN

} // namespace ponder
