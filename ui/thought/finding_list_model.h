#pragma once

#include <QAbstractListModel>
#include <QtQmlIntegration>

#include "ui/thought/thought_reading.h"

namespace ponder {

/// What was found in one thought and its answer, by place. Belongs to the GUI thread.
class FindingListModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Owned by ThoughtViewModel")
    Q_PROPERTY(int count READ count NOTIFY changed)
    /// "3 findings: wrong sum at steps 41, 52; answer differs"; the gravest first. Empty: none.
    Q_PROPERTY(QString summary READ summary NOTIFY changed)
    Q_PROPERTY(ponder::Weight::Value weight READ weight NOTIFY changed) ///< of the gravest

public:
    enum Role {
        WeightRole = Qt::UserRole + 1, ///< Weight
        NameRole, ///< "wrong sum"
        MessageRole, ///< a sentence that says why
        QuoteRole, ///< the words that are meant
        StepRole, ///< from 0; -1: in the answer
    };
    Q_ENUM(Role)

    using QAbstractListModel::QAbstractListModel;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QHash<int, QByteArray> roleNames() const override;

    [[nodiscard]] int count() const { return int(m_findings.size()); }
    [[nodiscard]] QString summary() const;
    [[nodiscard]] Weight::Value weight() const;

    void setFindings(const QList<ThoughtFinding>& findings);
    [[nodiscard]] const QList<ThoughtFinding>& findings() const { return m_findings; }

    Q_INVOKABLE [[nodiscard]] int stepOf(int row) const; ///< -1 also outside of the rows

signals:
    void changed();

private:
    QList<ThoughtFinding> m_findings;
};

} // namespace ponder
