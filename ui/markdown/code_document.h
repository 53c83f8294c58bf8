#pragma once

#include <QObject>
#include <QPointer>
#include <QQuickTextDocument>
#include <QString>
#include <QtQmlIntegration>
#include <memory>

#include "ui/markdown/code_languages.h"

namespace KSyntaxHighlighting {
class SyntaxHighlighter;
}

namespace ponder {

/// Keeps the document of a TextEdit filled with code that grows, and highlighted. Where the new text
/// begins with the old one only the rest is inserted, and only its lines are highlighted.
/// Belongs to the GUI thread.
class CodeDocument : public QObject {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(QQuickTextDocument* document READ document WRITE setDocument NOTIFY documentChanged)
    Q_PROPERTY(
        ponder::CodeLanguages* languages READ languages WRITE setLanguages NOTIFY languagesChanged)
    Q_PROPERTY(QString text READ text WRITE setText NOTIFY textChanged)
    Q_PROPERTY(QString language READ language WRITE setLanguage NOTIFY languageChanged)
    Q_PROPERTY(QString languageName READ languageName NOTIFY languageChanged)
    Q_PROPERTY(bool dark READ isDark WRITE setDark NOTIFY darkChanged)

public:
    explicit CodeDocument(QObject* parent = nullptr);
    ~CodeDocument() override;

    [[nodiscard]] QQuickTextDocument* document() const { return m_document; }
    void setDocument(QQuickTextDocument* document);
    [[nodiscard]] CodeLanguages* languages() const { return m_languages; }
    void setLanguages(CodeLanguages* languages);
    [[nodiscard]] QString text() const { return m_text; }
    void setText(const QString& text);
    /// As written after the fence (CodeLanguages::definition). Unknown ones stay plain.
    [[nodiscard]] QString language() const { return m_language; }
    void setLanguage(const QString& language);
    /// For people: "Python" for "py"; what was written where it is unknown.
    [[nodiscard]] QString languageName() const;
    [[nodiscard]] bool isDark() const { return m_dark; }
    void setDark(bool dark);

signals:
    void documentChanged();
    void languagesChanged();
    void textChanged();
    void languageChanged();
    void darkChanged();

private:
    void highlight();
    void fill(const QString& before);

    QPointer<QQuickTextDocument> m_document;
    QPointer<CodeLanguages> m_languages;
    QString m_text;
    QString m_language;
    bool m_dark = false;
    std::unique_ptr<KSyntaxHighlighting::SyntaxHighlighter> m_highlighter;
};

} // namespace ponder
