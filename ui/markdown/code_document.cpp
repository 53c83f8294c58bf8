#include "ui/markdown/code_document.h"

#include <KSyntaxHighlighting/SyntaxHighlighter>
#include <QTextCursor>
#include <QTextDocument>

namespace ponder {

namespace {

using KSyntaxHighlighting::Definition;

// Past these a highlighter's regular expressions would be felt.
constexpr qsizetype kLongestHighlighted = 200'000;
constexpr qsizetype kLongestLine = 4'000;

bool isTooLong(const QString& text)
{
    if (text.size() > kLongestHighlighted)
        return true;
    qsizetype begin = 0;
    while (begin <= text.size()) {
        const qsizetype newline = text.indexOf(u'\n', begin);
        const qsizetype end = newline < 0 ? text.size() : newline;
        if (end - begin > kLongestLine)
            return true;
        begin = end + 1;
    }
    return false;
}

} // namespace

CodeDocument::CodeDocument(QObject* parent)
    : QObject(parent)
{
}

CodeDocument::~CodeDocument() = default;

void CodeDocument::setDocument(QQuickTextDocument* document)
{
    if (document == m_document)
        return;
    m_highlighter.reset();
    m_document = document;
    fill({});
    highlight();
    emit documentChanged();
}

void CodeDocument::setLanguages(CodeLanguages* languages)
{
    if (languages == m_languages)
        return;
    m_languages = languages;
    highlight();
    emit languagesChanged();
    emit languageChanged();
}

void CodeDocument::setText(const QString& text)
{
    if (text == m_text)
        return;
    const QString before = m_text;
    m_text = text;
    fill(before);
    if (isTooLong(m_text) == bool(m_highlighter))
        highlight();
    emit textChanged();
}

void CodeDocument::fill(const QString& before)
{
    QTextDocument* document = m_document ? m_document->textDocument() : nullptr;
    if (!document)
        return;
    document->setUndoRedoEnabled(false);
    if (before.isEmpty() || !m_text.startsWith(before)) {
        document->setPlainText(m_text);
        return;
    }
    QTextCursor end(document);
    end.movePosition(QTextCursor::End);
    end.insertText(m_text.sliced(before.size()));
}

void CodeDocument::setLanguage(const QString& language)
{
    if (language == m_language)
        return;
    m_language = language;
    highlight();
    emit languageChanged();
}

QString CodeDocument::languageName() const
{
    const Definition definition = m_languages ? m_languages->definition(m_language) : Definition();
    return definition.isValid() ? definition.translatedName() : m_language.left(40);
}

void CodeDocument::setDark(bool dark)
{
    if (dark == m_dark)
        return;
    m_dark = dark;
    highlight();
    emit darkChanged();
}

void CodeDocument::highlight()
{
    QTextDocument* document = m_document ? m_document->textDocument() : nullptr;
    if (!document || !m_languages)
        return;
    const Definition definition
        = isTooLong(m_text) ? Definition() : m_languages->definition(m_language);
    if (!definition.isValid()) {
        m_highlighter.reset();
        return;
    }
    if (!m_highlighter)
        m_highlighter = std::make_unique<KSyntaxHighlighting::SyntaxHighlighter>(document);
    m_highlighter->setTheme(m_languages->theme(m_dark));
    m_highlighter->setDefinition(definition);
    m_highlighter->rehighlight();
}

} // namespace ponder
