#include "ui/text/plain_text.h"

#include <QTest>

using namespace ponder;
using namespace Qt::StringLiterals;

class tst_PlainText : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates)); }

    void makesNamesPlain_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("plain");
        QTest::newRow("as it is") << u"DeepSeek-R1 (Q4_K)"_s << u"DeepSeek-R1 (Q4_K)"_s;
        QTest::newRow("lines") << u"one\ntwo\r\nthree\u2028four\u2029five\tsix"_s
                               << u"one two three four five six"_s;
        QTest::newRow("mark-up stays what it is") << u"<b>R1</b> **x**"_s << u"<b>R1</b> **x**"_s;
        QTest::newRow("override") << u"a\u202Egpj.exe"_s << u"agpj.exe"_s;
        QTest::newRow("isolates") << u"\u2066a\u2067b\u2069\u2068c"_s << u"abc"_s;
        QTest::newRow("controls") << u"a\u0000b\u001Bc\u0085d\u007F"_s << u"a b c d"_s;
        QTest::newRow("invisible") << u"\uFEFFa\u200Bb\u2060c\u00AD"_s << u"abc"_s;
        QTest::newRow("emoji with joiner")
            << u"\U0001F469\u200D\U0001F4BB"_s << u"\U0001F469\u200D\U0001F4BB"_s;
        QTest::newRow("nothing left") << u"\n\u202E\u0000"_s << QString();
        QTest::newRow("Arabic") << u"نموذج"_s << u"نموذج"_s;
    }

    void makesNamesPlain()
    {
        QFETCH(QString, name);
        QTEST(plainName(name), "plain");
    }

    void cutsLongNamesBetweenCharacters()
    {
        const QString cut = plainName(QString(300, u'x'));
        QCOMPARE(cut.size(), 160);
        QVERIFY(cut.endsWith(u'…'));
        const QString pairs = plainName(u"a"_s + u"\U0001F600"_s.repeated(200));
        QVERIFY(!pairs.at(pairs.size() - 2).isHighSurrogate());
    }

    void groupsFigures_data()
    {
        QTest::addColumn<QString>("message");
        QTest::addColumn<QString>("grouped");
        const auto same = [](const char* text) {
            QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(text);
        };
        QTest::newRow("both") << u"This is 608899 tokens long, and the context holds 1024."_s
                              << u"This is 608,899 tokens long, and the context holds 1,024."_s;
        QTest::newRow("beginning and end")
            << u"4168000 of 12345678"_s << u"4,168,000 of 12,345,678"_s;
        same("999 tokens");
        same("model-20240601.gguf is missing");
        same("/tmp/12345/model.gguf");
        same("“12345” is missing");
        same("12345.gguf is missing");
        same("version 1.12345");
        same("0x12345 and a12345");
        same("123456789012345678901234567890");
    }

    void groupsFigures()
    {
        QFETCH(QString, message);
        QTEST(withGroupedFigures(message), "grouped");
    }
};

QTEST_MAIN(tst_PlainText)
#include "tst_PlainText.moc"
