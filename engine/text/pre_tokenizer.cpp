#include "engine/text/pre_tokenizer.h"

#include <chrono>
#include <utility>

namespace ponder {

namespace {

/// Ends a split that takes far longer than any published rule does. Without it a hostile rule could cost the bound of
/// one search at every byte of the text.
class Patience {
public:
    explicit Patience(std::size_t bytes)
        : m_end(Clock::now() + std::chrono::seconds(2) + std::chrono::microseconds(bytes * 20))
    {
    }

    [[nodiscard]] bool isOver()
    {
        m_over = m_over || (++m_asked % 8 == 0 && Clock::now() > m_end);
        return m_over;
    }

private:
    using Clock = std::chrono::steady_clock;
    Clock::time_point m_end;
    unsigned m_asked = 0;
    bool m_over = false;
};

} // namespace

Result<PreTokenizer> PreTokenizer::create(std::span<const Split> splits)
{
    PreTokenizer made;
    for (const Split& split : splits) {
        auto regex = Regex::create(split.pattern);
        if (!regex)
            return tl::unexpected(regex.error());
        made.m_steps.push_back({std::move(*regex), split.dropRest});
    }
    return made;
}

std::span<const std::string_view> PreTokenizer::split(
    std::string_view text, Workspace& workspace) const
{
    auto& pieces = workspace.pieces;
    auto& finer = workspace.finer;
    pieces.clear();
    if (!text.empty())
        pieces.push_back(text);
    Patience patience(text.size());
    for (const Step& step : m_steps) {
        finer.clear();
        for (const std::string_view piece : pieces) {
            std::size_t done = 0;
            while (done < piece.size() && !patience.isOver()) {
                const Regex::Match match = step.regex.find(piece, done, workspace.regex);
                if (match.begin == std::string_view::npos)
                    break; // none; or a bound was reached, and the rest stays one piece
                if (match.begin > done && !step.dropRest)
                    finer.push_back(piece.substr(done, match.begin - done));
                finer.push_back(piece.substr(match.begin, match.end - match.begin));
                done = match.end;
            }
            if (done < piece.size() && !step.dropRest)
                finer.push_back(piece.substr(done));
        }
        pieces.swap(finer);
    }
    return pieces;
}

} // namespace ponder
