// Where the tokens of stored statistics stand in a thought, and what is said of them.
#include <QSignalSpy>
#include <QTest>

#include <cmath>

#include "ui/chat/conversation_rows.h"
#include "ui/chat/steered_answer.h"
#include "ui/thought/token_trace.h"

using namespace ponder;
using namespace Qt::StringLiterals;

namespace {

struct Token {
    std::int32_t id;
    std::string text;
    float entropy = 0.1F;
    std::vector<std::pair<std::int32_t, float>> best = {}; ///< id, probability
};

TokenStatistics statisticsOf(const std::vector<Token>& tokens)
{
    TokenStatistics statistics;
    statistics.addText(7, " was"); // which only an alternative has
    std::uint32_t milliseconds = 0;
    for (const Token& token : tokens) {
        TokenStatistic of;
        of.id = token.id;
        of.part = TextPart::Reasoning;
        of.entropy = token.entropy;
        of.logprob = std::log(0.5F);
        of.milliseconds = milliseconds += 100;
        for (const auto& [id, probability] : token.best)
            of.alternatives[of.alternativeCount++] = {id, std::log(probability)};
        statistics.addText(token.id, token.text);
        statistics.push(of);
        statistics.release(TextPart::Reasoning, token.text.size());
    }
    return statistics;
}

QByteArray encoded(const TokenStatistics& statistics)
{
    const std::string bytes = statistics.encode();
    return {bytes.data(), qsizetype(bytes.size())};
}

// An apple is four bytes, two units and one character.
const std::vector<Token> kTokens{{1, "12"}, {2, " × "}, {3, "7🍎"},
    {4, " is", 1.5F, {{4, 0.4F}, {7, 0.35F}}}, {5, "\n\n"},
    {6, " <b>", 1.5F, {{6, 0.4F}, {5, 0.3F}}}};
const QString kThought = u"12 × 7🍎 is\n\n <b>"_s;

TokenStatistics statistics()
{
    return statisticsOf(kTokens);
}

} // namespace

class TokenTraceTest : public QObject {
    Q_OBJECT

private slots:
    void everyTokenStandsWhereItsTextDoes()
    {
        const TokenTraceData data = traceTokens(statistics(), kThought);
        QCOMPARE(data.tokens.size(), kTokens.size());
        for (std::size_t i = 0; i < data.tokens.size(); ++i) {
            const TracedToken& token = data.tokens[i];
            QCOMPARE(kThought.sliced(token.begin, token.end - token.begin),
                QString::fromStdString(kTokens[i].text));
        }
        QVERIFY(data.tokens[3].forking);
        QVERIFY(!data.tokens[0].forking); // sure
        QVERIFY(!data.tokens[5].forking); // a blank line weighed as much: a matter of form
    }

    void itLoadsOnAnotherThreadAndEscapes()
    {
        TokenTrace trace;
        QSignalSpy changed(&trace, &TokenTrace::changed);
        trace.load(encoded(statistics()), kThought);
        QVERIFY(!trace.isAvailable());
        QTRY_COMPARE(changed.size(), 1);
        QCOMPARE(trace.count(), int(kTokens.size()));
        const QString html = trace.html(0, kThought.size());
        QVERIFY2(html.contains(u"<a href=\"token:3\" class=\"t3 f\"> is</a>"_s), qPrintable(html));
        QVERIFY(html.contains(u"&lt;b&gt;"_s) && !html.contains(u"<b>"_s));
        QVERIFY(html.contains(u"<br><br>"_s));
        // A part of it: the tokens at its edges are cut, white space around it goes.
        QVERIFY(trace.html(1, 4).startsWith(u"<a href=\"token:0\" class=\"t0\">2</a>"_s));
        QVERIFY(!trace.html(7, 13).contains(u"<br>"_s));
        QCOMPARE(trace.html(5, 2), QString());
        QCOMPARE(trace.nextForking(-1, 1), 3);
        QCOMPARE(trace.nextForking(3, 1), -1);
        QCOMPARE(trace.nextForking(-1, -1), 3);
        QCOMPARE(trace.thoughtWith(3, u" was"_s), u"12 × 7🍎 was"_s);
    }

