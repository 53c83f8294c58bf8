#include "ui/thought/confidence_strip.h"

#include <QPainter>

#include <algorithm>
#include <cmath>
#include <vector>

namespace ponder {

ConfidenceStrip::ConfidenceStrip(QQuickItem* parent)
    : QQuickPaintedItem(parent)
{
}

void ConfidenceStrip::setTrace(TokenTrace* trace)
{
    if (trace == m_trace)
        return;
    if (m_trace)
        m_trace->disconnect(this);
    m_trace = trace;
    if (trace)
        connect(trace, &TokenTrace::changed, this, [this] { update(); });
    update();
    emit traceChanged();
}

void ConfidenceStrip::setColours(const QList<QColor>& colours)
{
    if (colours == m_colours)
        return;
    m_colours = colours;
    update();
    emit coloursChanged();
}

qsizetype ConfidenceStrip::length() const
{
    return m_trace && m_trace->isAvailable() ? m_trace->data()->tokens.back().end : 0;
}

qsizetype ConfidenceStrip::offsetAt(qreal x) const
{
    if (length() == 0 || width() <= 0)
        return -1;
    return qsizetype(std::clamp(x / width(), 0.0, 1.0) * double(length() - 1));
}

void ConfidenceStrip::paint(QPainter* painter)
{
    const int columns = int(width());
    if (length() == 0 || columns <= 0 || m_colours.size() < TokenTrace::kLevels)
        return;
    // One unsure token among forty says little, so a column shows what a fifth of its tokens exceed.
    std::vector<std::vector<float>> entropies{std::size_t(columns)};
    for (const TracedToken& token : m_trace->data()->tokens) {
        const auto column = std::size_t(double(token.begin) / double(length()) * columns);
        entropies[std::min(column, entropies.size() - 1)].push_back(token.entropy);
    }
    std::vector<int> levels(std::size_t(columns), 0);
    for (std::size_t i = 0; i < levels.size(); ++i) {
        std::vector<float>& of = entropies[i];
        if (of.empty()) { // its token began further left
            levels[i] = i > 0 ? levels[i - 1] : 0;
            continue;
        }
        const auto fifth = of.begin() + std::ptrdiff_t(of.size() * 4 / 5);
        std::nth_element(of.begin(), fifth, of.end());
        levels[i] = TokenTrace::levelOf(*fifth);
    }
    for (int from = 0; from < columns;) {
        int to = from + 1;
        while (to < columns && levels[std::size_t(to)] == levels[std::size_t(from)])
            ++to;
        painter->fillRect(
            QRectF(from, 0, to - from, height()), m_colours.at(levels[std::size_t(from)]));
        from = to;
    }
}

} // namespace ponder

#include "moc_confidence_strip.cpp"
