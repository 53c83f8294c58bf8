#include "ui/markdown/code_document.h"

#include <KSyntaxHighlighting/SyntaxHighlighter>
#include <QElapsedTimer>
#include <QTextBlock>
#include <QTextCursor>
#include <QTextDocument>
#include <chrono>

namespace ponder {

namespace {

using namespace std::chrono_literals;

// Past these a highlighter's regular expressions would be felt.
constexpr int kLongestHighlighted = 200'000;
constexpr int kLongestLine = 4'000;

// What is done in one turn: so many lines, again and again until the time is over.
constexpr int kLinesAtOnce = 20;
constexpr qint64 kTurnMilliseconds = 4;
constexpr auto kBetweenTurns = 8ms;

} // namespace

/// Leaves very long lines, and the rest of a very long text, plain.
class CodeDocument::Highlighter : public KSyntaxHighlighting::SyntaxHighlighter {
public:
    using SyntaxHighlighter::SyntaxHighlighter;

protected:
    void highlightBlock(const QString& text) override
    {
        if (text.size() <= kLongestLine && currentBlock().position() <= kLongestHighlighted)
            SyntaxHighlighter::highlightBlock(text);
    }
};

CodeDocument::CodeDocument(QObject* parent)
    : QObject(parent)
{
    m_turn.setSingleShot(true);
    m_turn.setInterval(kBetweenTurns);
    connect(&m_turn, &QTimer::timeout, this, &CodeDocument::work);
}

CodeDocument::~CodeDocument() = default;

QTextDocument* CodeDocument::textDocument() const
{
    return m_document ? m_document->textDocument() : nullptr;
}

void CodeDocument::setDocument(QQuickTextDocument* document)
{
    if (document == m_document)
        return;
    m_highlighter.reset();
    m_document = document;
    // Qt Quick draws all of the text again when some is added, unless it knows what is in view.
    if (auto* edit = qobject_cast<QQuickItem*>(m_document ? m_document->parent() : nullptr))
        edit->setFlag(QQuickItem::ItemObservesViewport);
    start();
    emit documentChanged();
}

void CodeDocument::setLanguages(CodeLanguages* languages)
{
    if (languages == m_languages)
        return;
    m_languages = languages;
    start();
    emit languagesChanged();
    emit languageChanged();
}

void CodeDocument::setText(const QString& text)
{
    if (text == m_text)
        return;
    const bool grows = text.startsWith(m_text);
    m_text = text;
    if (!grows)
        start();
    else if (!m_turn.isActive())
        work();
    else
        updateMissingLines();
    emit textChanged();
}

void CodeDocument::setLanguage(const QString& language)
{
    if (language == m_language)
        return;
    m_language = language;
    start();
    emit languageChanged();
}

QString CodeDocument::languageName() const
{
    const KSyntaxHighlighting::Definition definition
        = m_languages ? m_languages->definition(m_language) : KSyntaxHighlighting::Definition();
    return definition.isValid() ? definition.translatedName() : m_language.left(40);
}

void CodeDocument::setDark(bool dark)
{
    if (dark == m_dark)
        return;
    m_dark = dark;
    if (m_highlighter) {
        m_highlighter->setTheme(m_languages->theme(m_dark));
        m_restyled = 0;
        work();
    }
    emit darkChanged();
}

void CodeDocument::setMargin(double margin)
{
    if (qFuzzyCompare(1 + margin, 1 + m_margin))
        return;
    m_margin = margin;
    start();
    emit marginChanged();
}

void CodeDocument::setScroller(QQuickItem* scroller)
{
    if (scroller == m_scroller)
        return;
    m_scroller = scroller;
    if (m_scroller)
        m_scroller->setFlag(QQuickItem::ItemObservesViewport);
    emit scrollerChanged();
}

void CodeDocument::start()
{
    QTextDocument* document = textDocument();
    if (!document)
        return;
    m_turn.stop();
    m_inserted = 0;
    m_restyled = -1;
    document->setUndoRedoEnabled(false);
    // A highlighter that comes to an empty document has each line once, when it is inserted.
    document->clear();
    QTextBlockFormat lines;
    lines.setLayoutDirection(Qt::LeftToRight);
    lines.setLeftMargin(m_margin);
    lines.setRightMargin(m_margin);
    QTextCursor(document).setBlockFormat(lines);
    const KSyntaxHighlighting::Definition definition
        = m_languages ? m_languages->definition(m_language) : KSyntaxHighlighting::Definition();
    if (!definition.isValid()) {
        m_highlighter.reset();
    } else {
        if (!m_highlighter)
            m_highlighter = std::make_unique<Highlighter>(document);
        m_highlighter->setTheme(m_languages->theme(m_dark));
        m_highlighter->setDefinition(definition);
    }
    work();
    m_document->parent()->setProperty("cursorPosition", 0); // the text pushed it to the end
}

void CodeDocument::work()
{
    if (!textDocument())
        return;
    QElapsedTimer time;
    time.start();
    bool more = true;
    while (more && (time.elapsed() < kTurnMilliseconds)) {
        if (m_inserted < m_text.size())
            insertLines();
        else if (m_restyled >= 0)
            restyleLines();
        more = m_inserted < m_text.size() || m_restyled >= 0;
    }
    updateMissingLines();
    if (more)
        m_turn.start();
}

void CodeDocument::insertLines()
{
    qsizetype end = m_inserted;
    for (int line = 0; line < kLinesAtOnce && end < m_text.size(); ++line) {
        const qsizetype newline = m_text.indexOf(u'\n', end);
        end = newline < 0 ? m_text.size() : newline + 1;
    }
    QTextCursor cursor(textDocument());
    cursor.movePosition(QTextCursor::End);
    cursor.insertText(m_text.sliced(m_inserted, end - m_inserted));
    m_inserted = end;
}

void CodeDocument::restyleLines()
{
    QTextBlock block = textDocument()->findBlockByNumber(m_restyled);
    for (int line = 0; line < kLinesAtOnce && block.isValid(); ++line, block = block.next())
        m_highlighter->rehighlightBlock(block);
    m_restyled = block.isValid() ? block.blockNumber() : -1;
}

void CodeDocument::updateMissingLines()
{
    const int missing = int(QStringView(m_text).sliced(m_inserted).count(u'\n'));
    if (missing == m_missingLines)
        return;
    m_missingLines = missing;
    emit missingLinesChanged();
}

} // namespace ponder

#include "moc_code_document.cpp"
