#pragma once

#include <QList>
#include <QObject>
#include <QString>
#include <QtQmlIntegration>

namespace ponder {

/// Where a step of a thought begins, as it comes from the engine.
struct StepBegin {
    Q_GADGET
    QML_VALUE_TYPE(stepBegin)
    QML_STRUCTURED_VALUE
    Q_PROPERTY(qsizetype offset MEMBER offset)
    Q_PROPERTY(double seconds MEMBER seconds)
    Q_PROPERTY(int tokens MEMBER tokens)

public:
    qsizetype offset = 0; ///< UTF-16 units, in the text that it comes with
    double seconds = -1; ///< since the thought began; negative where it is not known
    int tokens = -1; ///< of the thought before it; negative where it is not known

    bool operator==(const StepBegin&) const = default;
};

/// Where the steps of a whole thought begin, by the engine's rule (StepSplitter); when is not known.
[[nodiscard]] QList<StepBegin> stepBeginsOf(const QString& thought);

} // namespace ponder
