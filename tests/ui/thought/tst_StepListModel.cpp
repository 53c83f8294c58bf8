#include <QAbstractItemModelTester>
#include <QJsonObject>
#include <QRandomGenerator>
#include <QSignalSpy>
#include <QTest>

#include "tests/ui/cpu_clock.h"
#include "ui/thought/step_list_model.h"
#include "ui/thought/thought_view_model.h"

using ponder::StepBegin;
using ponder::stepBeginsOf;
using ponder::StepListModel;
using ponder::ThoughtViewModel;
using Begins = QList<StepBegin>;

namespace {

QStringList texts(const StepListModel& model)
{
    QStringList list;
    for (int row = 0; row < model.count(); ++row)
        list << model.index(row).data(StepListModel::TextRole).toString();
    return list;
}

/// The steps' texts: their rows' joined, with what white space the rows leave out put in again as one space.
QStringList stepTexts(const StepListModel& model)
{
    QStringList list;
    for (int row = 0; row < model.count(); ++row) {
        const QModelIndex index = model.index(row);
        const QString text = index.data(StepListModel::TextRole).toString();
        if (index.data(StepListModel::ContinuedRole).toBool())
            list.last() += u' ' + text;
        else
            list << text;
    }
    return list;
}

/// Those of `begins` that are in [from, to), as they would come with that piece of the text.
Begins within(const Begins& begins, qsizetype from, qsizetype to)
{
    Begins found;
    for (const StepBegin& begin : begins) {
        if (begin.offset >= from && begin.offset < to)
            found.append(StepBegin{begin.offset - from, begin.seconds, begin.tokens});
    }
    return found;
}

} // namespace

class StepListModelTest : public QObject {
    Q_OBJECT

private slots:
    void storedTextIsSplitByTheEnginesRule();
    void liveTextIsSplitWhereTheEngineSays();
    void offsetsAreInUtf16();
    void anyCuttingGivesTheSameRows();
    void summaries();
    void timesAndTokens();
    void recordsGoRoundTrip();
    void foreignRecordsAreIgnored();
    void hostileRecordsAreIgnored();
    void aStepThatGoesOnKeepsItsBegin();
    void longStepsGoOnInFurtherRows();
    void longStepsAreCutBetweenLines();
    void theOutlineHasStepsAlone();
    void aTokenCostsLittleInALongThought();
    void headlines();
    void clockRunsWhileThinking();
    void foldsByItselfUntilTouched();
    void emptyThoughtsAreEmpty();
    void textThatDiffersStartsAgain();
    void recordsMayComeBeforeTheText();
};

void StepListModelTest::storedTextIsSplitByTheEnginesRule()
{
    StepListModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setText(
        QStringLiteral("\n\n  so \n- a\n  - b\n-\tc\n\u0661. d\n```\n- e\n\n1. f\n```\n\ng\n"));
    QCOMPARE(texts(model),
        (QStringList{"so", "- a\n  - b", "-\tc", "\u0661. d\n```\n- e\n\n1. f\n```", "g"}));
    QCOMPARE(model.index(0).data(StepListModel::OffsetRole).toInt(), 4);
    QCOMPARE(model.index(0).data(StepListModel::StartSecondsRole).toDouble(), -1.0);
    model.setText(QStringLiteral(" \n\n"));
    QCOMPARE(model.count(), 0);
}

void StepListModelTest::liveTextIsSplitWhereTheEngineSays()
{
    StepListModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.append(QStringLiteral("a\n\nb"), Begins{{0, 0, 0}}); // no rule is asked
    QCOMPARE(texts(model), QStringList{"a\n\nb"});
    model.append(QStringLiteral(" c d e"), Begins{{3, 1, 4}, {5, 2, 6}});
    QCOMPARE(texts(model), (QStringList{"a\n\nb c", "d", "e"}));
    QCOMPARE(model.stepCount(), 3);
    QCOMPARE(model.index(1).data(StepListModel::EndSecondsRole).toDouble(), 2.0);
    QCOMPARE(model.index(1).data(StepListModel::TokensRole).toInt(), 2);
    QCOMPARE(model.index(2).data(StepListModel::OffsetRole).toInt(), 9);
}

