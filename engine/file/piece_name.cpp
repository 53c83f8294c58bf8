#include "engine/file/piece_name.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "engine/file/printable.h"

namespace ponder {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxDigits = 5;
constexpr std::uint32_t kMaxListed = 9; // names in a command; more are written as a pattern

/// "model.gguf" and ".part2of3": number 2 of 3.
struct Piece {
    std::string whole; ///< the name of what the pieces make
    std::string before, after; ///< around the number
    std::string number; ///< as the name has it: "2", "002", "ab"
    std::uint32_t index = 0; ///< what it counts to
    std::uint32_t count = 0; ///< pieces in all; 0: the name does not say
};

std::string lower(std::string_view text)
{
    std::string out(text);
    std::ranges::transform(
        out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool isUpper(char c)
{
    return c >= 'A' && c <= 'Z';
}

std::string_view digitsAt(std::string_view text, std::size_t at)
{
    std::size_t end = at;
    while (end < text.size() && isDigit(text[end]))
        ++end;
    return text.substr(at, end - at);
}

std::uint32_t valueOf(std::string_view number)
{
    std::uint32_t value = 0;
    for (const char c : number)
        value = isDigit(c) ? value * 10 + static_cast<std::uint32_t>(c - '0')
                           : value * 26 + static_cast<std::uint32_t>(c - 'a');
    return value;
}

/// Reads what stands behind "….gguf".
std::optional<Piece> parseSuffix(std::string_view name, std::size_t wholeLength)
{
    const std::string text = lower(name);
    std::string_view rest = std::string_view(text).substr(wholeLength);
    if (rest.size() < 2 || std::string_view(".-_").find(rest[0]) == std::string_view::npos)
        return std::nullopt;
    std::size_t at = 1;
    bool isNamed = false; // "part", "split": then letters and single digits count as well
    for (const std::string_view word : {"part", "split", "piece", "chunk"}) {
        if (rest.substr(at).starts_with(word)) {
            at += word.size();
            isNamed = true;
            break;
        }
    }
    while (isNamed && at < rest.size()
        && std::string_view(".-_").find(rest[at]) != std::string_view::npos)
        ++at;
    Piece piece;
    piece.whole = name.substr(0, wholeLength);
    piece.before = name.substr(0, wholeLength + at);
    std::string_view number = digitsAt(rest, at);
    if (number.empty()) { // a, aa: what the command split writes
        number = rest.substr(at);
        const bool isLetters
            = std::ranges::all_of(number, [](char c) { return c >= 'a' && c <= 'z'; });
        if (!isLetters || number.empty() || number.size() > 2
            || (!isNamed && (number.size() < 2 || number[0] != 'a')))
            return std::nullopt;
    } else if (number.size() > kMaxDigits
        || (!isNamed && number.size() < 2 && at + number.size() == rest.size())) {
        return std::nullopt;
    }
    std::string_view tail = rest.substr(at + number.size());
    if (!tail.empty()) {
        if (!tail.starts_with("of") && !tail.starts_with("-of-") && !tail.starts_with("_of_"))
            return std::nullopt;
        const std::size_t of = tail.find_first_of("0123456789");
        const std::string_view count
            = of == std::string_view::npos ? std::string_view() : digitsAt(tail, of);
        if (count.empty() || count.size() > kMaxDigits || of + count.size() != tail.size())
            return std::nullopt;
        piece.count = valueOf(count);
    }
    piece.number = number;
    piece.index = valueOf(number);
    piece.after = name.substr(wholeLength + at + number.size());
    return piece;
}

std::optional<Piece> parsePiece(std::string_view name)
{
    const std::string text = lower(name);
    for (const std::string_view ending : {".gguf", ".safetensors"}) {
        const std::size_t at = text.rfind(ending);
        if (at != std::string::npos && at > 0 && at + ending.size() < text.size())
            return parseSuffix(name, at + ending.size());
    }
    return std::nullopt;
}

/// For a shell.
std::string quoted(const std::string& name)
{
    const bool isPlain = std::ranges::all_of(name, [](unsigned char c) {
        return std::isalnum(c) != 0
            || std::string_view("._-+=@%,:").find(static_cast<char>(c)) != std::string_view::npos;
    });
    if (isPlain)
        return name;
    std::string out = "'";
    for (const char c : name)
        out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

/// The pieces in the folder, by their number.
std::map<std::uint32_t, std::string> piecesBeside(const fs::path& path, const Piece& piece)
{
    std::map<std::uint32_t, std::string> found;
    std::error_code error;
    const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
        entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        const auto other = parsePiece(name);
        if (other && other->before == piece.before && other->after == piece.after)
            found.emplace(other->index, name);
    }
    return found;
}

std::string joinCommand(const Piece& piece, const std::map<std::uint32_t, std::string>& found)
{
    std::string names;
    if (found.size() <= kMaxListed) {
        for (const auto& [index, name] : found)
            names += quoted(name) + ' ';
    } else if (!isDigit(piece.number.front())) {
        // A shell counts no pairs of letters, but a pattern puts them in order.
        names = quoted(piece.before);
        for (std::size_t i = 0; i < piece.number.size(); ++i)
            names += isUpper(found.begin()->second[piece.before.size() + i]) ? "[A-Z]" : "[a-z]";
        names += (piece.after.empty() ? "" : quoted(piece.after)) + ' ';
    } else {
        // The shell counts by itself, since a pattern would put piece 10 before piece 2.
        names = quoted(piece.before) + '{' + parsePiece(found.begin()->second)->number + ".."
            + parsePiece(found.rbegin()->second)->number + '}'
            + (piece.after.empty() ? "" : quoted(piece.after)) + ' ';
    }
    return "cat " + names + "> " + quoted(piece.whole);
}

} // namespace

std::optional<std::string> describePiece(const fs::path& path)
{
    const auto piece = parsePiece(path.filename().string());
    if (!piece)
        return std::nullopt;
    const auto found = piecesBeside(path, *piece);
    const bool isAlone = found.size() < 2;
    const bool hasGap
        = !found.empty() && found.rbegin()->first - found.begin()->first + 1 != found.size();
    const bool isIncomplete = isAlone || hasGap || found.begin()->first > 1
        || (piece->count > 0 && found.size() < piece->count);
    std::string text = printableName(path) + " is a piece of a model's file that was cut up";
    if (piece->count > 0)
        text += " into " + std::to_string(piece->count);
    text += isIncomplete ? ". Put all of its pieces into one folder and join them in order"
                         : ". Join the pieces in order, in their folder";
    const std::string command
        = isAlone ? "cat FIRST SECOND … > " + quoted(piece->whole) : joinCommand(*piece, found);
    return text + ": " + printableWhole(command) + ". Then open " + printable(piece->whole, 200)
        + '.';
}

} // namespace ponder
