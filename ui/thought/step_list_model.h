#pragma once

#include <QAbstractListModel>
#include <QJsonArray>
#include <QList>
#include <QString>
#include <QtQmlIntegration>

#include "ui/thought/step_finder.h"

namespace ponder {

/// The steps of one thought. While it grows only the last row changes.
/// Belongs to the GUI thread.
class StepListModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Owned by ThoughtViewModel")
    Q_PROPERTY(int count READ count NOTIFY countChanged)

public:
    enum Role {
        NumberRole = Qt::UserRole + 1, ///< from 1
        TextRole, ///< of the step, without white space around it
        SummaryRole, ///< its first line, short, without Markdown's marks
        StartSecondsRole, ///< since the thought began; < 0 where it is not known
        EndSecondsRole, ///< < 0 while it grows, or where it is not known
        TokensRole, ///< < 0 where it is not known
        FenceRole, ///< the line that opens the code in which the step begins; else empty
        OffsetRole, ///< of its first character in the thought, UTF-16 units
    };
    Q_ENUM(Role)

    explicit StepListModel(QObject* parent = nullptr);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QHash<int, QByteArray> roleNames() const override;

    [[nodiscard]] int count() const { return int(m_steps.size()); }
    [[nodiscard]] QString text() const { return m_text; }

    /// Adds text to the thought. `seconds` and `tokens` are the thought's so far, for the times of the
    /// steps that begin in it; negative where they are not known.
    void append(const QString& text, double seconds, int tokens);
    /// The thought is over: the last step ends now.
    void finish(double seconds, int tokens);
    void clear();

    /// What storage keeps of the steps, and takes back after the text was appended:
    /// [{"offset", "title", "seconds", "endSeconds", "tokens"}, …]. Entries that fit no step are ignored.
    [[nodiscard]] QJsonArray records() const;
    void setRecords(const QJsonArray& records);

    /// The summary of the step at `row`; empty outside of the rows.
    Q_INVOKABLE [[nodiscard]] QString summary(int row) const;

signals:
    void countChanged();

private:
    struct Step {
        qsizetype begin = 0;
        qsizetype end = 0;
        double startSeconds = -1;
        double endSeconds = -1;
        QString fence;
        int tokensBefore = -1;
        int tokens = -1;
    };

    [[nodiscard]] QStringView textOf(int row) const;
    void growLast(qsizetype end, bool ended, double seconds, int tokens);

    QString m_text;
    StepFinder m_splitter;
    QList<Step> m_steps;
};

} // namespace ponder
