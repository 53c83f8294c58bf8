#pragma once

#include <QAbstractListModel>
#include <QSet>
#include <QtQmlIntegration>

#include "ui/thought/thought_reading.h"

namespace ponder {

class StepListModel;

/// A thought in a few lines: its steps grouped into moves, and the moves into attempts, which fold. An attempt has a row
/// of its own where there are several. Belongs to the GUI thread.
class OutlineModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Owned by ThoughtViewModel")
    Q_PROPERTY(int count READ count NOTIFY changed)
    Q_PROPERTY(int moveCount READ moveCount NOTIFY changed)
    Q_PROPERTY(int attemptCount READ attemptCount NOTIFY changed)

public:
    enum Role {
        AttemptRole = Qt::UserRole + 1, ///< from 1, of the attempt or of the move's
        IsAttemptRole, ///< bool: the row stands for the attempt
        FoldedRole, ///< bool: the attempt's moves are hidden
        KindRole, ///< what the move does: "works out"; of an attempt empty
        TitleRole, ///< the move's own first words; of an attempt those of its first move
        FirstStepRole, ///< from 0
        LastStepRole,
        SecondsRole, ///< < 0 where they are not known
        TokensRole, ///< < 0 where they are not known
        WeightRole, ///< of the gravest finding in it
        ValuesRole, ///< what it names as the final answer, joined; mostly empty
    };
    Q_ENUM(Role)

    using QAbstractListModel::QAbstractListModel;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QHash<int, QByteArray> roleNames() const override;

    [[nodiscard]] int count() const { return int(m_shown.size()); }
    [[nodiscard]] int moveCount() const { return int(m_moves.size()); }
    [[nodiscard]] int attemptCount() const { return int(m_attempts.size()); }

    /// `steps` are those that were read; it gives words, times and tokens.
    void setReading(const ThoughtReading& reading, const StepListModel& steps);

    /// Folds or unfolds the attempt of that row.
    Q_INVOKABLE void toggle(int row);
    /// The row that shows the step; that of its attempt where it is folded. -1: none.
    Q_INVOKABLE [[nodiscard]] int rowOfStep(int step) const;
    Q_INVOKABLE [[nodiscard]] int firstStepOf(int row) const;
    Q_INVOKABLE [[nodiscard]] bool isAttempt(int row) const;

signals:
    void changed();

private:
    /// A move, or an attempt with all of its moves.
    struct Group {
        QString kind, title, values;
        int attempt = 0, firstStep = 0, lastStep = 0;
        double seconds = -1;
        int tokens = -1;
        Weight::Value weight = Weight::None;
    };
    struct Shown {
        bool isAttempt = false;
        int index = 0; ///< of m_attempts or m_moves
    };

    [[nodiscard]] const Group& group(int row) const;
    [[nodiscard]] QList<Shown> shownRows() const;
    static Group groupOf(
        const ThoughtReading& reading, const StepListModel& steps, int first, int last);

    QList<Group> m_moves, m_attempts;
    QSet<int> m_folded; ///< attempts
    QList<Shown> m_shown;
};

} // namespace ponder
