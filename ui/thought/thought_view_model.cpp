#include "ui/thought/thought_view_model.h"

#include "ui/thought/background.h"

#include <QLocale>
#include <QVariantMap>
#include <chrono>
#include <cmath>

namespace ponder {

namespace {

using namespace std::chrono_literals;

/// "20 ms", "0.4 s", "12 s", "3 min 5 s".
QString duration(double seconds)
{
    const QLocale locale;
    if (seconds < 0.095)
        return ThoughtViewModel::tr("%1 ms").arg(std::lround(std::max(seconds, 0.0) * 1000));
    if (seconds < 0.95)
        return ThoughtViewModel::tr("%1 s").arg(locale.toString(seconds, 'f', 1));
    const int whole = int(std::lround(std::min(seconds, 1e8)));
    if (whole < 60)
        return ThoughtViewModel::tr("%1 s").arg(whole);
    return ThoughtViewModel::tr("%1 min %2 s").arg(locale.toString(whole / 60)).arg(whole % 60);
}

} // namespace

ThoughtViewModel::ThoughtViewModel(QObject* parent)
    : QObject(parent)
    , m_steps(this)
{
    m_tick.setInterval(250ms);
    connect(&m_tick, &QTimer::timeout, this, &ThoughtViewModel::updateHeadline);
    m_headline = headline();
}

void ThoughtViewModel::setText(const QString& text)
{
    if (text == m_steps.text())
        return;
    ++m_lastReading; // what is on its way was read in another text
    takeReading({});
    m_trace.clear();
    emit readingChanged();
    m_steps.setText(text);
    if (!m_pendingRecords.isEmpty())
        m_steps.setRecords(m_pendingRecords);
    updateText();
}

void ThoughtViewModel::append(const QString& text, const QList<StepBegin>& begins)
{
    if (text.isEmpty())
        return;
    m_steps.append(text, begins);
    updateText();
}

void ThoughtViewModel::updateText()
{
    const bool empty = m_steps.count() == 0;
    if (empty != m_empty) {
        m_empty = empty;
        emit emptyChanged();
    }
    emit textChanged();
    emit stepRecordsChanged();
}

void ThoughtViewModel::read(const QString& answer, const QString& question)
{
    const int number = ++m_lastReading;
    ++m_readings;
    emit readingChanged();
    const ThoughtTexts texts{m_steps.text(), m_steps.stepBegins(), answer, question};
    runInBackground<ThoughtReading>(
        this, [texts] { return readThought(texts); },
        [this, number](const ThoughtReading& reading) {
            --m_readings;
            if (number == m_lastReading)
                takeReading(reading);
            emit readingChanged();
        });
}

void ThoughtViewModel::takeReading(const ThoughtReading& reading)
{
    m_reading = reading;
    m_steps.setReading(reading);
    m_outline.setReading(reading, m_steps);
    m_findings.setFindings(reading.findings);
}

QVariantList ThoughtViewModel::values() const
{
    QVariantList values;
    for (const NamedValue& named : m_reading.values)
        values.append(QVariantMap{
            {QStringLiteral("value"), named.value}, {QStringLiteral("step"), named.step}});
    return values;
}

void ThoughtViewModel::setSeconds(double seconds)
{
    m_sinceTold.start();
    if (qFuzzyCompare(1 + seconds, 1 + m_seconds))
        return;
    m_seconds = seconds;
    emit secondsChanged();
    updateHeadline();
}

void ThoughtViewModel::setTokens(int tokens)
{
    if (tokens == m_tokens)
        return;
    m_tokens = tokens;
    emit tokensChanged();
    updateHeadline();
}

void ThoughtViewModel::setPhase(Phase phase)
{
    if (phase == m_phase)
        return;
    if (m_phase == Thinking)
        m_steps.finish(m_seconds, m_tokens);
    m_phase = phase;
    if (phase == Thinking) {
        m_sinceTold.start();
        m_tick.start();
    } else {
        m_tick.stop();
    }
    emit phaseChanged();
    emit stepRecordsChanged();
    updateHeadline();
    updateFold();
}

void ThoughtViewModel::setStepRecords(const QJsonArray& records)
{
    // They may come before the text that they describe.
    m_pendingRecords = records;
    m_steps.setRecords(records);
    emit stepRecordsChanged();
}

void ThoughtViewModel::setFoldAutomatically(bool fold)
{
    if (fold == m_foldAutomatically)
        return;
    m_foldAutomatically = fold;
    emit foldAutomaticallyChanged();
    updateFold();
}

void ThoughtViewModel::setExpanded(bool expanded)
{
    m_touched = true;
    if (expanded == m_expanded)
        return;
    m_expanded = expanded;
    emit expandedChanged();
}

void ThoughtViewModel::updateFold()
{
    const bool expanded = m_phase != Done || !m_foldAutomatically;
    if (m_touched || expanded == m_expanded)
        return;
    m_expanded = expanded;
    emit expandedChanged();
}

double ThoughtViewModel::shownSeconds() const
{
    const bool running = m_phase == Thinking && m_sinceTold.isValid();
    return m_seconds + (running ? double(m_sinceTold.elapsed()) / 1000 : 0);
}

QString ThoughtViewModel::headline() const
{
    const QString tokens
        = m_tokens == 1 ? tr("1 token") : tr("%1 tokens").arg(QLocale().toString(m_tokens));
    const bool counted = m_tokens > 0;
    switch (m_phase) {
    case Thinking: {
        // Whole seconds, never rounded up: a clock, not a measurement.
        const QString time = duration(std::max(std::floor(shownSeconds()), 0.0));
        const QString clock = shownSeconds() < 1 ? tr("%1 s").arg(0) : time;
        return counted ? tr("Thinking\u2026 %1 \u00b7 %2").arg(clock, tokens)
                       : tr("Thinking\u2026 %1").arg(clock);
    }
    case Done:
    case Unanswered: {
        const QString words
            = m_seconds > 0 ? tr("Thought for %1").arg(duration(m_seconds)) : tr("Thought");
        return counted ? tr("%1 \u00b7 %2").arg(words, tokens) : words;
    }
    case Stopped: {
        const QString words = m_seconds > 0 ? tr("Stopped after %1").arg(duration(m_seconds))
                                            : tr("Stopped while it was thinking");
        return counted ? tr("%1 \u00b7 %2").arg(words, tokens) : words;
    }
    }
    return {};
}

void ThoughtViewModel::updateHeadline()
{
    const QString now = headline();
    if (now == m_headline)
        return;
    m_headline = now;
    emit headlineChanged();
}

} // namespace ponder

#include "moc_thought_view_model.cpp"
