#pragma once

#include <QAbstractListModel>
#include <QJsonArray>
#include <QList>
#include <QString>
#include <QtQmlIntegration>

#include "ui/thought/step_begins.h"
#include "ui/thought/thought_reading.h"

class QSortFilterProxyModel;

namespace ponder {

/// The steps of one thought. While it grows only the last row changes, and rows are added.
///
/// Where steps begin is the engine's business. So that laying out stays cheap, the view gets a very long step as several
/// rows: the first, and continuations of it, which have its number. Belongs to the GUI thread.
class StepListModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Owned by ThoughtViewModel")
    /// Rows, continuations included.
    Q_PROPERTY(int count READ count NOTIFY countChanged)
    Q_PROPERTY(int stepCount READ stepCount NOTIFY stepCountChanged)
    /// The rows at which steps begin, without the continuations.
    Q_PROPERTY(QAbstractItemModel* outline READ outline CONSTANT)

public:
    enum Role {
        NumberRole = Qt::UserRole + 1, ///< of the step, from 1
        ContinuedRole, ///< bool: the row continues the step above
        ContinuesRole, ///< bool: its step goes on in the next row
        TextRole, ///< of the row, without white space around it
        SummaryRole, ///< its first line, short, without Markdown's marks
        StartSecondsRole, ///< of the step, since the thought began; < 0 where it is not known
        EndSecondsRole, ///< < 0 while the step grows, or where it is not known
        TokensRole, ///< of the step; < 0 where it is not known
        FenceRole, ///< the line that opens the code in which the row begins; else empty
        OffsetRole, ///< of the row's first character in the thought, UTF-16 units
        EndOffsetRole, ///< after the row's last character
        KindRole, ///< what the step does: "checks"; empty where nobody read it
        WeightRole, ///< of the step's gravest finding
        RemarksRole, ///< what was found in the step, as sentences; on the step's last row
    };
    Q_ENUM(Role)

    /// A step that is longer goes on in another row: after the next line, or else word.
    static constexpr qsizetype kLongestRow = 2000;

    explicit StepListModel(QObject* parent = nullptr);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QHash<int, QByteArray> roleNames() const override;

    [[nodiscard]] int count() const { return int(m_rows.size()); }
    [[nodiscard]] int stepCount() const { return int(m_steps.size()); }
    [[nodiscard]] QAbstractItemModel* outline();
    [[nodiscard]] QString text() const { return m_text; }

    /// Replaces the thought. Its steps are found by the engine's rule, and have no times.
    void setText(const QString& text);
    /// Adds to the thought what the engine gave: `begins` are the steps that begin in it, ascending, by offsets in `text`.
    void append(const QString& text, const QList<StepBegin>& begins);
    /// The thought is over: the last step ends now.
    void finish(double seconds, int tokens);
    void clear();
    /// What was read in the thought as it is now. Growing and replacing the text keep what is known of the steps that stay.
    void setReading(const ThoughtReading& reading);
    [[nodiscard]] QList<qsizetype> stepBegins() const; ///< UTF-16 offsets
    [[nodiscard]] double startSeconds(int step) const { return m_steps.at(step).startSeconds; }
    [[nodiscard]] double endSeconds(int step) const { return m_steps.at(step).endSeconds; }
    [[nodiscard]] int tokens(int step) const { return m_steps.at(step).tokens; }

    /// What storage keeps of the steps, and takes back after the text was set:
    /// [{"offset", "title", "seconds", "endSeconds", "tokens"}, …]. Entries that fit no step are ignored.
    [[nodiscard]] QJsonArray records() const;
    void setRecords(const QJsonArray& records);

    /// The summary of `row`; empty outside of the rows.
    Q_INVOKABLE [[nodiscard]] QString summary(int row) const;
    /// The step, from 0, that `row` shows or continues; -1 outside of the rows.
    Q_INVOKABLE [[nodiscard]] int stepAt(int row) const;
    /// The row at which the step begins; -1 where there is no such step.
    Q_INVOKABLE [[nodiscard]] int rowOf(int step) const;
    /// The row that shows the character at that UTF-16 offset; -1: none.
    Q_INVOKABLE [[nodiscard]] int rowAtOffset(qsizetype offset) const;
    /// The thought up to the end of the step, without white space after it.
    Q_INVOKABLE [[nodiscard]] QString textThrough(int step) const;
    /// The thought up to the step, and then another text in its place.
    Q_INVOKABLE [[nodiscard]] QString textWith(int step, const QString& text) const;
    /// The step's own text, without white space around it.
    Q_INVOKABLE [[nodiscard]] QString stepText(int step) const;

signals:
    void countChanged();
    void stepCountChanged();

private:
    struct Step {
        qsizetype begin = 0;
        int row = 0; ///< the first
        double startSeconds = -1;
        double endSeconds = -1;
        int tokensBefore = -1;
        int tokens = -1;
        QString kind = {};
        Weight::Value weight = Weight::None;
        QStringList remarks = {};
    };
    struct Row {
        qsizetype begin = 0;
        qsizetype end = 0;
        int step = 0;
        QString fence;
    };

    [[nodiscard]] QStringView textOf(int row) const;
    [[nodiscard]] bool isContinued(int row) const;
    [[nodiscard]] qsizetype endOf(int step) const;
    void endStep(double seconds, int tokens);
    /// Lets the last row grow to `end`, where its step ends or all of it that there is, and cuts it into as many as it
    /// takes.
    void growTo(QList<Row>& rows, qsizetype end) const;
    [[nodiscard]] qsizetype cutAfter(qsizetype begin, qsizetype end) const;
    [[nodiscard]] QString fenceAfter(const Row& row) const;

    QString m_text;
    QList<Step> m_steps;
    QList<Row> m_rows;
    QSortFilterProxyModel* m_outline = nullptr;
};

} // namespace ponder
