#include "ui/markdown/reference.h"

#include <QString>

namespace ponder {

namespace {

constexpr qsizetype kLongestLabel = 80;
constexpr qsizetype kLongestAddress = 2000;
constexpr qsizetype kMaxLabels = 64; // of one segment

bool hasScheme(QByteArrayView address)
{
    const qsizetype colon = address.indexOf(':');
    return colon > 1 && colon < 16 && address.size() > colon + 1
        && (address.sliced(colon).startsWith("://") || address.startsWith("mailto:")
            || address.startsWith("doi:"));
}

} // namespace

Definition Definition::of(const SourceLine& line)
{
    Definition definition;
    const QByteArrayView words = line.words;
    if (line.indent > 3 || words.size() < 4 || words.front() != '[')
        return definition;
    const qsizetype close = words.first(qMin(words.size(), kLongestLabel + 2)).indexOf("]:");
    if (close < 2)
        return definition;
    const QByteArrayView label = words.sliced(1, close - 1);
    if (label.contains('[') || label.trimmed().isEmpty() || label == "^")
        return definition;
    const QByteArrayView rest = words.sliced(close + 2).trimmed();
    definition.label = label.toByteArray();
    definition.rest = rest;
    if (definition.isFootnote()) {
        definition.found = true;
        return definition;
    }
    // An address, and perhaps a title in quotes; anything else is text.
    qsizetype end = rest.indexOf(' ');
    QByteArrayView address = end < 0 ? rest : rest.first(end);
    if (rest.startsWith('<')) {
        end = rest.indexOf('>');
        address = end < 0 ? QByteArrayView() : rest.sliced(1, end - 1);
        end = end < 0 || end + 1 == rest.size() ? -1 : end + 1;
    }
    const QByteArrayView title = end < 0 ? QByteArrayView() : rest.sliced(end).trimmed();
    const bool titled = title.size() >= 2
        && ((title.front() == '"' && title.back() == '"')
            || (title.front() == '\'' && title.back() == '\'')
            || (title.front() == '(' && title.back() == ')'));
    definition.found
        = !address.isEmpty() && address.size() <= kLongestAddress && (title.isEmpty() || titled);
    definition.address = address;
    definition.title = titled ? title.sliced(1, title.size() - 2) : QByteArrayView();
    return definition;
}

bool Definition::isSure() const
{
    return found && (isFootnote() || hasScheme(address));
}

QByteArray referenceKey(QByteArrayView label)
{
    return QString::fromUtf8(label).simplified().toCaseFolded().toUtf8();
}

QSet<QByteArray> referencesIn(QByteArrayView text)
{
    QSet<QByteArray> labels;
    for (qsizetype open = text.indexOf('['); open >= 0 && labels.size() < kMaxLabels;
        open = text.indexOf('[', open + 1)) {
        const QByteArrayView window
            = text.sliced(open + 1).first(qMin(text.size() - open - 1, kLongestLabel));
        const qsizetype close = window.indexOf(']');
        if (close > 0 && !window.first(close).contains('['))
            labels.insert(referenceKey(window.first(close)));
    }
    return labels;
}

QByteArray definitionsFor(QByteArrayView text, const References& references)
{
    QByteArray markdown;
    if (references.isEmpty() || !text.contains('['))
        return markdown;
    for (const QByteArray& label : referencesIn(text)) {
        const QByteArray address = references.value(label);
        if (address.isEmpty() || address.contains('<') || address.contains('>'))
            continue;
        markdown += '[' + label + "]: <" + address + ">\n";
    }
    return markdown.isEmpty() ? markdown : markdown + '\n';
}

} // namespace ponder
