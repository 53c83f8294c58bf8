#pragma once

#include <QObject>
#include <QPointer>
#include <QQuickItem>
#include <QQuickTextDocument>
#include <QString>
#include <QTimer>
#include <QtQmlIntegration>
#include <memory>

#include "ui/markdown/code_languages.h"

namespace ponder {

/// Keeps the document of a TextEdit filled with code that grows, and highlighted. Where the new text
/// begins with the old one only the rest is inserted, and only its lines are highlighted. Much code at
/// once is inserted in turns, a few milliseconds each, so that a window is never still.
///
/// The TextEdit needs a width that changes rarely, and no padding at its sides: otherwise Qt Quick lays
/// out the whole text again for every change. Belongs to the GUI thread.
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
    Q_PROPERTY(double margin READ margin WRITE setMargin NOTIFY marginChanged)
    Q_PROPERTY(QQuickItem* scroller READ scroller WRITE setScroller NOTIFY scrollerChanged)
    Q_PROPERTY(int missingLines READ missingLines NOTIFY missingLinesChanged)

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
    /// Empty space left and right of the lines, in pixels. Set it once, before there is text.
    [[nodiscard]] double margin() const { return m_margin; }
    void setMargin(double margin);
    /// The Flickable that scrolls the TextEdit sideways, as high as all of the code. Qt Quick takes what
    /// is within it for visible, unless it is made to look at what is around it, too.
    [[nodiscard]] QQuickItem* scroller() const { return m_scroller; }
    void setScroller(QQuickItem* scroller);
    /// How many lines the document will still get; 0 too while only the end of its last one is missing.
    [[nodiscard]] int missingLines() const { return m_missingLines; }

signals:
    void documentChanged();
    void languagesChanged();
    void textChanged();
    void languageChanged();
    void darkChanged();
    void marginChanged();
    void scrollerChanged();
    void missingLinesChanged();

private:
    class Highlighter;

    [[nodiscard]] QTextDocument* textDocument() const;
    void start();
    void work();
    void insertLines();
    void restyleLines();
    void updateMissingLines();

    QPointer<QQuickTextDocument> m_document;
    QPointer<CodeLanguages> m_languages;
    QString m_text;
    QString m_language;
    bool m_dark = false;
    double m_margin = 0;
    QPointer<QQuickItem> m_scroller;
    int m_missingLines = 0;
    qsizetype m_inserted = 0; ///< characters of m_text
    int m_restyled = -1; ///< lines that have the colours of the scheme; -1: all of them
    std::unique_ptr<Highlighter> m_highlighter;
    QTimer m_turn;
};

} // namespace ponder
