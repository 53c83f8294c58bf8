#include "ui/chat/conversation_rows.h"

#include "engine/generate/answer_rates.h"
#include "ui/chat/answer_ending.h"
#include "ui/text/plain_text.h"

#include <QJsonObject>
#include <QRegularExpression>

#include <algorithm>

namespace ponder {

using namespace Qt::StringLiterals;

namespace {

constexpr int kTitleLength = 52;
constexpr qsizetype kLineLength = 1000; ///< of a line that may become a title

QString withoutSpaceAtEnd(const QString& text)
{
    qsizetype end = text.size();
    while (end > 0 && text.at(end - 1).isSpace())
        --end;
    return text.first(end);
}

} // namespace

MessageRow rowOf(const storage::Message& message)
{
    MessageRow row;
    row.id = message.id;
    row.parentId = message.parent;
    row.author = message.role == storage::Role::User ? MessageRow::Author::Person
                                                     : MessageRow::Author::Model;
    row.text = message.text;
    row.thought = message.reasoning;
    row.thoughtSeconds = message.reasoningSeconds;
    row.thoughtTokens = message.reasoningTokens;
    row.steps = message.steps;
    row.tokens = message.completionTokens;
    const AnswerRates rates({.tokens = std::uint32_t(std::max(message.completionTokens, 0)),
        .seconds = message.generationSeconds});
    row.tokensPerSecond = rates.tokensPerSecond();
    row.modelName = plainName(message.modelName);
    if (message.promptTokens > 0)
        row.contextTokens = message.promptTokens + message.completionTokens;
    if (message.role == storage::Role::Assistant)
        describeEnding(row, message.state, message.finishReason, message.error);
    row.siblingIndex = message.siblingIndex;
    row.siblingCount = message.siblingCount;
    row.createdAt = message.created;
    return row;
}

QList<MessageRow> rowsOf(const QList<storage::Message>& branch)
{
    QList<MessageRow> rows;
    rows.reserve(branch.size());
    for (const storage::Message& message : branch) {
        if (message.role != storage::Role::System)
            rows.append(rowOf(message));
    }
    return rows;
}

MessageRow goneOnFrom(const MessageRow& ended, MessageRow begun)
{
    begun.thought = ended.thought;
    begun.text = withoutSpaceAtEnd(ended.text);
    begun.thoughtSeconds = ended.thoughtSeconds;
    begun.thoughtTokens = ended.thoughtTokens;
    begun.steps = ended.steps;
    begun.tokens = ended.tokens;
    begun.tokensPerSecond = ended.tokensPerSecond;
    if (!begun.text.isEmpty())
        return begun;
    begun.thought = withoutSpaceAtEnd(ended.thought);
    if (!begun.steps.isEmpty()) { // the last is not over
        QJsonObject last = begun.steps.last().toObject();
        last.insert(u"endSeconds"_s, -1);
        last.insert(u"tokens"_s, -1);
        begun.steps.replace(begun.steps.size() - 1, last);
    }
    return begun;
}

storage::MessageId siblingOf(const QList<storage::TreeNode>& tree, storage::MessageId id, int step)
{
    const auto self = std::ranges::find(tree, id, &storage::TreeNode::id);
    if (self == tree.end())
        return 0;
    QList<storage::MessageId> siblings;
    for (const storage::TreeNode& node : tree) {
        if (node.parent == self->parent)
            siblings.append(node.id);
    }
    return siblings.value(siblings.indexOf(id) + step, 0);
}

std::vector<ChatMessage> engineMessages(
    const QString& systemPrompt, const QList<storage::Message>& branch)
{
    std::vector<ChatMessage> messages;
    messages.reserve(std::size_t(branch.size()) + 1);
    const bool hasOwn = !branch.isEmpty() && branch.first().role == storage::Role::System;
    if (!hasOwn && !systemPrompt.trimmed().isEmpty())
        messages.push_back({"system", systemPrompt.trimmed().toStdString(), {}});
    for (const storage::Message& message : branch) {
        if (message.role == storage::Role::System) {
            messages.push_back({"system", message.text.toStdString(), {}});
        } else if (message.role == storage::Role::User) {
            messages.push_back({"user", message.text.toStdString(), {}});
        } else if (wasTooLong(rowOf(message))) {
            if (!messages.empty() && messages.back().role == "user")
                messages.pop_back();
        } else {
            messages.push_back(
                {"assistant", message.text.toStdString(), message.reasoning.toStdString()});
        }
    }
    return messages;
}

namespace {

/// A line without marks of Markdown. What may be a sum keeps its signs: 2 * 3, 2*3*4, -5 + 3.
QString withoutMarkup(QString line)
{
    static const QRegularExpression begins(u"^\\s*(?:(?:#{1,6}|>|[-*+])\\s+|```.*$)+"_s);
    static const QRegularExpression code(u"`([^`]+)`"_s);
    static const QRegularExpression strong(
        u"(?<![\\w*)])\\*\\*(?=[^\\s*])(.+?)(?<=\\S)\\*\\*(?![\\w*(])"_s);
    static const QRegularExpression emphasis(
        u"(?<![\\w*)])\\*(?=[^\\s*])([^*]+)(?<=\\S)\\*(?![\\w*(])"_s);
    line.remove(begins);
    for (const QRegularExpression& marks : {code, strong, emphasis})
        line.replace(marks, u"\\1"_s);
    return line;
}

} // namespace

QString titleFor(const QString& question)
{
    static const QRegularExpression sentenceEnd(u"(?<=[.!?。！？])\\s"_s);
    QString title;
    for (const QStringView line : QStringView(question).tokenize(u'\n')) {
        title = plainName(withoutMarkup(line.first(std::min(line.size(), kLineLength)).toString()));
        if (!title.isEmpty())
            break;
    }
    if (const auto end = sentenceEnd.match(title); end.hasMatch() && end.capturedStart() >= 12)
        title.truncate(end.capturedStart());
    if (title.size() <= kTitleLength)
        return title;
    const qsizetype space = title.lastIndexOf(u' ', kTitleLength - 1);
    qsizetype cut = space > kTitleLength / 2 ? space : kTitleLength - 1;
    if (title.at(cut).isLowSurrogate())
        --cut;
    return title.first(cut) + u'…';
}

} // namespace ponder
