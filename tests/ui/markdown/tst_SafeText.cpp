#include <QTest>

#include "ui/markdown/safe_text.h"

using ponder::codeForScreen;
using ponder::textForClipboard;
using ponder::textForScreen;

class SafeTextTest : public QObject {
    Q_OBJECT

private slots:
    void controlCharactersAreShown();
    void textIsNotTurnedRound();
    void rightToLeftTextKeepsItsMarks();
    void emojiStayWhole();
    void codeHidesNothing();
    void theClipboardHoldsNoControlCharacters();
};

void SafeTextTest::controlCharactersAreShown()
{
    const QString nul(QChar(0));
    QCOMPARE(textForScreen("a" + nul + "b\x1b[31m\x07\x7f\tc\nd"),
        QStringLiteral("a\uFFFDb\u241B[31m\u2407\u2421\tc\nd"));
    QCOMPARE(textForScreen(QStringLiteral("\u009b31m")), QStringLiteral("\uFFFD31m"));
    QCOMPARE(textForScreen(QStringLiteral("\uFEFFa\r\nb")), QStringLiteral("a\nb"));
    QCOMPARE(textForScreen(QStringLiteral("na\u00efve \u4f60\u597d")),
        QStringLiteral("na\u00efve \u4f60\u597d"));
    QCOMPARE(textForScreen({}), QString());
}

void SafeTextTest::textIsNotTurnedRound()
{
    QCOMPARE(textForScreen(QStringLiteral("a\u202Egnp.exe\u202C")),
        QStringLiteral("a[U+202E]gnp.exe[U+202C]"));
    for (char16_t c = 0x202A; c <= 0x202E; ++c)
        QVERIFY(!textForScreen(QStringLiteral("ab") + QChar(c)).contains(QChar(c)));
    for (char16_t c = 0x2066; c <= 0x2069; ++c)
        QVERIFY(!textForScreen(QStringLiteral("ab") + QChar(c)).contains(QChar(c)));
}

void SafeTextTest::rightToLeftTextKeepsItsMarks()
{
    const QString isolated = QStringLiteral("\u05D0\u05D1 \u2066abc\u2069 \u05D2");
    QCOMPARE(textForScreen(isolated), isolated);
    QCOMPARE(textForClipboard(isolated), isolated);
    QVERIFY(!textForScreen(isolated + QChar(0x202D)).contains(QChar(0x202D)));
}

void SafeTextTest::emojiStayWhole()
{
    for (const char* emoji : {"1\uFE0F\u20E3", "\u2764\uFE0F", "\U0001F468\u200D\U0001F469"}) {
        const QString text = QString::fromUtf8(emoji);
        QCOMPARE(textForScreen(text), text);
        QCOMPARE(textForClipboard(text), text);
    }
}

void SafeTextTest::codeHidesNothing()
{
    QCOMPARE(codeForScreen(QStringLiteral("if (a\u200B == \u2067b\u2069)\u202E")),
        QStringLiteral("if (a[U+200B] == [U+2067]b[U+2069])[U+202E]"));
    QCOMPARE(codeForScreen(QStringLiteral("\uFEFFx\r\n\ty")), QStringLiteral("[U+FEFF]x\n\ty"));
    QCOMPARE(codeForScreen(QStringLiteral("a\u200Db\u200C\u00E9\u200D")),
        QStringLiteral("a[U+200D]b[U+200C]\u00E9[U+200D]"));
    // An emoji, and a Persian word.
    for (const char* whole : {"'\U0001F468\u200D\U0001F469'", "'\u0645\u06CC\u200C\u062E\u0648'"})
        QCOMPARE(codeForScreen(QString::fromUtf8(whole)), QString::fromUtf8(whole));
}

void SafeTextTest::theClipboardHoldsNoControlCharacters()
{
    const QString nul(QChar(0));
    QCOMPARE(textForClipboard("before" + nul + " after\x1b[31m\x07\b\r\nnext\rline\tend"),
        QStringLiteral("before after[31m\nnext\nline\tend"));
    QCOMPARE(
        textForClipboard(QStringLiteral("\uFEFFa\u202Eb\u202C\u2029c")), QStringLiteral("ab\nc"));
}

QTEST_GUILESS_MAIN(SafeTextTest)
#include "tst_SafeText.moc"
