#include "ui/markdown/code_languages.h"

#include <QRegularExpression>

namespace ponder {

namespace {

struct Alias {
    const char16_t* written;
    const char16_t* name;
};

// Names after a fence that are neither a definition's name nor a file's extension.
constexpr Alias kAliases[] = {
    {u"c++", u"C++"},
    {u"cxx", u"C++"},
    {u"golang", u"Go"},
    {u"node", u"JavaScript"},
    {u"javascript", u"JavaScript"},
    {u"typescript", u"TypeScript"},
    {u"python3", u"Python"},
    {u"shell", u"Bash"},
    {u"console", u"Bash"},
    {u"shellscript", u"Bash"},
    {u"zsh", u"Zsh"},
    {u"dockerfile", u"Dockerfile"},
    {u"make", u"Makefile"},
    {u"objc", u"Objective-C"},
    {u"objective-c", u"Objective-C"},
    {u"csharp", u"C#"},
    {u"c#", u"C#"},
    {u"fsharp", u"FSharp"},
    {u"rust", u"Rust"},
    {u"kotlin", u"Kotlin"},
    {u"latex", u"LaTeX"},
    {u"markdown", u"Markdown"},
    {u"yaml", u"YAML"},
    {u"assembly", u"GNU Assembler"},
    {u"asm", u"GNU Assembler"},
    {u"jsonc", u"JSON"},
    {u"postgresql", u"SQL (PostgreSQL)"},
    {u"mysql", u"SQL (MySQL)"},
};

/// "js {1,3}" names "js".
QString firstWord(const QString& info)
{
    static const QRegularExpression kEnd(QStringLiteral("[\\s{,:]"));
    const qsizetype end = info.indexOf(kEnd);
    return (end < 0 ? info : info.first(end)).toLower();
}

} // namespace

CodeLanguages::CodeLanguages(QObject* parent)
    : QObject(parent)
{
    // Our own colours lie in its themes/.
    m_repository.addCustomSearchPath(QStringLiteral(":/qt/qml/Ponder/Markdown"));
}

KSyntaxHighlighting::Definition CodeLanguages::definition(const QString& info) const
{
    const QString word = firstWord(info);
    if (word.isEmpty() || word.size() > 40)
        return {};
    for (const Alias& alias : kAliases) {
        if (word == QStringView(alias.written))
            return m_repository.definitionForName(QString::fromUtf16(alias.name));
    }
    if (const auto named = m_repository.definitionForName(word); named.isValid())
        return named;
    return m_repository.definitionForFileName(QStringLiteral("code.") + word);
}

KSyntaxHighlighting::Theme CodeLanguages::theme(bool dark) const
{
    return m_repository.theme(
        dark ? QStringLiteral("Ponder Dark") : QStringLiteral("Ponder Light"));
}

} // namespace ponder

#include "moc_code_languages.cpp"
