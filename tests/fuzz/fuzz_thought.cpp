// Any bytes as what a model writes: wherever the text is cut, the same thought, steps and answer
// come out, and they are whole UTF-8.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/thought_reader.h"

namespace {

using ponder::Phase;
using ponder::ThoughtFormat;
using ponder::ThoughtReader;
using ponder::ThoughtStart;

void require(bool condition)
{
    if (!condition)
        std::abort();
}

struct Piece {
    Phase phase;
    int step;
    std::string text;
    bool operator==(const Piece&) const = default;
};

/// Chunks of the same phase and step joined, since where they are cut depends on the input's pieces.
void join(std::vector<Piece>& pieces, const std::vector<ThoughtReader::Chunk>& chunks)
{
    for (const ThoughtReader::Chunk& chunk : chunks) {
        require(chunk.retold || !chunk.text.empty());
        if (chunk.retold) { // in place of all before
            pieces.clear();
            pieces.push_back({Phase::Reasoning, -1, chunk.retold->reasoning});
            pieces.push_back({Phase::Answer, 0, chunk.retold->content});
            if (chunk.text.empty())
                continue;
        }
        if (!pieces.empty() && pieces.back().phase == chunk.phase
            && pieces.back().step == chunk.step)
            pieces.back().text += chunk.text;
        else
            pieces.push_back({chunk.phase, chunk.step, chunk.text});
    }
}

std::vector<Piece> read(
    std::string_view text, const ThoughtFormat& format, ThoughtStart start, std::size_t most)
{
    ThoughtReader reader(format, start);
    std::vector<Piece> pieces;
    for (std::size_t at = 0; at < text.size(); at += most)
        join(pieces, reader.push(text.substr(at, most)));
    join(pieces, reader.finish());
    return pieces;
}

bool isUtf8(std::string_view text)
{
    for (std::size_t at = 0; at < text.size();) {
        const auto lead = static_cast<unsigned char>(text[at]);
        const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        if ((lead >= 0x80 && lead < 0xc2) || lead > 0xf4 || at + length > text.size())
            return false;
        for (std::size_t i = 1; i < length; ++i) {
            if ((static_cast<unsigned char>(text[at + i]) & 0xc0U) != 0x80U)
                return false;
        }
        at += length;
    }
    return true;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0)
        return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const ThoughtFormat& format = (data[0] & 1U) != 0 ? ponder::thinkTags() : ponder::channels();
    const auto start = static_cast<ThoughtStart>((data[0] >> 1U & 3U) % 3U);
    const std::size_t most = 1 + (data[0] >> 3U);
    const std::vector<Piece> whole
        = read(text, format, start, std::max<std::size_t>(text.size(), 1));
    require(read(text, format, start, most) == whole);
    require(read(text, format, start, 1) == whole);
    std::string thought;
    std::vector<std::size_t> begins;
    for (const Piece& piece : whole) {
        require(isUtf8(piece.text));
        if (piece.phase != Phase::Reasoning)
            continue;
        if (piece.step == -1) // retold
            begins = ponder::stepBegins(piece.text);
        else if (static_cast<std::size_t>(piece.step) == begins.size())
            begins.push_back(thought.size());
        thought += piece.text;
    }
    require(ponder::stepBegins(thought) == begins);
    return 0;
}
