#include "engine/reasoning/words.h"

#include <algorithm>
#include <unordered_map>

namespace ponder {

namespace {

struct WordEntry {
    std::string_view word;
    WordRole role;
    std::int64_t value = 0;
};

using WordTable = std::unordered_map<std::string_view, WordInfo>;

template <std::size_t count> WordTable makeWords(const WordEntry (&entries)[count])
{
    WordTable result;
    for (const WordEntry& entry : entries)
        result.emplace(entry.word, WordInfo{entry.role, entry.value});
    return result;
}

const WordTable& englishWords()
{
    using enum WordRole;
    static constexpr WordEntry kEntries[] = {
        {"plus", Plus},
        {"minus", Minus},
        {"times", Times},
        {"multiplied", Times},
        {"divided", Divided},
        {"over", Over},
        {"mod", Mod},
        {"modulo", Mod},
        {"of", Of},
        {"squared", Squared},
        {"cubed", Cubed},
        {"half", Half},
        {"third", Third},
        {"quarter", Quarter},
        {"twice", Double},
        {"double", Double},
        {"percent", Percent},
        {"is", Is},
        {"are", Is},
        {"was", Is},
        {"were", Is},
        {"be", Is},
        {"that's", Is},
        {"it's", Is},
        {"equals", Equals},
        {"equal", Equals},
        {"gives", Equals},
        {"makes", Equals},
        {"yields", Equals},
        {"approximately", Approximately},
        {"about", Approximately},
        {"around", Approximately},
        {"roughly", Approximately},
        {"nearly", Approximately},
        {"almost", Approximately},
        {"approx", Approximately},
        {"zero", Digit, 0},
        {"one", Digit, 1},
        {"two", Digit, 2},
        {"three", Digit, 3},
        {"four", Digit, 4},
        {"five", Digit, 5},
        {"six", Digit, 6},
        {"seven", Digit, 7},
        {"eight", Digit, 8},
        {"nine", Digit, 9},
        {"ten", Digit, 10},
        {"eleven", Digit, 11},
        {"twelve", Digit, 12},
        {"thirteen", Digit, 13},
        {"fourteen", Digit, 14},
        {"fifteen", Digit, 15},
        {"sixteen", Digit, 16},
        {"seventeen", Digit, 17},
        {"eighteen", Digit, 18},
        {"nineteen", Digit, 19},
        {"twenty", Digit, 20},
        {"thirty", Digit, 30},
        {"forty", Digit, 40},
        {"fifty", Digit, 50},
        {"sixty", Digit, 60},
        {"seventy", Digit, 70},
        {"eighty", Digit, 80},
        {"ninety", Digit, 90},
        {"hundred", Hundred, 100},
        {"thousand", Scale, 1000},
        {"million", Scale, 1000000},
        {"billion", Scale, 1000000000},
        {"trillion", Scale, 1000000000000},
        {"step", Label},
        {"level", Label},
        {"layer", Label},
        {"year", Label},
        {"day", Label},
        {"week", Label},
        {"month", Label},
        {"case", Label},
        {"option", Label},
        {"problem", Label},
        {"question", Label},
        {"line", Label},
        {"row", Label},
        {"column", Label},
        {"section", Label},
        {"chapter", Label},
        {"part", Label},
        {"number", Label},
        {"round", Label},
        {"phase", Label},
        {"method", Label},
        {"attempt", Label},
        {"stage", Label},
        {"figure", Label},
        {"table", Label},
        {"equation", Label},
        {"page", Label},
        {"scenario", Label},
        {"and", Stops},
        {"or", Stops},
        {"so", Stops},
        {"then", Stops},
        {"but", Stops},
        {"which", Stops},
        {"that", Stops},
        {"because", Stops},
        {"since", Stops},
        {"when", Stops},
        {"we", Stops},
        {"i", Stops},
        {"get", Stops},
        {"got", Stops},
        {"have", Stops},
        {"has", Stops},
        {"had", Stops},
        {"therefore", Stops},
        {"thus", Stops},
        {"hence", Stops},
        {"now", Stops},
        {"not", Stops},
        {"where", Stops},
        {"while", Stops},
        {"leaving", Stops},
        {"left", None},
        {"he", Stops},
        {"she", Stops},
        {"they", Stops},
        {"you", Stops},
        {"can", Stops},
        {"would", Stops},
        {"will", Stops},
        {"does", Stops},
        {"do", Stops},
        {"instead", Stops},
        {"let", Stops},
        {"with", None},
        {"yes", Stops},
        {"no", Stops},
        {"wait", Stops},
        {"using", Stops},
        {"remainder", Remainder},
        {"r", Remainder},
        {"modulus", Remainder},
        {"more", More},
        {"less", More},
        {"fewer", More},
        {"greater", More},
        {"larger", More},
        {"smaller", More},
        {"digit", More},
        {"digits", More},
        {"higher", More},
        {"lower", More},
        {"short", More},
        {"away", More},
        {"o'clock", Clock},
        {"pm", Clock},
        {"am", Clock},
        {"p.m", Clock},
        {"a.m", Clock},
        {"if", Hypothesis},
        {"suppose", Hypothesis},
        {"assume", Hypothesis},
        {"whether", Hypothesis},
        {"unless", Hypothesis},
        {"also", Stops},
        {"january", Label},
        {"february", Label},
        {"march", Label},
        {"april", Label},
        {"may", Label},
        {"june", Label},
        {"july", Label},
        {"august", Label},
        {"september", Label},
        {"october", Label},
        {"november", Label},
        {"december", Label},
        {"item", Label},
        {"age", Label},
        {"aged", Label},
    };
    static const WordTable table = makeWords(kEntries);
    return table;
}

const WordTable& germanWords()
{
    using enum WordRole;
    static constexpr WordEntry kEntries[] = {
        {"mal", Times},
        {"multipliziert", Times},
        {"geteilt", Divided},
        {"dividiert", Divided},
        {"durch", Over},
        {"hoch", PowerOf},
        {"von", Of},
        {"quadrat", Squared},
        {"hälfte", Half},
        {"halb", Half},
        {"drittel", Third},
        {"viertel", Quarter},
        {"doppelt", Double},
        {"prozent", Percent},
        {"ist", Is},
        {"sind", Is},
        {"wäre", Is},
        {"wären", Is},
        {"ergibt", Equals},
        {"ergeben", Equals},
        {"gleich", Equals},
        {"macht", Equals},
        {"ungefähr", Approximately},
        {"etwa", Approximately},
        {"rund", Approximately},
        {"circa", Approximately},
        {"ca", Approximately},
        {"fast", Approximately},
        {"hundert", Hundred, 100},
        {"tausend", Scale, 1000},
        {"millionen", Scale, 1000000},
        {"milliarden", Scale, 1000000000},
        {"milliarde", Scale, 1000000000},
        {"null", Digit, 0},
        {"eins", Digit, 1},
        {"zwei", Digit, 2},
        {"drei", Digit, 3},
        {"vier", Digit, 4},
        {"fünf", Digit, 5},
        {"sechs", Digit, 6},
        {"sieben", Digit, 7},
        {"acht", Digit, 8},
        {"neun", Digit, 9},
        {"zehn", Digit, 10},
        {"elf", Digit, 11},
        {"zwölf", Digit, 12},
        {"dreizehn", Digit, 13},
        {"vierzehn", Digit, 14},
        {"fünfzehn", Digit, 15},
        {"sechzehn", Digit, 16},
        {"siebzehn", Digit, 17},
        {"achtzehn", Digit, 18},
        {"neunzehn", Digit, 19},
        {"zwanzig", Digit, 20},
        {"dreißig", Digit, 30},
        {"vierzig", Digit, 40},
        {"fünfzig", Digit, 50},
        {"sechzig", Digit, 60},
        {"siebzig", Digit, 70},
        {"achtzig", Digit, 80},
        {"neunzig", Digit, 90},
        {"schritt", Label},
        {"jahr", Label},
        {"tag", Label},
        {"fall", Label},
        {"aufgabe", Label},
        {"zeile", Label},
        {"seite", Label},
        {"und", Stops},
        {"oder", Stops},
        {"dann", Stops},
        {"aber", Stops},
        {"weil", Stops},
        {"da", Stops},
        {"wir", Stops},
        {"nicht", Stops},
        {"hat", Stops},
        {"rest", Remainder},
        {"mehr", More},
        {"weniger", More},
        {"uhr", Clock},
        {"wenn", Hypothesis},
        {"falls", Hypothesis},
        {"angenommen", Hypothesis},
        {"alter", Label},
        {"stelle", Label},
    };
    static const WordTable table = makeWords(kEntries);
    return table;
}

const WordTable& chineseWords()
{
    using enum WordRole;
    static constexpr WordEntry kEntries[] = {
        {"加上", Plus},
        {"加", Plus},
        {"减去", Minus},
        {"减", Minus},
        {"乘以", Times},
        {"乘", Times},
        {"除以", Over},
        {"的平方", Squared},
        {"的立方", Cubed},
        {"的一半", Half},
        {"等于", Equals},
        {"得到", Equals},
        {"得出", Equals},
        {"得", Equals},
        {"是", Is},
        {"为", Is},
        {"就是", Is},
        {"约等于", Approximately},
        {"约为", Approximately},
        {"大约是", Approximately},
        {"大约", Approximately},
        {"约", Approximately},
        {"余数", Remainder},
        {"余", Remainder},
        {"百分之", Percent},
        {"点钟", Clock},
        {"第", Label},
        {"如果", Hypothesis},
        {"假设", Hypothesis},
        {"若", Hypothesis},
        {"零", Digit, 0},
        {"一", Digit, 1},
        {"二", Digit, 2},
        {"两", Digit, 2},
        {"三", Digit, 3},
        {"四", Digit, 4},
        {"五", Digit, 5},
        {"六", Digit, 6},
        {"七", Digit, 7},
        {"八", Digit, 8},
        {"九", Digit, 9},
        {"十", Hundred, 10},
        {"百", Hundred, 100},
        {"千", Scale, 1000},
        {"万", Scale, 10000},
        {"亿", Scale, 100000000},
        {"和", Stops},
        {"或", Stops},
        {"所以", Stops},
        {"因此", Stops},
        {"那么", Stops},
        {"但", Stops},
        {"而", Stops},
        {"不", Stops},
        {"因为", Stops},
        {"然后", Stops},
        {"则", Stops},
        {"有", Stops},
    };
    static const WordTable table = makeWords(kEntries);
    return table;
}

} // namespace

namespace {

/// twenty-five, fünfundzwanzig: the sum of its parts, the tens last or first.
WordInfo compoundNumber(std::string_view lower, Language language)
{
    const std::string_view link = language == Language::German ? "und" : "-";
    const std::size_t at = lower.find(link, 1);
    if (at == std::string_view::npos || at + link.size() >= lower.size())
        return {};
    const std::string_view first = lower.substr(0, at);
    const WordInfo left = first == "ein" ? WordInfo{WordRole::Digit, 1} : wordInfo(first, language);
    const WordInfo right = wordInfo(lower.substr(at + link.size()), language);
    if (left.role != WordRole::Digit || right.role != WordRole::Digit)
        return {};
    const auto [small, large] = std::minmax(left.value, right.value);
    return small > 0 && small < 10 && large >= 20 ? WordInfo{WordRole::Digit, small + large}
                                                  : WordInfo{};
}

} // namespace

WordInfo wordInfo(std::string_view lower, Language language)
{
    if (language == Language::German) {
        if (const auto found = germanWords().find(lower); found != germanWords().end())
            return found->second;
    }
    if (const auto found = englishWords().find(lower); found != englishWords().end())
        return found->second;
    if (const auto found = chineseWords().find(lower); found != chineseWords().end())
        return found->second;
    return compoundNumber(lower, language);
}

std::size_t chineseWordLength(std::string_view text)
{
    constexpr std::size_t kHan = 3; // bytes of a character of the table
    for (std::size_t length = std::min(3 * kHan, text.size() / kHan * kHan); length > 0;
        length -= kHan) {
        if (chineseWords().contains(text.substr(0, length)))
            return length;
    }
    return 0;
}

} // namespace ponder
