#pragma once

#include <QObject>
#include <QString>
#include <QtQmlIntegration>

#include "ui/markdown/markdown_model.h"

namespace ponder {

/// The Markdown of one step of a thought as a single piece of rich text, for a TextEdit: steps are short, and
/// many are on the screen, so each is one item and not one a block. Nothing leaks out of a step. Formulas are
/// shown as their source. Belongs to the GUI thread.
class StepText : public QObject {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(QString source READ source WRITE setSource NOTIFY htmlChanged)
    Q_PROPERTY(QString fence READ fence WRITE setFence NOTIFY htmlChanged)
    Q_PROPERTY(QString html READ html NOTIFY htmlChanged)
    Q_PROPERTY(QString plain READ plain NOTIFY htmlChanged)

public:
    using QObject::QObject;

    [[nodiscard]] QString source() const { return m_source; }
    void setSource(const QString& source);
    /// The line that opens the code in which the step begins; empty where it begins outside of code.
    [[nodiscard]] QString fence() const { return m_fence; }
    void setFence(const QString& fence);
    [[nodiscard]] QString html() const { return m_html; }
    /// The same without mark-up.
    [[nodiscard]] QString plain() const;

signals:
    void htmlChanged();

private:
    void update();

    QString m_source;
    QString m_fence;
    QString m_html;
    MarkdownModel m_model;
};

/// The fence that is open after `text`, which begins within `before` (an empty string: outside of code).
[[nodiscard]] QString openFenceAfter(const QString& before, const QString& text);

} // namespace ponder
