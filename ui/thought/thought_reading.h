#pragma once

#include <QList>
#include <QString>
#include <QtQmlIntegration>

namespace ponder {

/// How much a finding weighs, from the quietest up.
namespace Weight {
Q_NAMESPACE
QML_ELEMENT
enum Value {
    None,
    Hint, ///< worth a look
    Rounding, ///< off in the last digits
    Wrong,
};
Q_ENUM_NS(Value)
} // namespace Weight

/// One thing that was found in a thought or its answer.
struct ThoughtFinding {
    Weight::Value weight = Weight::Hint;
    QString name; ///< what it is, in some words: "wrong sum"
    QString message; ///< a sentence that says why
    QString quote; ///< the words that are meant
    int step = -1; ///< from 0; -1: it is in the answer

    bool operator==(const ThoughtFinding&) const = default;
};

/// What one step does, and where it belongs.
struct StepReading {
    QString kind; ///< "sets up", "plans", "works out", "checks", "turns back", "concludes"
    int move = 0; ///< steps with one number do one thing together
    int attempt = 0; ///< turning back begins the next
};

/// A value that the thought or the answer names as the final answer.
struct NamedValue {
    QString value;
    int step = -1; ///< -1: in the answer
};

/// What can be said of a thought without its model.
struct ThoughtReading {
    QList<StepReading> steps;
    QList<ThoughtFinding> findings; ///< by place
    QList<NamedValue> values; ///< by place
    QString
        difference; ///< a sentence, where thought and answer end with different values; else empty
};

struct ThoughtTexts {
    QString thought;
    QList<qsizetype> stepBegins; ///< UTF-16 offsets in `thought`, ascending
    QString answer;
    QString question;
};

/// Takes time in proportion to the texts, a third of a second for a megabyte: not for the GUI thread.
[[nodiscard]] ThoughtReading readThought(const ThoughtTexts& texts);

} // namespace ponder
