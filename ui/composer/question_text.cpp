#include "ui/composer/question_text.h"

#include "ui/composer/long_text.h"

#include <QClipboard>
#include <QGuiApplication>

#include <algorithm>

namespace ponder {

using namespace Qt::StringLiterals;

namespace {

constexpr qsizetype kLargePaste = 8000; ///< UTF-16 units that go beside the words
constexpr qsizetype kManyLines = 200;
constexpr qsizetype kMaxWords = 2000; ///< UTF-16 units before a large text that are taken for typed
const QString kBetween = u"\n\n"_s;

bool isBlankText(const QString& text)
{
    return std::ranges::all_of(text, [](QChar c) { return c.isSpace(); });
}

QString withPlainLineEnds(const QString& text)
{
    QString plain = text;
    return plain.replace("\r\n"_L1, "\n"_L1).replace(u'\r', u'\n');
}

} // namespace

QuestionText::QuestionText(QObject* parent)
    : QObject(parent)
{
}

void QuestionText::setTyped(const QString& typed)
{
    if (m_typed == typed)
        return;
    m_typed = typed;
    emit typedChanged();
    emit textChanged();
}

QStringList QuestionText::pasted() const
{
    QStringList names;
    for (const QString& text : m_pasted)
        names.append(tr("Pasted text, %1").arg(LongText::extentOf(text)));
    return names;
}

QString QuestionText::text() const
{
    return m_pasted.isEmpty() ? m_typed : m_typed + kBetween + m_pasted.join(kBetween);
}

void QuestionText::setText(const QString& text)
{
    if (text == this->text())
        return;
    QString typed = text;
    QStringList pasted;
    if (!LongText::fitsField(text)) {
        const qsizetype words = text.indexOf(kBetween);
        const bool begins = words >= 0 && words <= kMaxWords;
        typed = begins ? text.first(words) : QString();
        pasted.append(begins ? text.sliced(words + kBetween.size()) : text);
    }
    const bool otherWords = typed != m_typed;
    const bool otherPasted = pasted != m_pasted;
    m_typed = typed;
    m_pasted = pasted;
    if (otherWords)
        emit typedChanged();
    if (otherPasted)
        emit pastedChanged();
    emit textChanged();
}

bool QuestionText::isBlank() const
{
    return isBlankText(m_typed) && std::ranges::all_of(m_pasted, isBlankText);
}

bool QuestionText::paste(bool selection)
{
    const QClipboard* clipboard = QGuiApplication::clipboard();
    if (selection && !clipboard->supportsSelection())
        return false;
    return take(clipboard->text(selection ? QClipboard::Selection : QClipboard::Clipboard));
}

bool QuestionText::take(const QString& text)
{
    const bool large = text.size() >= kLargePaste || text.count(u'\n') >= kManyLines;
    if (!large && LongText::fitsField(QString(m_typed + text)))
        return false;
    m_pasted.append(withPlainLineEnds(text));
    emit pastedChanged();
    emit textChanged();
    return true;
}

QString QuestionText::pastedText(int index) const
{
    return m_pasted.value(index);
}

void QuestionText::remove(int index)
{
    if (index < 0 || index >= m_pasted.size())
        return;
    m_pasted.removeAt(index);
    emit pastedChanged();
    emit textChanged();
}

} // namespace ponder

#include "moc_question_text.cpp"
