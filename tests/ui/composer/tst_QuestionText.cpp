#include "ui/composer/long_text.h"
#include "ui/composer/question_text.h"

#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QElapsedTimer>
#include <QGuiApplication>
#include <QSignalSpy>
#include <QTest>

using namespace ponder;
using namespace Qt::StringLiterals;

namespace {

/// 20,000 lines, a megabyte.
QString megabyte()
{
    QString text;
    for (int i = 0; i < 20'000; ++i)
        text += u"Line %1 of a long log that somebody wants to have explained\n"_s.arg(i);
    return text;
}

QString joined(const LineListModel& lines)
{
    QString text;
    for (int row = 0; row < lines.rowCount(); ++row)
        text += lines.data(lines.index(row), Qt::DisplayRole).toString();
    return text;
}

} // namespace

class tst_QuestionText : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates)); }

    void aShortTextIsShownWhole()
    {
        LongText text;
        text.setText(u"What is 7 + 5?\nAnd 8?"_s);
        QVERIFY(!text.isCut());
        QCOMPARE(text.preview(), text.text());
        text.setText(QString(u"a\n"_s).repeated(60));
        QVERIFY(!text.isCut());
    }

    void aLongTextIsCut()
    {
        LongText text;
        text.setText(megabyte());
        QVERIFY(text.isCut());
        QVERIFY(!text.fitsField());
        QCOMPARE(text.preview().count(u'\n') + 1, 40);
        QVERIFY(text.preview().endsWith(u"explained…"_s));
        QCOMPARE(text.extent(), u"20,000 lines"_s);

        text.setText(QString(1'000'000, u'x')); // one line
        QCOMPARE(text.preview().size(), 4001);
        QCOMPARE(text.extent(), u"1,000,000 characters"_s);
        text.setText(u"a"_s + QString(u"\U0001F600"_s).repeated(5000));
        QVERIFY(!text.preview().chopped(1).back().isHighSurrogate());
        text.setText(QString(u"a\n"_s).repeated(100)); // long, and a field holds it all the same
        QVERIFY(text.isCut() && text.fitsField());
    }

    void theLinesAreTheText()
    {
        LongText text;
        const QAbstractItemModelTester tester(text.lines());
        text.setText(megabyte());
        QCOMPARE(text.lines()->rowCount(), 20'001);
        QString without = megabyte();
        QCOMPARE(joined(*text.lines()), without.remove(u'\n'));
        text.setText(QString(u"\U0001F600"_s).repeated(5001) + u"\n\nb"_s);
        QCOMPARE(joined(*text.lines()), QString(u"\U0001F600"_s).repeated(5001) + u'b');
        for (int row = 0; row < text.lines()->rowCount(); ++row) {
            const QString line
                = text.lines()->data(text.lines()->index(row), Qt::DisplayRole).toString();
            QVERIFY(line.size() <= LineListModel::kLongestPiece);
            QVERIFY(line.isEmpty() || !line.back().isHighSurrogate());
        }
        text.setText({});
        QCOMPARE(text.lines()->rowCount(), 1);
    }

    void aLargePasteGoesBesideTheWords()
    {
        QuestionText question;
        question.setTyped(u"Why?"_s);
        QVERIFY(!question.take(u"a few words"_s));
        QVERIFY(question.pasted().isEmpty());
        QGuiApplication::clipboard()->setText(megabyte());
        QSignalSpy changed(&question, &QuestionText::textChanged);
        QVERIFY(question.paste(false));
        QCOMPARE(changed.count(), 1);
        QCOMPARE(question.typed(), u"Why?"_s);
        QCOMPARE(question.pasted(), QStringList{u"Pasted text, 20,000 lines"_s});
        QCOMPARE(question.text(), u"Why?\n\n"_s + megabyte());
        QCOMPARE(question.pastedText(0), megabyte());
        QVERIFY(question.take(QString(1'000'000, u'x')));
        QCOMPARE(question.pasted().size(), 2);
        question.remove(0);
        QCOMPARE(question.text(), u"Why?\n\n"_s + QString(1'000'000, u'x'));
        question.remove(0);
        QCOMPARE(question.text(), u"Why?"_s);
        question.remove(0);
    }

    void manyPastesNeverFillTheField()
    {
        QuestionText question;
        for (int i = 0; i < 20; ++i) {
            const QString some(7000, u'x');
            if (!question.take(some))
                question.setTyped(question.typed() + some);
        }
        QVERIFY(question.typed().size() <= 20'000);
        QCOMPARE(question.text().count(u'x'), 20 * 7000);
    }

    void takesADraftApart()
    {
        QuestionText question;
        const QString draft = u"Why?\n\n"_s + megabyte();
        question.setText(draft);
        QCOMPARE(question.typed(), u"Why?"_s);
        QCOMPARE(question.text(), draft);
        question.setText(megabyte());
        QCOMPARE(question.typed(), QString());
        QCOMPARE(question.pastedText(0), megabyte());
        question.setText(u"short"_s);
        QCOMPARE(question.typed(), u"short"_s);
        QVERIFY(question.pasted().isEmpty());
        question.setText(u"  \n"_s);
        QVERIFY(question.isBlank());
    }

    void aDraftWithoutWordsComesBackAsItWas()
    {
        QuestionText question;
        QVERIFY(question.take(u"first\n\n"_s + megabyte()));
        const QString draft = question.text();
        QuestionText again;
        again.setText(draft);
        QCOMPARE(again.typed(), QString());
        QCOMPARE(again.text(), draft);
    }

    void isQuick()
    {
        const QString text = megabyte();
        QElapsedTimer clock;
        clock.start();
        QuestionText question;
        QVERIFY(question.take(text));
        for (int i = 0; i < 10; ++i)
            question.setTyped(question.typed() + u'a');
        LongText shown;
        shown.setText(question.text());
        QVERIFY(shown.preview().size() < 6000);
        QCOMPARE(shown.lines()->rowCount(), 20'003);
        qInfo("A megabyte was taken, typed after, and cut in %lld ms", clock.elapsed());
        QVERIFY(clock.elapsed() < 500); // 10 ms where nothing else runs
    }
};

QTEST_MAIN(tst_QuestionText)
#include "tst_QuestionText.moc"