    void alternativesHaveTheTokenAmongThem()
    {
        TokenTrace trace;
        trace.load(encoded(statistics()), kThought);
        QTRY_VERIFY(trace.isAvailable());
        const QVariantList of = trace.alternatives(3);
        QCOMPARE(of.size(), 2);
        QCOMPARE(of.at(0).toMap().value(u"text"_s).toString(), u" is"_s);
        QVERIFY(of.at(0).toMap().value(u"chosen"_s).toBool());
        QCOMPARE(of.at(1).toMap().value(u"text"_s).toString(), u" was"_s);
        QVERIFY(std::abs(of.at(1).toMap().value(u"probability"_s).toDouble() - 0.35) < 0.01);
        QCOMPARE(trace.alternatives(0).size(), 1); // itself
        QVERIFY(trace.alternatives(99).isEmpty());
        QVERIFY(trace.alternatives(-1).isEmpty());
    }

    void nothingKeptOrBrokenBytesAreNoTrace()
    {
        TokenTrace trace;
        QSignalSpy changed(&trace, &TokenTrace::changed);
        for (const QByteArray& bytes :
            {QByteArray(), QByteArray("\x01garbage"), QByteArray(1000, '\xff')})
            trace.load(bytes, kThought);
        QTRY_VERIFY(changed.size() >= 1);
        QTest::qWait(20);
        QVERIFY(!trace.isAvailable());
        QCOMPARE(trace.html(0, 3), QString());
    }

    void aShorterThoughtThanTheTokensSay()
    {
        const TokenTraceData data = traceTokens(statistics(), u"12 ×"_s);
        QCOMPARE(data.tokens.size(), std::size_t{2});
        QCOMPARE(data.tokens.back().end, qsizetype{4});
    }

    void steeringKeepsWhatIsUnchanged()
    {
        MessageRow old;
        old.thought = kThought;
        old.text = u"84"_s;
        old.steps = QJsonArray{QJsonObject{{u"offset"_s, 0}, {u"seconds"_s, 0},
                                   {u"endSeconds"_s, 1}, {u"tokens"_s, 4}},
            QJsonObject{
                {u"offset"_s, 13}, {u"seconds"_s, 1}, {u"endSeconds"_s, 2}, {u"tokens"_s, 2}}};
        const SteeredAnswer steered
            = steeredAnswer(old, u"12 × 7🍎 was more"_s, encoded(statistics()));
        QCOMPARE(steered.row.thought, u"12 × 7🍎 was more"_s);
        QVERIFY(steered.row.text.isEmpty());
        QCOMPARE(steered.row.steps.size(), 1);
        QCOMPARE(steered.row.steps.at(0).toObject().value(u"endSeconds"_s).toInt(), -1);
        // " is" and " was" share the blank, but the token that wrote it is another one.
        QCOMPARE(steered.row.thoughtTokens, 3);
        QCOMPARE(steered.row.thoughtSeconds, 0.3);
        const auto left = TokenStatistics::decode(
            {steered.statistics.constData(), std::size_t(steered.statistics.size())});
        QVERIFY(left);
        QCOMPARE(left->tokens().size(), std::size_t{3});

        // What comes next is traced after the person's words.
        TokenStatistics grown = *left;
        grown.goOn(std::size_t(steered.row.thought.toUtf8().size()), 0);
        TokenStatistic next;
        next.id = 8;
        next.part = TextPart::Reasoning;
        next.milliseconds = 500;
        grown.addText(8, "!");
        grown.push(next);
        grown.release(TextPart::Reasoning, 1);
        const TokenTraceData traced = traceTokens(grown, steered.row.thought + u'!');
        QCOMPARE(traced.tokens.back().end - traced.tokens.back().begin, qsizetype{1});
        QCOMPARE(traced.tokens.back().begin, steered.row.thought.size());
    }

    void goingOnLeavesTheLastStepOpen()
    {
        MessageRow ended;
        ended.thought = u"One."_s;
        ended.steps
            = QJsonArray{QJsonObject{{u"offset"_s, 0}, {u"endSeconds"_s, 1}, {u"tokens"_s, 4}}};
        const QJsonObject last = goneOnFrom(ended, {}).steps.last().toObject();
        QCOMPARE(last.value(u"endSeconds"_s).toInt(), -1);
        QCOMPARE(last.value(u"tokens"_s).toInt(), -1);
    }

    void steeringWithoutStatistics()
    {
        MessageRow old;
        old.thought = kThought;
        const SteeredAnswer steered = steeredAnswer(old, u"other"_s, {});
        QCOMPARE(steered.row.thought, u"other"_s);
        QCOMPARE(steered.row.thoughtTokens, 0);
        QVERIFY(steered.row.steps.isEmpty());
    }
};

QTEST_GUILESS_MAIN(TokenTraceTest)
#include "tst_TokenTrace.moc"