void StepListModelTest::offsetsAreInUtf16()
{
    const QString thought = QStringLiteral("\u00e9\u5b57\U0001F600\n\n\U0001F600\n- x");
    const Begins begins = stepBeginsOf(thought);
    QCOMPARE(begins.size(), 3);
    QCOMPARE(begins.at(1).offset, thought.lastIndexOf(QStringLiteral("\U0001F600")));
    QCOMPARE(begins.at(2).offset, thought.indexOf(u'-'));
    // Half a pair, as a hostile file may have it, is one unit all the same.
    const QString broken = QString(QChar(0xd83d)) + QStringLiteral("\n\nb");
    QCOMPARE(stepBeginsOf(broken).last().offset, 3);
}

void StepListModelTest::anyCuttingGivesTheSameRows()
{
    const QString whole
        = QStringLiteral("I need 347 + 586.\n\n1. ones: 7+6\n2. tens\n3x no\n\n```py\n- "
                         "x\n\ny\n```\nStep 1: a\nStepper\nStep 22 b\n"
                         "- c\n-d\n\u2022 e\n  \n\n")
        + QStringLiteral("long words \U0001F600 ").repeated(400) + QStringLiteral("\n\n")
        + QStringLiteral("lines\n  of it\n").repeated(500) + QString(9000, u'x')
        + QStringLiteral("\n\nend");
    const Begins begins = stepBeginsOf(whole);
    StepListModel expected;
    expected.setText(whole);
    QVERIFY(expected.stepCount() > 8);
    QVERIFY(expected.count() > expected.stepCount() + 4);
    QRandomGenerator random(3);
    for (int round = 0; round < 60; ++round) {
        StepListModel model;
        QAbstractItemModelTester tester(
            &model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        for (qsizetype at = 0; at < whole.size();) {
            const qsizetype step
                = qMin(whole.size() - at, qsizetype(1 + random.bounded(1 + (round % 25) * 40)));
            model.append(whole.sliced(at, step), within(begins, at, at + step));
            at += step;
        }
        QCOMPARE(texts(model), texts(expected));
        QCOMPARE(model.text(), whole);
        QCOMPARE(model.records(), expected.records());
        for (int row = 0; row < model.count(); ++row) {
            for (const int role : {StepListModel::NumberRole, StepListModel::ContinuedRole,
                     StepListModel::ContinuesRole, StepListModel::FenceRole,
                     StepListModel::OffsetRole})
                QCOMPARE(model.index(row).data(role), expected.index(row).data(role));
        }
    }
}

void StepListModelTest::summaries()
{
    StepListModel model;
    model.setText(QStringLiteral("### A **bold** `word`\nmore\n\n- item\n\n") + QString(300, u'x'));
    QCOMPARE(model.summary(0), QStringLiteral("A bold word"));
    QCOMPARE(model.summary(1), QStringLiteral("item"));
    QVERIFY(model.summary(2).size() < 100 && model.summary(2).endsWith(u'\u2026'));
    QCOMPARE(model.summary(3), QString());
}

void StepListModelTest::timesAndTokens()
{
    StepListModel model;
    QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    model.append(QStringLiteral("one"), Begins{{0, 0, 0}});
    QCOMPARE(changed.size(), 0);
    model.append(QStringLiteral(" more"), {});
    QCOMPARE(changed.size(), 1);
    model.append(QStringLiteral("\n\ntwo"), Begins{{2, 2.5, 9}});
    const auto at = [&](int row, int role) { return model.index(row).data(role); };
    QCOMPARE(at(0, StepListModel::StartSecondsRole).toDouble(), 0.0);
    QCOMPARE(at(0, StepListModel::EndSecondsRole).toDouble(), 2.5);
    QCOMPARE(at(0, StepListModel::TokensRole).toInt(), 9);
    QCOMPARE(at(1, StepListModel::EndSecondsRole).toDouble(), -1.0);
    model.finish(4, 20);
    QCOMPARE(at(1, StepListModel::EndSecondsRole).toDouble(), 4.0);
    QCOMPARE(at(1, StepListModel::TokensRole).toInt(), 11);
    QCOMPARE(at(1, StepListModel::NumberRole).toInt(), 2);
    QCOMPARE(at(1, StepListModel::OffsetRole).toInt(), 10);
}

void StepListModelTest::recordsGoRoundTrip()
{
    StepListModel live;
    live.append(QStringLiteral("one"), Begins{{0, 0, 0}});
    live.append(
        QStringLiteral("\n\ntwo ") + QStringLiteral("words ").repeated(1000), Begins{{2, 2.5, 9}});
    live.finish(4, 20);
    QVERIFY(live.count() > 2);
    QCOMPARE(live.records().size(), 2); // one a step, however many rows it has
    StepListModel restored;
    restored.setText(live.text());
    QCOMPARE(restored.index(0).data(StepListModel::EndSecondsRole).toDouble(), -1.0);
    restored.setRecords(live.records());
    QCOMPARE(restored.records(), live.records());
    QCOMPARE(restored.index(1).data(StepListModel::TokensRole).toInt(), 11);
}

void StepListModelTest::foreignRecordsAreIgnored()
{
    StepListModel model;
    model.setText(QStringLiteral("one\n\ntwo"));
    model.setRecords({3, QStringLiteral("x"), QJsonObject{{"offset", 999}, {"seconds", 1}},
        QJsonObject{{"offset", -5}}});
    QCOMPARE(model.index(0).data(StepListModel::StartSecondsRole).toDouble(), -1.0);
    QCOMPARE(model.index(1).data(StepListModel::StartSecondsRole).toDouble(), -1.0);
}

void StepListModelTest::hostileRecordsAreIgnored()
{
    StepListModel model;
    model.setText(QStringLiteral("one\n\ntwo ") + QStringLiteral("words ").repeated(1000));
    const qsizetype inside = model.index(2).data(StepListModel::OffsetRole).toInt();
    // Within a step, in no order, of no number, twice: only what fits a step is taken.
    model.setRecords({QJsonObject{{"offset", 2}, {"seconds", 7}},
        QJsonObject{{"offset", QStringLiteral("5")}, {"seconds", 7}},
        QJsonObject{{"offset", 5}, {"seconds", QStringLiteral("x")}, {"tokens", 3}},
        QJsonObject{{"offset", 0}, {"seconds", 7}}, QJsonObject{{"offset", inside}, {"seconds", 7}},
        QJsonObject{{"offset", 1e300}, {"seconds", 7}}});
    for (int row = 0; row < model.count(); ++row)
        QCOMPARE(model.index(row).data(StepListModel::StartSecondsRole).toDouble(), -1.0);
    QCOMPARE(model.index(1).data(StepListModel::TokensRole).toInt(), 3);
    QCOMPARE(model.records().size(), 2);
}

void StepListModelTest::aStepThatGoesOnKeepsItsBegin()
{
    StepListModel model; // an answer that goes on in its second step
    model.setText(QStringLiteral("one\n\ntwo"));
    model.setRecords({QJsonObject{{"offset", 0}, {"seconds", 0}, {"endSeconds", 2}, {"tokens", 5}},
        QJsonObject{{"offset", 5}, {"seconds", 2}, {"endSeconds", -1}, {"tokens", -1}}});
    model.append(QStringLiteral(" more\n\nthree"), Begins{{7, 4, 11}});
    const auto at = [&](int row, int role) { return model.index(row).data(role); };
    QCOMPARE(texts(model), (QStringList{"one", "two more", "three"}));
    QCOMPARE(at(0, StepListModel::EndSecondsRole).toDouble(), 2.0);
    QCOMPARE(at(1, StepListModel::StartSecondsRole).toDouble(), 2.0);
    QCOMPARE(at(1, StepListModel::EndSecondsRole).toDouble(), 4.0);
    QCOMPARE(at(1, StepListModel::TokensRole).toInt(), -1); // nobody knows where it began to count
    model.finish(5, 12);
    QCOMPARE(at(2, StepListModel::TokensRole).toInt(), 1);
}

void StepListModelTest::longStepsGoOnInFurtherRows()
{
    for (const QString& piece : {QStringLiteral("word "), QStringLiteral("x"),
             QStringLiteral("line\n"), QStringLiteral("\U0001F600")}) {
        const QString text = piece.repeated(100'000 / piece.size());
        StepListModel model;
        model.setText(text + QStringLiteral("\n\nend"));
        QCOMPARE(model.stepCount(), 2);
        QVERIFY(model.count() > 25);
        QString joined;
        for (int row = 0; row < model.count() - 1; ++row) {
            const QModelIndex index = model.index(row);
            const QString shown = index.data(StepListModel::TextRole).toString();
            QVERIFY(shown.size() <= 2 * StepListModel::kLongestRow);
            QVERIFY(!shown.front().isLowSurrogate());
            QCOMPARE(index.data(StepListModel::NumberRole).toInt(), 1);
            QCOMPARE(index.data(StepListModel::ContinuedRole).toBool(), row > 0);
            QCOMPARE(index.data(StepListModel::ContinuesRole).toBool(), row < model.count() - 2);
            QCOMPARE(model.stepAt(row), 0);
            joined += shown;
        }
        QCOMPARE(joined.remove(u' ').remove(u'\n'), QString(text).remove(u' ').remove(u'\n'));
        QCOMPARE(model.rowOf(1), model.count() - 1);
        QCOMPARE(model.index(model.count() - 1).data(StepListModel::NumberRole).toInt(), 2);
    }
}

void StepListModelTest::longStepsAreCutBetweenLines()
{
    StepListModel model;
    model.setText(QStringLiteral("```py\n") + QStringLiteral("  line = 1\n").repeated(400));
    QVERIFY(model.count() > 1);
    QCOMPARE(model.stepCount(), 1);
    for (int row = 1; row < model.count(); ++row) {
        QVERIFY(
            model.index(row).data(StepListModel::TextRole).toString().startsWith(u"line = 1\n"));
        QCOMPARE(
            model.index(row).data(StepListModel::FenceRole).toString(), QStringLiteral("```py"));
    }
}

void StepListModelTest::theOutlineHasStepsAlone()
{
    StepListModel model;
    const QAbstractItemModel* outline = model.outline();
    model.setText(QStringLiteral("word ").repeated(2000) + QStringLiteral("\n\ntwo"));
    QVERIFY(model.count() > 3);
    QCOMPARE(outline->rowCount(), 2);
    model.append(QStringLiteral(" and ") + QStringLiteral("more ").repeated(2000)
            + QStringLiteral("\n\nthree"),
        Begins{{5 + 10000 + 2, 1, 1}});
    QCOMPARE(outline->rowCount(), 3);
    for (int step = 0; step < 3; ++step) {
        QCOMPARE(outline->index(step, 0).data(StepListModel::NumberRole).toInt(), step + 1);
        QCOMPARE(model.stepAt(model.rowOf(step)), step);
    }
    QCOMPARE(model.rowOf(3), -1);
    QCOMPARE(model.rowOf(-1), -1);
    QCOMPARE(model.stepAt(-1), -1);
    QCOMPARE(model.stepAt(model.count()), -1);
    QCOMPARE(stepTexts(model).last(), QStringLiteral("three"));
}

// 4 ms of a frame at 32k tokens are promised for everything; the model's part is far below.
void StepListModelTest::aTokenCostsLittleInALongThought()
{
    ThoughtViewModel thought;
    thought.setPhase(ThoughtViewModel::Thinking);
    thought.setText(
        QStringLiteral("a step of a few words, and then some more of them\n\n").repeated(2700));
    QVERIFY(thought.text().size() > 120'000);
    QList<double> times;
    for (int i = 0; i < 101; ++i) {
        const QString text = i % 10 == 9 ? QStringLiteral("\n\nword") : QStringLiteral(" word");
        const double begin = cpuMilliseconds();
        thought.append(text, i % 10 == 9 ? Begins{{2, 1, i}} : Begins());
        times.append(cpuMilliseconds() - begin);
    }
    std::sort(times.begin(), times.end());
    qInfo("median %.3f ms a token, worst %.3f ms", times.at(50), times.last());
    QVERIFY(times.at(50) < 2);
}

void StepListModelTest::headlines()
{
    QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
    ThoughtViewModel thought;
    thought.setPhase(ThoughtViewModel::Thinking);
    QCOMPARE(thought.headline(), QStringLiteral("Thinking\u2026 0 s"));
    thought.setSeconds(3.6);
    thought.setTokens(57);
    QCOMPARE(thought.headline(), QStringLiteral("Thinking\u2026 3 s \u00b7 57 tokens"));
    thought.setSeconds(12.3);
    thought.setTokens(1340);
    thought.setPhase(ThoughtViewModel::Done);
    QCOMPARE(thought.headline(), QStringLiteral("Thought for 12 s \u00b7 1,340 tokens"));
    thought.setPhase(ThoughtViewModel::Stopped);
    thought.setTokens(1);
    QCOMPARE(thought.headline(), QStringLiteral("Stopped after 12 s \u00b7 1 token"));
    thought.setSeconds(185);
    thought.setTokens(0);
    QCOMPARE(thought.headline(), QStringLiteral("Stopped after 3 min 5 s"));
    thought.setSeconds(0.42);
    QCOMPARE(thought.headline(), QStringLiteral("Stopped after 0.4 s"));
    thought.setSeconds(0.097);
    QCOMPARE(thought.headline(), QStringLiteral("Stopped after 0.1 s"));
    thought.setSeconds(0.0124);
    QCOMPARE(thought.headline(), QStringLiteral("Stopped after 12 ms"));
}

void StepListModelTest::clockRunsWhileThinking()
{
    ThoughtViewModel thought;
    QSignalSpy ticks(&thought, &ThoughtViewModel::headlineChanged);
    thought.setPhase(ThoughtViewModel::Thinking);
    thought.setSeconds(1.8);
    const QString before = thought.headline();
    QTRY_VERIFY(thought.headline() != before && ticks.size() > 2);
    thought.setPhase(ThoughtViewModel::Done);
    ticks.clear();
    QTest::qWait(600);
    QCOMPARE(ticks.size(), 0);
    QCOMPARE(thought.headline(), QStringLiteral("Thought for 2 s"));
}

void StepListModelTest::foldsByItselfUntilTouched()
{
    ThoughtViewModel thought;
    QVERIFY(!thought.isExpanded());
    thought.setPhase(ThoughtViewModel::Thinking);
    QVERIFY(thought.isExpanded());
    thought.setPhase(ThoughtViewModel::Done);
    QVERIFY(!thought.isExpanded());

    ThoughtViewModel kept;
    kept.setFoldAutomatically(false);
    kept.setPhase(ThoughtViewModel::Thinking);
    kept.setPhase(ThoughtViewModel::Done);
    QVERIFY(kept.isExpanded());

    ThoughtViewModel touched;
    touched.setPhase(ThoughtViewModel::Thinking);
    touched.toggle();
    touched.toggle();
    touched.setPhase(ThoughtViewModel::Done);
    QVERIFY(touched.isExpanded());
}

void StepListModelTest::emptyThoughtsAreEmpty()
{
    ThoughtViewModel thought;
    thought.setPhase(ThoughtViewModel::Thinking);
    thought.setText(QStringLiteral("\n\n"));
    QVERIFY(thought.isEmpty());
    thought.setText(QStringLiteral("\n\nx"));
    QVERIFY(!thought.isEmpty());
    thought.setText({});
    QVERIFY(thought.isEmpty());
}

void StepListModelTest::textThatDiffersStartsAgain()
{
    ThoughtViewModel thought;
    QAbstractItemModelTester tester(
        thought.steps(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    thought.setText(QStringLiteral("one\n\ntwo"));
    thought.setText(QStringLiteral("other"));
    QCOMPARE(texts(*thought.steps()), QStringList{"other"});
    QSignalSpy changed(&thought, &ThoughtViewModel::textChanged);
    thought.setText(QStringLiteral("other"));
    QCOMPARE(changed.size(), 0);
    thought.append(QStringLiteral(" word"), {});
    QCOMPARE(texts(*thought.steps()), QStringList{"other word"});
    thought.setText(QStringLiteral("other word and more")); // no growth: another text
    QCOMPARE(changed.size(), 2);
    QCOMPARE(texts(*thought.steps()), QStringList{"other word and more"});
}

void StepListModelTest::recordsMayComeBeforeTheText()
{
    ThoughtViewModel thought;
    thought.setStepRecords(
        {QJsonObject{{"offset", 0}, {"seconds", 0.5}, {"endSeconds", 2}, {"tokens", 7}}});
    thought.setText(QStringLiteral("one"));
    QCOMPARE(thought.steps()->index(0).data(StepListModel::TokensRole).toInt(), 7);
}

QTEST_MAIN(StepListModelTest)
#include "tst_StepListModel.moc"
