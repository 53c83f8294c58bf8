#include "ui/chat/steered_answer.h"

#include <QJsonObject>

#include <algorithm>
#include <string>

#include "engine/reasoning/token_statistics.h"

namespace ponder {

using namespace Qt::StringLiterals;

namespace {

/// UTF-16 units with which both begin; never half of a character.
qsizetype commonPrefix(QStringView a, QStringView b)
{
    const auto [end, ignored] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    const qsizetype length = end - a.begin();
    return length > 0 && a.at(length - 1).isHighSurrogate() ? length - 1 : length;
}

/// The steps that begin in the first `length` units. The last of them is not over.
QJsonArray stepsWithin(const QJsonArray& steps, qsizetype length)
{
    QJsonArray within;
    for (const QJsonValue& step : steps)
        if (step.toObject().value(u"offset"_s).toInteger() < length)
            within.append(step);
    if (!within.isEmpty()) {
        QJsonObject last = within.last().toObject();
        last.insert(u"endSeconds"_s, -1);
        last.insert(u"tokens"_s, -1);
        within.replace(within.size() - 1, last);
    }
    return within;
}

} // namespace

SteeredAnswer steeredAnswer(
    const MessageRow& old, const QString& thought, const QByteArray& statistics)
{
    SteeredAnswer steered;
    steered.row.thought = thought;
    const qsizetype kept = commonPrefix(old.thought, thought);
    steered.row.steps = stepsWithin(old.steps, kept);

    auto tokens = TokenStatistics::decode({statistics.constData(), std::size_t(statistics.size())});
    if (!tokens)
        return steered;
    tokens->keepThought(std::size_t(QStringView(thought).first(kept).toUtf8().size()));
    const std::string bytes = tokens->encode();
    steered.statistics = QByteArray(bytes.data(), qsizetype(bytes.size()));
    steered.row.tokens = steered.row.thoughtTokens = int(tokens->tokens().size());
    if (!tokens->tokens().empty())
        steered.row.thoughtSeconds = tokens->tokens().back().milliseconds / 1000.0;
    return steered;
}

} // namespace ponder
