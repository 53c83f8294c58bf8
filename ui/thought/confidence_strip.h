#pragma once

#include <QColor>
#include <QPointer>
#include <QQuickPaintedItem>
#include <QtQmlIntegration>

#include "ui/thought/token_trace.h"

namespace ponder {

/// A thought from left to right, coloured by how unsure the model was there. Belongs to the GUI thread.
class ConfidenceStrip : public QQuickPaintedItem {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(ponder::TokenTrace* trace READ trace WRITE setTrace NOTIFY traceChanged)
    /// From sure to unsure, TokenTrace::kLevels of them.
    Q_PROPERTY(QList<QColor> colours READ colours WRITE setColours NOTIFY coloursChanged)

public:
    explicit ConfidenceStrip(QQuickItem* parent = nullptr);

    void paint(QPainter* painter) override;

    [[nodiscard]] TokenTrace* trace() const { return m_trace; }
    void setTrace(TokenTrace* trace);
    [[nodiscard]] QList<QColor> colours() const { return m_colours; }
    void setColours(const QList<QColor>& colours);

    /// The offset in the thought, UTF-16 units, that the column at x begins with; -1 without a trace.
    Q_INVOKABLE [[nodiscard]] qsizetype offsetAt(qreal x) const;

signals:
    void traceChanged();
    void coloursChanged();

private:
    [[nodiscard]] qsizetype length() const; ///< UTF-16 units that the tokens cover

    QPointer<TokenTrace> m_trace;
    QList<QColor> m_colours;
};

} // namespace ponder
