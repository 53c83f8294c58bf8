#include <QAbstractItemModelTester>
#include <QJsonObject>
#include <QRandomGenerator>
#include <QSignalSpy>
#include <QTest>

#include "tests/ui/cpu_clock.h"
#include "ui/thought/step_list_model.h"
#include "ui/thought/thought_view_model.h"

using ponder::StepListModel;
using ponder::ThoughtViewModel;

namespace {

QStringList texts(const StepListModel& model)
{
    QStringList list;
    for (int row = 0; row < model.count(); ++row)
        list << model.index(row).data(StepListModel::TextRole).toString();
    return list;
}

} // namespace

class StepListModelTest : public QObject {
    Q_OBJECT

private slots:
    void steps_data();
    void steps();
    void anyChunkingGivesTheSameSteps();
    void summaries();
    void timesAndTokens();
    void recordsGoRoundTrip();
    void foreignRecordsAreIgnored();
    void longStepsAreCut();
    void aTokenCostsLittleInALongThought();
    void headlines();
    void clockRunsWhileThinking();
    void foldsByItselfUntilTouched();
    void emptyThoughtsAreEmpty();
    void textThatDiffersStartsAgain();
    void recordsMayComeBeforeTheText();
};

void StepListModelTest::steps_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QStringList>("expected");
    const auto row = [](const char* name, const char* text, const QStringList& expected) {
        QTest::newRow(name) << QString::fromUtf8(text) << expected;
    };
    row("paragraphs", "one\nstill one\n\ntwo\n\n\nthree", {"one\nstill one", "two", "three"});
    row("space around", "\n\n  one \n\n", {"one"});
    row("bullets", "so\n- a\n- b\n* c\n\u2022 d", {"so", "- a", "- b", "* c", "\u2022 d"});
    row("numbers", "1. a\n2) b\n12. c\n3.5 is no item", {"1. a", "2) b", "12. c\n3.5 is no item"});
    row("spelled out", "so\nStep 1: a\nStep 2: b\nSteps are",
        {"so", "Step 1: a", "Step 2: b\nSteps are"});
    row("indented items are inside", "- a\n  - b\n- c", {"- a\n  - b", "- c"});
    row("bold is no bullet", "a\n**b**\n--", {"a\n**b**\n--"});
    row("code is one", "a\n```\n- b\n\n- c\n```\n\nd", {"a\n```\n- b\n\n- c\n```", "d"});
    row("nothing", " \n\n", {});
}

void StepListModelTest::steps()
{
    QFETCH(QString, text);
    StepListModel model;
    model.append(text, -1, -1);
    QTEST(texts(model), "expected");
}

void StepListModelTest::anyChunkingGivesTheSameSteps()
{
    const QString whole
        = QStringLiteral("I need 347 + 586.\n\n1. ones: 7+6\n2. tens\n3x no\n\n```py\n- "
                         "x\n\ny\n```\nStep 1: a\nStepper\nStep 22 b\n"
                         "- c\n-d\n\u2022 e\n  \n\nend\n");
    StepListModel expected;
    expected.append(whole, -1, -1);
    QVERIFY(expected.count() > 6);
    QRandomGenerator random(3);
    for (int round = 0; round < 200; ++round) {
        StepListModel model;
        QAbstractItemModelTester tester(
            &model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        for (qsizetype at = 0; at < whole.size();) {
            const qsizetype step
                = qMin(whole.size() - at, qsizetype(1 + random.bounded(1 + round % 25)));
            model.append(whole.sliced(at, step), -1, -1);
            at += step;
        }
        QCOMPARE(texts(model), texts(expected));
    }
}

void StepListModelTest::summaries()
{
    StepListModel model;
    model.append(
        QStringLiteral("### A **bold** `word`\nmore\n\n- item\n\n") + QString(300, u'x'), -1, -1);
    QCOMPARE(model.summary(0), QStringLiteral("A bold word"));
    QCOMPARE(model.summary(1), QStringLiteral("item"));
    QVERIFY(model.summary(2).size() < 100 && model.summary(2).endsWith(u'\u2026'));
    QCOMPARE(model.summary(3), QString());
}

void StepListModelTest::timesAndTokens()
{
    StepListModel model;
    QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    model.append(QStringLiteral("one"), 0, 0);
    QCOMPARE(changed.size(), 0);
    model.append(QStringLiteral(" more"), 1, 5);
    QCOMPARE(changed.size(), 1);
    model.append(QStringLiteral("\n\ntwo"), 2.5, 9);
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
    live.append(QStringLiteral("one"), 0, 0);
    live.append(QStringLiteral("\n\ntwo"), 2.5, 9);
    live.finish(4, 20);
    StepListModel restored;
    restored.append(live.text(), -1, -1);
    QCOMPARE(restored.index(0).data(StepListModel::EndSecondsRole).toDouble(), -1.0);
    restored.setRecords(live.records());
    QCOMPARE(restored.records(), live.records());
    QCOMPARE(restored.index(1).data(StepListModel::TokensRole).toInt(), 11);
}

void StepListModelTest::foreignRecordsAreIgnored()
{
    StepListModel model;
    model.append(QStringLiteral("one\n\ntwo"), -1, -1);
    model.setRecords({3, QStringLiteral("x"), QJsonObject{{"offset", 999}, {"seconds", 1}},
        QJsonObject{{"offset", -5}}});
    QCOMPARE(model.index(0).data(StepListModel::StartSecondsRole).toDouble(), -1.0);
    QCOMPARE(model.index(1).data(StepListModel::StartSecondsRole).toDouble(), -1.0);
}

void StepListModelTest::longStepsAreCut()
{
    for (const QString& piece : {QStringLiteral("word "), QStringLiteral("x"),
             QStringLiteral("line\n"), QStringLiteral("\U0001F600")}) {
        const QString text = piece.repeated(100'000 / piece.size());
        StepListModel model;
        model.append(text, -1, -1);
        QString joined;
        for (const QString& step : texts(model)) {
            QVERIFY(step.size() <= 4100);
            QVERIFY(!step.front().isLowSurrogate());
            joined += step;
        }
        QCOMPARE(joined.remove(u' ').remove(u'\n'), QString(text).remove(u' ').remove(u'\n'));
    }
}

// 4 ms of a frame at 32k tokens are promised for everything; the model's part is far below.
void StepListModelTest::aTokenCostsLittleInALongThought()
{
    ThoughtViewModel thought;
    thought.setPhase(ThoughtViewModel::Thinking);
    thought.appendText(
        QStringLiteral("a step of a few words, and then some more of them\n\n").repeated(2700));
    QVERIFY(thought.text().size() > 120'000);
    QList<double> times;
    QString whole = thought.text();
    for (int i = 0; i < 101; ++i) {
        whole += i % 10 == 9 ? QStringLiteral("word\n\n") : QStringLiteral("word ");
        const double begin = cpuMilliseconds();
        thought.setText(whole); // as a binding does it
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
