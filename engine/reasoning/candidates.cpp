#include "engine/reasoning/candidates.h"

#include <algorithm>
#include <array>
#include <set>

#include "engine/reasoning/answer_value.h"
#include "engine/reasoning/characters.h"

namespace ponder {

namespace {

constexpr std::size_t kMaxSentence = 400; ///< bytes

bool isWordByte(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    return isLatinLetter(byte) || isDigit(byte) || byte >= 0x80;
}

/// A word that announces the final answer, and what may follow it up to the value.
struct Cue {
    std::string_view word;
    bool latin;
};
constexpr Cue kCues[] = {{"answer", true}, {"antwort", true}, {"ergebnis", true}, {"lösung", true},
    {"答案", false}, {"结果", false}, {"结论", false}};

/// Reads over "to the question", "should be", "would then be": the end of the copula, or nothing.
std::size_t afterCopula(std::string_view lower, std::size_t at)
{
    constexpr std::array<std::string_view, 30> kCopulas = {" is:", " is", ":", " =", "**:", ":**",
        " should be", " must be", " would be", " will be", " has to be", " might be", " could be",
        " may be", " remains", "'s", " ist", " lautet", " wäre", " beträgt", " muss", "应该是",
        "就是", "应为", "是", "为", "：", "=", " ≈", " equals"};
    constexpr std::array<std::string_view, 12> kBetween
        = {" to the question", " to this question", " to this problem", " to the problem",
            " to this", " here", " then", " therefore", " indeed", " (", " in this case", "** "};
    for (const std::string_view between : kBetween) {
        if (lower.substr(at).starts_with(between)) {
            if (between == " (") {
                const std::size_t close = lower.substr(at, 60).find(')');
                if (close == std::string_view::npos)
                    return 0;
                at += close + 1;
            } else {
                at += between.size();
            }
            break;
        }
    }
    for (const std::string_view copula : kCopulas) {
        if (!lower.substr(at).starts_with(copula))
            continue;
        const std::size_t end = at + copula.size();
        const bool letter = isLatinLetter(static_cast<unsigned char>(copula.back()));
        if (letter && end < lower.size() && isWordByte(lower[end]))
            continue;
        return end;
    }
    return 0;
}

/// "if the answer is", "whether", "not": the value is not said to be the answer.
bool isSupposed(std::string_view lower, std::size_t at)
{
    const std::size_t from = at > 60 ? at - 60 : 0;
    std::string_view before = lower.substr(from, at - from);
    if (const std::size_t end = before.find_last_of(".!?\n"); end != std::string_view::npos)
        before.remove_prefix(end + 1);
    constexpr std::array<std::string_view, 12> kWords = {"if ", "whether ", "suppose ", "unless ",
        "how ", "format", "falls ", "wenn ", "ob ", "如果", "是否", "格式"};
    return std::ranges::any_of(kWords,
        [before](std::string_view word) { return before.find(word) != std::string_view::npos; });
}

std::vector<std::string> contentWords(std::string_view lower)
{
    static const std::set<std::string, std::less<>> kCommon = {"what", "which", "that", "this",
        "there", "with", "from", "have", "does", "each", "then", "will", "would", "your", "they",
        "many", "much", "when", "where", "into", "give", "reply", "line", "form", "answer",
        "following", "number", "were", "been", "only", "same", "than", "their", "find", "evaluate"};
    std::vector<std::string> words;
    for (std::size_t at = 0; at < lower.size();) {
        if (!isWordByte(lower[at])) {
            ++at;
            continue;
        }
        std::size_t end = at;
        while (end < lower.size() && isWordByte(lower[end]))
            ++end;
        std::string word(lower.substr(at, std::min<std::size_t>(end - at, 40)));
        if (word.size() >= 4 && !kCommon.contains(word))
            words.push_back(word.substr(0, 6)); // so that a plural is the same
        at = end;
    }
    return words;
}

/// The sentence of a question that asks: the last with a question mark, else the last but what says how to reply.
std::string askedSentence(const std::string& question)
{
    const std::size_t mark = question.rfind('?');
    const std::size_t end = mark == std::string::npos ? question.size() : mark;
    std::size_t begin = std::string::npos;
    if (end > 2 && mark != std::string::npos) {
        begin = question.rfind(". ", end - 1);
        for (const std::string_view stop : {"? ", "\n", "! "}) {
            const std::size_t at = question.rfind(stop, end - 1);
            if (at != std::string::npos && (begin == std::string::npos || at > begin))
                begin = at;
        }
    }
    return question.substr(
        begin == std::string::npos ? 0 : begin, std::min<std::size_t>(2000, end));
}

class Finder {
public:
    Finder(std::string_view text, std::string_view question)
        : m_text(text)
        , m_lower(lowered(text))
    {
        for (std::string& word : contentWords(askedSentence(lowered(question))))
            m_asked.insert(std::move(word));
    }

