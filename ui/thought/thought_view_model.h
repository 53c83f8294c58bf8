#pragma once

#include <QElapsedTimer>
#include <QJsonArray>
#include <QObject>
#include <QString>
#include <QTimer>
#include <QtQmlIntegration>

#include "ui/thought/finding_list_model.h"
#include "ui/thought/outline_model.h"
#include "ui/thought/step_list_model.h"
#include "ui/thought/token_trace.h"

namespace ponder {

/// One thought as the pane shows it: its text and steps, its clock, and whether it is unfolded.
///
/// Bind `seconds`, `tokens` and `phase` to a message's roles. Set `text` to the whole thought, and append() what is new.
/// Nothing is measured here: between two updates of `seconds` the headline's clock runs on while the thought grows.
/// Belongs to the GUI thread.
class ThoughtViewModel : public QObject {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(QString text READ text WRITE setText NOTIFY textChanged)
    Q_PROPERTY(double seconds READ seconds WRITE setSeconds NOTIFY secondsChanged)
    Q_PROPERTY(int tokens READ tokens WRITE setTokens NOTIFY tokensChanged)
    Q_PROPERTY(Phase phase READ phase WRITE setPhase NOTIFY phaseChanged)
    Q_PROPERTY(
        QJsonArray stepRecords READ stepRecords WRITE setStepRecords NOTIFY stepRecordsChanged)
    Q_PROPERTY(bool foldAutomatically READ foldsAutomatically WRITE setFoldAutomatically NOTIFY
            foldAutomaticallyChanged)
    Q_PROPERTY(bool expanded READ isExpanded WRITE setExpanded NOTIFY expandedChanged)
    Q_PROPERTY(bool empty READ isEmpty NOTIFY emptyChanged)
    Q_PROPERTY(QString headline READ headline NOTIFY headlineChanged)
    Q_PROPERTY(ponder::StepListModel* steps READ steps CONSTANT)
    Q_PROPERTY(ponder::OutlineModel* outline READ outline CONSTANT)
    Q_PROPERTY(ponder::TokenTrace* trace READ trace CONSTANT)
    Q_PROPERTY(ponder::FindingListModel* findings READ findings CONSTANT)
    /// A sentence, where thought and answer end with different values; else empty.
    Q_PROPERTY(QString difference READ difference NOTIFY readingChanged)
    /// What the thought and the answer name as the final answer, in order: [{"value", "step"}, …]; step -1: the answer.
    Q_PROPERTY(QVariantList values READ values NOTIFY readingChanged)
    Q_PROPERTY(bool reading READ isReading NOTIFY readingChanged)

public:
    enum Phase {
        Thinking, ///< the thought grows
        Done, ///< the answer has begun, or is there
        Stopped, ///< it ended before it was through
        Unanswered, ///< it is through, and there is no answer, at least not yet
    };
    Q_ENUM(Phase)

    explicit ThoughtViewModel(QObject* parent = nullptr);

    [[nodiscard]] QString text() const { return m_steps.text(); }
    /// Replaces the thought, unless it is the same.
    void setText(const QString& text);
    /// As it was set last; headline() shows the running clock.
    [[nodiscard]] double seconds() const { return m_seconds; }
    void setSeconds(double seconds);
    [[nodiscard]] int tokens() const { return m_tokens; }
    void setTokens(int tokens);
    [[nodiscard]] Phase phase() const { return m_phase; }
    void setPhase(Phase phase);
    /// For storage (Message::steps). Set it together with the text of a thought that is over.
    [[nodiscard]] QJsonArray stepRecords() const { return m_steps.records(); }
    void setStepRecords(const QJsonArray& records);

    [[nodiscard]] bool foldsAutomatically() const { return m_foldAutomatically; }
    void setFoldAutomatically(bool fold);
    /// Unfolded until the answer begins, where it folds by itself; from when a person sets it it stays as it is.
    [[nodiscard]] bool isExpanded() const { return m_expanded; }
    void setExpanded(bool expanded);
    [[nodiscard]] bool isEmpty() const { return m_empty; }
    /// "Thinking… 3 s · 57 tokens", "Thought for 12 s · 340 tokens", "Stopped after 5 s · 81 tokens"; without the time
    /// where nobody took it, as before the end of the process.
    [[nodiscard]] QString headline() const;
    [[nodiscard]] StepListModel* steps() { return &m_steps; }
    [[nodiscard]] OutlineModel* outline() { return &m_outline; }
    [[nodiscard]] TokenTrace* trace() { return &m_trace; }
    [[nodiscard]] FindingListModel* findings() { return &m_findings; }
    [[nodiscard]] QString difference() const { return m_reading.difference; }
    [[nodiscard]] QVariantList values() const;
    [[nodiscard]] bool isReading() const { return m_readings > 0; }

public slots:
    /// New text of the thought, and where steps begin in it.
    void append(const QString& text, const QList<ponder::StepBegin>& begins);
    void toggle() { setExpanded(!m_expanded); }
    /// Reads the thought as it is now with this answer and question, on another thread: outline, findings, steps' marks,
    /// values and difference follow when it is done. Of several calls the last one counts.
    void read(const QString& answer, const QString& question);
    /// What was kept of the answer's tokens (TokenStatistics::encode()).
    void loadTrace(const QByteArray& statistics) { m_trace.load(statistics, m_steps.text()); }

signals:
    void textChanged();
    void secondsChanged();
    void tokensChanged();
    void phaseChanged();
    void stepRecordsChanged();
    void foldAutomaticallyChanged();
    void expandedChanged();
    void emptyChanged();
    void headlineChanged();
    void readingChanged();

private:
    void updateFold();
    void updateHeadline();
    void updateText();
    [[nodiscard]] double shownSeconds() const;
    void takeReading(const ThoughtReading& reading);

    StepListModel m_steps;
    OutlineModel m_outline;
    FindingListModel m_findings;
    TokenTrace m_trace;
    ThoughtReading m_reading;
    int m_readings = 0; ///< on their way
    int m_lastReading = 0;
    Phase m_phase = Done;
    double m_seconds = 0;
    int m_tokens = 0;
    bool m_foldAutomatically = true;
    bool m_expanded = false;
    bool m_touched = false;
    bool m_empty = true;
    QString m_headline;
    QElapsedTimer m_sinceTold; ///< runs while thinking, since seconds were last set
    QTimer m_tick;
    QJsonArray m_pendingRecords;
};

} // namespace ponder
