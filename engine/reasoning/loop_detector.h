#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace ponder {

/// A range in which a text repeats itself, in bytes of all that was pushed.
struct Loop {
    std::size_t begin = 0; ///< of the second round
    std::size_t end = 0;
    std::size_t period = 0; ///< about how long a round is
};

/// Detects loops while a text is written: in a token, in sentences, in steps of which only a number
/// changes. It reports one at the latest about 300 tokens after the third round began. For one text; not thread-safe.
///
/// Every position is compared with the recent text: its bytes occurred before, or are new. A score grows with
/// repeated bytes and falls faster with new ones. Where it stays up for two rounds more than the first, that is a loop.
class LoopDetector {
public:
    /// Any bytes, cut anywhere.
    void push(std::string_view text);

    /// Whether the text is in a loop now.
    [[nodiscard]] bool inLoop() const { return m_looping; }
    /// All loops so far, the present one included.
    [[nodiscard]] const std::vector<Loop>& loops() const { return m_loops; }

private:
    void add(char byte, std::size_t offset);
    void judge(std::size_t distance);
    [[nodiscard]] std::size_t previous(std::uint64_t hash);
    [[nodiscard]] bool sameAt(std::size_t place) const;

    std::size_t m_pushed = 0;
    bool m_space = true; ///< white space came last
    bool m_lineBegin = true;

    std::vector<char>
        m_recent; ///< a ring of what is compared: white space folded, counters of lists dropped
    std::vector<std::size_t> m_offsets; ///< the offset of each in the text
    std::vector<std::uint32_t> m_seen; ///< by hash: the last position, plus one
    std::size_t m_count = 0; ///< compared so far
    std::uint64_t m_hash = 0;

    std::int64_t m_score = 0, m_best = 0;
    std::size_t m_runBegin = 0; ///< since the score was last nothing
    std::size_t m_runOld = 0; ///< positions in it that occurred before
    std::size_t m_runDistance = 0; ///< the sum of how far back
    bool m_looping = false;
    std::vector<Loop> m_loops;
};

} // namespace ponder