    std::vector<NamedAnswer> run()
    {
        findBoxes();
        findCues();
        findNamedBefore();
        findConclusions();
        std::ranges::sort(m_found, {}, &NamedAnswer::begin);
        std::vector<NamedAnswer> result;
        for (NamedAnswer& answer : m_found) {
            if (result.empty() || answer.begin >= result.back().end)
                result.push_back(std::move(answer));
        }
        return result;
    }

private:
    void findBoxes()
    {
        for (const std::string_view command : {"\\boxed{", "\\fbox{"}) {
            for (std::size_t at = m_text.find(command); at != std::string_view::npos;
                at = m_text.find(command, at + 1)) {
                if (auto value = boxedValue(m_text, at + command.size()))
                    m_found.push_back(std::move(*value));
            }
        }
    }

    void findCues()
    {
        for (const Cue& cue : kCues) {
            for (std::size_t at = m_lower.find(cue.word); at != std::string::npos;
                at = m_lower.find(cue.word, at + 1)) {
                if (cue.latin && at > 0 && isWordByte(m_lower[at - 1]))
                    continue;
                std::size_t end = afterCopula(m_lower, at + cue.word.size());
                constexpr std::string_view kVerbFirst = "ist die "; // "also ist die Antwort 42"
                if (end == 0 && at >= kVerbFirst.size()
                    && m_lower.compare(at - kVerbFirst.size(), kVerbFirst.size(), kVerbFirst) == 0)
                    end = at + cue.word.size();
                if (end == 0 || isSupposed(m_lower, at))
                    continue;
                auto value = valueAt(m_text, end);
                const bool weak = cue.word == "结果" || cue.word == "ergebnis"
                    || cue.word == "lösung" || cue.word == "结论";
                if (value && !(weak && !startsWithNumber(value->value)))
                    m_found.push_back(std::move(*value));
            }
        }
    }

    static bool startsWithNumber(std::string_view value)
    {
        return !value.empty()
            && (isDigit(static_cast<unsigned char>(value.front())) || value.front() == '-'
                || value.front() == '\\');
    }

    /// "42 is the answer", "x = 7, done".
    void findNamedBefore()
    {
        constexpr std::array<std::string_view, 9> kMarks
            = {" is the answer", " is the final answer", " is the correct answer", " is our answer",
                ", done", ". done", " ist die antwort", "就是答案", "是答案"};
        for (const std::string_view mark : kMarks) {
            for (std::size_t at = m_lower.find(mark); at != std::string::npos;
                at = m_lower.find(mark, at + 1)) {
                std::size_t begin = at;
                while (begin > 0 && at - begin < 40
                    && (isDigit(static_cast<unsigned char>(m_text[begin - 1]))
                        || m_text[begin - 1] == '.' || m_text[begin - 1] == ','
                        || m_text[begin - 1] == '-' || m_text[begin - 1] == '/'))
                    --begin;
                if (begin == at || isSupposed(m_lower, begin))
                    continue;
                if (auto value = valueAt(m_text, begin))
                    m_found.push_back(std::move(*value));
            }
        }
    }

    /// Sentences that conclude with a number, if they speak of what is asked, or end the text.
    void findConclusions()
    {
        constexpr std::array<std::string_view, 18> kBegins = {"therefore", "thus", "hence", "so ",
            "so,", "in conclusion", "in total", "wait, so", "altogether", "finally", "also ",
            "daher", "somit", "folglich", "insgesamt", "因此", "所以", "综上"};
        for (std::size_t at = 0; at < m_lower.size();) {
            const std::size_t begin = m_lower.find_first_not_of(" \t\r\n*-", at);
            if (begin == std::string::npos)
                return;
            const std::size_t end = sentenceEnd(begin);
            const std::string_view sentence = std::string_view(m_lower).substr(begin, end - begin);
            if (sentence.size() < kMaxSentence
                && std::ranges::any_of(
                    kBegins, [sentence](std::string_view w) { return sentence.starts_with(w); })
                && (asks(sentence) || isLast(end)) && !isSupposed(m_lower, end))
                conclude(begin, end);
            at = std::max(end, begin) + 1;
        }
    }

