#pragma once

#include <QObject>
#include <QString>
#include <QStringList>
#include <QtQmlIntegration>

namespace ponder {

/// A question while it is written: words that are typed, and beside them large texts that were pasted, which no text
/// field has to lay out. They are asked as one text, the words first. Belongs to the GUI thread.
class QuestionText : public QObject {
    Q_OBJECT
    QML_ELEMENT
    /// What the text field holds.
    Q_PROPERTY(QString typed READ typed WRITE setTyped NOTIFY typedChanged)
    /// Of each large text, what to call it: "Pasted text, 20,000 lines".
    Q_PROPERTY(QStringList pasted READ pasted NOTIFY pastedChanged)
    /// All of it. What is set and too large for a text field becomes words and a pasted text.
    Q_PROPERTY(QString text READ text WRITE setText NOTIFY textChanged)
    Q_PROPERTY(bool blank READ isBlank NOTIFY textChanged)

public:
    explicit QuestionText(QObject* parent = nullptr);

    [[nodiscard]] QString typed() const { return m_typed; }
    void setTyped(const QString& typed);
    [[nodiscard]] QStringList pasted() const;
    [[nodiscard]] QString text() const;
    void setText(const QString& text);
    [[nodiscard]] bool isBlank() const;

    /// Takes what is on the clipboard (or what is selected elsewhere, as the middle button pastes it) beside the
    /// words, if it is large. False: it is for the text field.
    Q_INVOKABLE bool paste(bool selection);
    /// The same with a text.
    Q_INVOKABLE bool take(const QString& text);
    Q_INVOKABLE [[nodiscard]] QString pastedText(int index) const;

public slots:
    void remove(int index);

signals:
    void typedChanged();
    void pastedChanged();
    void textChanged();

private:
    QString m_typed;
    QStringList m_pasted;
};

} // namespace ponder
