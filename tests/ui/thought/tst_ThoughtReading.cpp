// What the window reads in a thought: outline, findings, marks and values, with the places that a person is led to.
#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

#include "ui/thought/thought_view_model.h"

using namespace ponder;

namespace {

// Two attempts. The second step of the first has a false sum; smileys are two UTF-16 units and one code point.
const QString kThought = QStringLiteral("I need to find how many apples there are. 🍎🍎🍎\n\n"
                                        "First, 12 * 7 = 94, and 94 + 10 = 104. 🍎\n\n"
                                        "So the answer is 104.\n\n"
                                        "Wait, no, that is wrong. Let me start over.\n\n"
                                        "12 * 7 = 84, so 84 + 10 = 94.\n\n"
                                        "Therefore, the answer is 94.");
const QString kQuestion
    = QStringLiteral("There are 12 boxes of 7 apples, and 10 more. How many apples are there?");

ThoughtReading reading(const QString& answer)
{
    QList<qsizetype> begins;
    for (const StepBegin& begin : stepBeginsOf(kThought))
        begins.append(begin.offset);
    return readThought({kThought, begins, answer, kQuestion});
}

const ThoughtFinding* named(const ThoughtReading& reading, const QString& name)
{
    for (const ThoughtFinding& finding : reading.findings)
        if (finding.name == name)
            return &finding;
    return nullptr;
}

} // namespace

class ThoughtReadingTest : public QObject {
    Q_OBJECT

private slots:
    void aFalseSumIsFoundAtItsStep()
    {
        const ThoughtReading found = reading(QStringLiteral("There are 94 apples."));
        QCOMPARE(found.steps.size(), 6);
        const ThoughtFinding* sum = named(found, QStringLiteral("wrong sum"));
        QVERIFY(sum);
        QCOMPARE(sum->step, 1);
        QCOMPARE(sum->weight, Weight::Wrong);
        QVERIFY2(sum->message.contains(QStringLiteral("84")), qPrintable(sum->message));
        QVERIFY(sum->quote.contains(QStringLiteral("94")));
    }

    void aChangedMindHasItsValuesInOrder()
    {
        const ThoughtReading found = reading(QStringLiteral("There are 94 apples."));
        QStringList values;
        for (const NamedValue& value : found.values)
            values << value.value;
        QVERIFY2(values.contains(QStringLiteral("104")) && values.contains(QStringLiteral("94")),
            qPrintable(values.join(u' ')));
        QVERIFY(values.indexOf(QStringLiteral("104")) < values.lastIndexOf(QStringLiteral("94")));
        const ThoughtFinding* change = named(found, QStringLiteral("changed its mind"));
        QVERIFY(change);
        QCOMPARE(change->step, 5);
        QCOMPARE(found.difference, QString());
    }

    void anAnswerThatDiffersIsSaid()
    {
        const ThoughtReading found = reading(QStringLiteral("**Answer: 93**"));
        QVERIFY2(found.difference.contains(QStringLiteral("93")), qPrintable(found.difference));
        QCOMPARE(named(found, QStringLiteral("answer differs"))->step, -1);
    }

    void aCalmThoughtHasNoFindings()
    {
        const QString calm = QStringLiteral("2 + 2 = 4.\n\nSo the answer is 4.");
        QVERIFY(readThought({calm, {0, 12}, QStringLiteral("4"), QStringLiteral("What is 2 + 2?")})
                .findings.isEmpty());
        QVERIFY(readThought({}).steps.isEmpty());
    }

    void theOutlineGroupsAndFolds()
    {
        StepListModel steps;
        steps.setText(kThought);
        OutlineModel outline;
        QAbstractItemModelTester tester(
            &outline, QAbstractItemModelTester::FailureReportingMode::QtTest);
        outline.setReading(reading({}), steps);
        QCOMPARE(outline.attemptCount(), 2);
        QVERIFY(outline.moveCount() >= 4);
        const auto role = [&](int row, int which) { return outline.index(row).data(which); };
        QVERIFY(outline.isAttempt(0));
        QCOMPARE(role(0, OutlineModel::WeightRole).toInt(), int(Weight::Wrong));
        QVERIFY(role(0, OutlineModel::ValuesRole).toString().contains(QStringLiteral("104")));

        int covered = 0; // every step in one move, in order
        for (int row = 0; row < outline.count(); ++row) {
            if (outline.isAttempt(row))
                continue;
            QCOMPARE(role(row, OutlineModel::FirstStepRole).toInt(), covered);
            covered = role(row, OutlineModel::LastStepRole).toInt() + 1;
            QVERIFY(!role(row, OutlineModel::KindRole).toString().isEmpty());
        }
        QCOMPARE(covered, 6);

        const int all = outline.count();
        const int row = outline.rowOfStep(1);
        QVERIFY(row > 0);
        outline.toggle(0);
        QVERIFY(outline.count() < all);
        QCOMPARE(outline.rowOfStep(1), 0);
        QVERIFY(role(0, OutlineModel::FoldedRole).toBool());
        outline.toggle(1); // the other attempt's row came up
        outline.toggle(1);
        outline.toggle(0);
        QCOMPARE(outline.count(), all);
        QCOMPARE(outline.rowOfStep(1), row);
    }

    void aThoughtIsReadBesideTheGui()
    {
        ThoughtViewModel thought;
        thought.setText(kThought);
        QSignalSpy spy(&thought, &ThoughtViewModel::readingChanged);
        thought.read(QStringLiteral("There are 94 apples."), kQuestion);
        QVERIFY(thought.isReading());
        QCOMPARE(thought.findings()->count(), 0); // not before the event loop runs
        QTRY_VERIFY(!thought.isReading());
        QVERIFY(thought.findings()->count() >= 2);
        QVERIFY2(thought.findings()->summary().contains(QStringLiteral("wrong sum at step 2")),
            qPrintable(thought.findings()->summary()));
        QCOMPARE(thought.findings()->weight(), Weight::Wrong);
        const QModelIndex second = thought.steps()->index(1);
        QCOMPARE(second.data(StepListModel::WeightRole).toInt(), int(Weight::Wrong));
        QCOMPARE(second.data(StepListModel::RemarksRole).toStringList().size(), 1);

        // Another text forgets what was found in the first, and what is still on its way.
        thought.read({}, {});
        thought.setText(QStringLiteral("2 + 2 = 4"));
        QCOMPARE(thought.findings()->count(), 0);
        QTRY_VERIFY(!thought.isReading());
        QCOMPARE(thought.findings()->count(), 0);
        QCOMPARE(thought.outline()->moveCount(), 0);
    }

    void marksStayWhileTheThoughtGrows()
    {
        ThoughtViewModel thought;
        thought.setText(kThought);
        thought.read({}, kQuestion);
        thought.append(QStringLiteral("\n\nAnd more."), {StepBegin{2, 1, 1}});
        QTRY_VERIFY(!thought.isReading());
        QCOMPARE(thought.steps()->stepCount(), 7);
        QCOMPARE(
            thought.steps()->index(1).data(StepListModel::WeightRole).toInt(), int(Weight::Wrong));
        QVERIFY(thought.steps()->index(6).data(StepListModel::KindRole).toString().isEmpty());
    }

    void goneBeforeItWasRead()
    {
        auto thought = std::make_unique<ThoughtViewModel>();
        thought->setText(kThought.repeated(50));
        thought->read({}, {});
        thought.reset(); // the reading ends on its own, and nobody is called
        QTest::qWait(50);
    }
};

QTEST_GUILESS_MAIN(ThoughtReadingTest)
#include "tst_ThoughtReading.moc"