    [[nodiscard]] std::size_t sentenceEnd(std::size_t at) const
    {
        for (; at < m_text.size(); ++at) {
            const char c = m_text[at];
            if (c == '\n')
                return at;
            if ((c == '.' || c == '!' || c == '?')
                && (at + 1 == m_text.size() || m_text[at + 1] == ' ' || m_text[at + 1] == '\n'))
                return at;
            if (m_text.substr(at).starts_with("。"))
                return at;
        }
        return at;
    }

    /// Whether nothing but white space and marks follows a sentence.
    [[nodiscard]] bool isLast(std::size_t end) const
    {
        return m_text.find_first_not_of(" \t\r\n.*!\\])", end) == std::string_view::npos;
    }

    [[nodiscard]] bool asks(std::string_view sentence) const
    {
        int same = 0;
        for (const std::string& word : contentWords(sentence))
            same += m_asked.contains(word) ? 1 : 0;
        return same >= 2 || (same == 1 && m_asked.size() <= 2);
    }

    /// Whether nothing is worked out after this offset.
    [[nodiscard]] bool isEnd(std::size_t at) const
    {
        return std::ranges::none_of(
            m_text.substr(at), [](char c) { return isDigit(static_cast<unsigned char>(c)); });
    }

    /// The number at the end of a sentence, after its last copula.
    void conclude(std::size_t begin, std::size_t end)
    {
        constexpr std::array<std::string_view, 12> kCopulas = {" is ", " are ", " equals ", " be ",
            " = ", " has ", " were ", " was ", " ist ", " sind ", "是", "为"};
        std::size_t best = 0;
        std::string_view sentence = std::string_view(m_lower).substr(begin, end - begin);
        for (const std::string_view copula : kCopulas) {
            if (const std::size_t at = sentence.rfind(copula); at != std::string_view::npos)
                best = std::max(best, begin + at + copula.size());
        }
        if (best == 0)
            return;
        auto value = valueAt(m_text.substr(0, end), best);
        if (!value || !startsWithNumber(value->value))
            return;
        // Only its unit may follow.
        const std::string_view rest = m_text.substr(value->end, end - value->end);
        if (rest.size() > 30 || std::ranges::any_of(rest, [](char c) {
                return isDigit(static_cast<unsigned char>(c)) || c == ',';
            }))
            return;
        value->firm = isEnd(value->end);
        m_found.push_back(std::move(*value));
    }

    std::string_view m_text;
    std::string m_lower;
    std::set<std::string, std::less<>> m_asked;
    std::vector<NamedAnswer> m_found;
};

} // namespace

std::vector<NamedAnswer> namedAnswers(std::string_view text, std::string_view question)
{
    return Finder(text, question).run();
}

std::vector<NamedAnswer> answersOfAnswer(std::string_view answer, std::string_view question)
{
    constexpr std::size_t kShort = 60; // bytes
    auto found = namedAnswers(answer, question);
    if (!found.empty())
        return found;
    if (const std::size_t mark = answer.rfind("####"); mark != std::string_view::npos) {
        if (auto value = valueAt(answer, mark + 4))
            return {std::move(*value)};
    }
    const std::size_t begin = answer.find_first_not_of(" \t\r\n");
    if (begin != std::string_view::npos && answer.size() - begin <= kShort) {
        if (auto value = valueAt(answer, begin))
            return {std::move(*value)};
    }
    // What the last equation comes to, or the last number in bold, in the last paragraph.
    const std::size_t paragraph = answer.rfind("\n\n", answer.find_last_not_of(" \t\r\n"));
    const std::size_t from = paragraph == std::string_view::npos ? 0 : paragraph;
    for (const std::string_view mark : {std::string_view("**"), std::string_view("=")}) {
        std::size_t at = answer.rfind(mark);
        if (mark == "**" && at != std::string_view::npos && at > 0)
            at = answer.rfind(mark, at - 1); // the mark that opens
        if (at == std::string_view::npos || at < from)
            continue;
        auto value = valueAt(answer, at + mark.size());
        if (value && isDigit(static_cast<unsigned char>(value->value.front())))
            return {std::move(*value)};
    }
    return {};
}

} // namespace ponder
