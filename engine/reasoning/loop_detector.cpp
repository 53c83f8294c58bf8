#include "engine/reasoning/loop_detector.h"

#include <algorithm>

#include "engine/reasoning/characters.h"

namespace ponder {

namespace {

constexpr std::size_t kGram = 12; ///< bytes that must be the same
constexpr std::size_t kHistory = 1U << 15U; ///< bytes that are looked back
constexpr std::size_t kTable = 1U << 16U;
constexpr std::uint64_t kFactor = 0x9E3779B97F4A7C15ULL;

constexpr std::int64_t kNew = 14; ///< what one new place costs, in old ones
constexpr std::int64_t kMaxScore = 2500; ///< so that the end of a loop is noticed
constexpr std::size_t kShortest
    = 1000; ///< bytes of repetition, however short a round is: about 250 tokens
constexpr std::int64_t kEnded
    = 700; ///< the score fell so far below its best: something new is said

/// kFactor to the kGram, to take the oldest byte out of a hash.
constexpr std::uint64_t oldest()
{
    std::uint64_t power = 1;
    for (std::size_t i = 0; i < kGram; ++i)
        power *= kFactor;
    return power;
}

} // namespace

void LoopDetector::push(std::string_view text)
{
    if (m_recent.empty()) {
        m_recent.resize(kHistory);
        m_offsets.resize(kHistory);
        m_seen.resize(kTable);
    }
    for (const char c : text) {
        const std::size_t offset = m_pushed++;
        if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
            m_lineBegin = m_lineBegin || c == '\n';
            if (!m_space)
                add(' ', offset);
            m_space = true;
            continue;
        }
        m_space = false;
        if (m_lineBegin && isDigit(static_cast<unsigned char>(c)))
            continue; // a step that is only counted on is the same step
        m_lineBegin = false;
        add(c, offset);
    }
}

bool LoopDetector::sameAt(std::size_t place) const
{
    for (std::size_t i = 0; i < kGram; ++i) {
        if (m_recent[(place - i) % kHistory] != m_recent[(m_count - i) % kHistory])
            return false;
    }
    return true;
}

/// The last place that ends with the same bytes as the newest; the newest itself: none.
std::size_t LoopDetector::previous(std::uint64_t hash)
{
    std::uint32_t& seen = m_seen[(hash >> 20U) % kTable];
    const std::size_t place = seen - std::size_t(1);
    const bool known = seen != 0 && m_count - place + kGram < kHistory && sameAt(place);
    seen = static_cast<std::uint32_t>(m_count + 1);
    return known ? place : m_count;
}

void LoopDetector::add(char byte, std::size_t offset)
{
    m_recent[m_count % kHistory] = byte;
    m_offsets[m_count % kHistory] = offset;
    m_hash = (m_hash + static_cast<unsigned char>(byte) + 1) * kFactor;
    if (m_count >= kGram)
        m_hash -= (std::uint64_t(static_cast<unsigned char>(m_recent[(m_count - kGram) % kHistory]))
                      + 1)
            * oldest() * kFactor;
    if (m_count >= kGram)
        judge(m_count - previous(m_hash));
    ++m_count;
}

void LoopDetector::judge(std::size_t distance)
{
    const bool old = distance > 0;
    m_score = std::min(m_score + (old ? 1 : -kNew), kMaxScore);
    if (m_score <= 0) {
        m_score = m_best = 0;
        m_runBegin = m_count + 1;
        m_runOld = m_runDistance = 0;
        m_looping = false;
        return;
    }
    m_best = std::max(m_best, m_score);
    if (old) {
        ++m_runOld;
        m_runDistance += distance;
    }
    if (m_looping) {
        if (old)
            m_loops.back().end = m_offsets[m_count % kHistory] + 1;
        m_looping = m_score > m_best - kEnded;
        if (!m_looping)
            m_score = 0; // what comes next is judged afresh
        return;
    }
    const std::size_t length = m_count + 1 - m_runBegin;
    const std::size_t period = m_runDistance / std::max<std::size_t>(m_runOld, 1);
    if (length < kShortest || length < 2 * period || m_runOld == 0)
        return;
    m_looping = true;
    const std::size_t begin = length < kHistory ? m_offsets[m_runBegin % kHistory] : 0;
    m_loops.push_back({begin, m_offsets[m_count % kHistory] + 1, period});
}

} // namespace ponder
