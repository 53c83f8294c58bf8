#include <QQmlComponent>
#include <QQmlEngine>
#include <QQuickItem>
#include <QSignalSpy>
#include <QTest>
#include <QTextBlock>
#include <QTextDocument>
#include <QTextLayout>
#include <cmath>

#include "ui/markdown/code_document.h"

using ponder::CodeDocument;
using ponder::CodeLanguages;

class CodeDocumentTest : public QObject {
    Q_OBJECT

private slots:
    void init();
    void coloursCanBeRead();
    void languages_data();
    void languages();
    void highlights();
    void growsWithoutStartingAgain();
    void followsTheScheme();
    void unknownLanguagesStayPlain();
    void longLinesStayPlain();
    void languageCanComeLast();
    void longCodeComesInTurns();
    void coloursChangeInPlace();
    void readsFromLeftToRight();

private:
    /// The code in the text edit, coloured as this language.
    void show(CodeDocument& code, const QString& language)
    {
        code.setDocument(m_quick);
        code.setLanguages(&m_languages);
        code.setLanguage(language);
    }
    [[nodiscard]] QTextDocument* document() const { return m_quick->textDocument(); }
    [[nodiscard]] int formats(int line) const
    {
        return int(document()->findBlockByNumber(line).layout()->formats().size());
    }

    QQmlEngine m_engine;
    CodeLanguages m_languages;
    std::unique_ptr<QObject> m_edit;
    QQuickTextDocument* m_quick = nullptr;
};

void CodeDocumentTest::init()
{
    QQmlComponent component(&m_engine);
    component.setData("import QtQuick; TextEdit { textFormat: TextEdit.PlainText }", {});
    m_edit.reset(component.create());
    QVERIFY2(m_edit, qPrintable(component.errorString()));
    m_quick = m_edit->property("textDocument").value<QQuickTextDocument*>();
    QVERIFY(m_quick);
}

void CodeDocumentTest::coloursCanBeRead()
{
    const auto luminance = [](QRgb rgb) {
        const auto part = [](int v) {
            const double s = v / 255.0;
            return s <= 0.04045 ? s / 12.92 : std::pow((s + 0.055) / 1.055, 2.4);
        };
        return 0.2126 * part(qRed(rgb)) + 0.7152 * part(qGreen(rgb)) + 0.0722 * part(qBlue(rgb));
    };
    for (const bool dark : {false, true}) {
        const KSyntaxHighlighting::Theme theme = m_languages.theme(dark);
        QCOMPARE(
            theme.name(), dark ? QStringLiteral("Ponder Dark") : QStringLiteral("Ponder Light"));
        const double paper
            = luminance(theme.editorColor(KSyntaxHighlighting::Theme::BackgroundColor));
        for (int style = 0; style <= KSyntaxHighlighting::Theme::Others; ++style) {
            const double ink
                = luminance(theme.textColor(KSyntaxHighlighting::Theme::TextStyle(style)));
            const double ratio = (std::max(ink, paper) + 0.05) / (std::min(ink, paper) + 0.05);
            QVERIFY2(
                ratio >= 4.5, qPrintable(QStringLiteral("style %1: %2").arg(style).arg(ratio)));
        }
    }
}

void CodeDocumentTest::languages_data()
{
    QTest::addColumn<QString>("info");
    QTest::addColumn<QString>("name");
    const auto row
        = [](const char* info, const char* name) { QTest::newRow(info) << info << name; };
    row("py", "Python");
    row("Python", "Python");
    row("python3", "Python");
    row("c++", "C++");
    row("cpp", "C++");
    row("js", "JavaScript");
    row("js {1,3}", "JavaScript");
    row("ts", "TypeScript");
    row("sh", "Bash");
    row("bash", "Bash");
    row("json", "JSON");
    row("rust", "Rust");
    row("rs", "Rust");
    row("html", "HTML");
    row("yaml", "YAML");
    row("qml", "QML");
    row("no-such-language", "no-such-language");
    row("", "");
}

void CodeDocumentTest::languages()
{
    QFETCH(QString, info);
    CodeDocument code;
    code.setLanguages(&m_languages);
    code.setLanguage(info);
    QTEST(code.languageName(), "name");
}

void CodeDocumentTest::highlights()
{
    CodeDocument code;
    show(code, QStringLiteral("py"));
    code.setText(QStringLiteral("def f():\n    return 'x'"));
    QCOMPARE(document()->toPlainText(), code.text());
    QTRY_VERIFY(formats(0) > 0);
    QVERIFY(formats(1) > 0);
}

void CodeDocumentTest::growsWithoutStartingAgain()
{
    CodeDocument code;
    show(code, QStringLiteral("py"));
    code.setText(QStringLiteral("a = 1\nb = "));
    QSignalSpy changes(document(), &QTextDocument::contentsChange);
    code.setText(QStringLiteral("a = 1\nb = 2\nc = 'three'"));
    QCOMPARE(document()->toPlainText(), code.text());
    QVERIFY(!changes.isEmpty());
    for (const QList<QVariant>& change : changes)
        QVERIFY2(change.at(0).toInt() >= 6, "the first line was touched");
    QTRY_VERIFY(formats(2) > 0);
    code.setText(QStringLiteral("x"));
    QCOMPARE(document()->toPlainText(), QStringLiteral("x"));
}

void CodeDocumentTest::followsTheScheme()
{
    CodeDocument code;
    show(code, QStringLiteral("py"));
    code.setText(QStringLiteral("'text'"));
    QTRY_VERIFY(formats(0) > 0);
    const QColor light
        = document()->firstBlock().layout()->formats().first().format.foreground().color();
    code.setDark(true);
    QTRY_VERIFY(formats(0) > 0);
    const QColor dark
        = document()->firstBlock().layout()->formats().first().format.foreground().color();
    QVERIFY(light != dark);
}

void CodeDocumentTest::unknownLanguagesStayPlain()
{
    CodeDocument code;
    show(code, QStringLiteral("no-such-language"));
    code.setText(QStringLiteral("def f(): return 'x'"));
    QCoreApplication::processEvents();
    QCOMPARE(formats(0), 0);
    QCOMPARE(document()->toPlainText(), code.text());
}

void CodeDocumentTest::longLinesStayPlain()
{
    CodeDocument code;
    show(code, QStringLiteral("py"));
    code.setText(QStringLiteral("x = '") + QString(100'000, u'a'));
    QCoreApplication::processEvents();
    QCOMPARE(formats(0), 0);
}

void CodeDocumentTest::languageCanComeLast()
{
    CodeDocument code;
    code.setText(QStringLiteral("def f(): return 'x'"));
    code.setDocument(m_quick);
    QCOMPARE(document()->toPlainText(), code.text());
    code.setLanguages(&m_languages);
    code.setLanguage(QStringLiteral("py"));
    QTRY_VERIFY(formats(0) > 0);
}

void CodeDocumentTest::longCodeComesInTurns()
{
    CodeDocument code;
    show(code, QStringLiteral("py"));
    const QString text = QStringLiteral("'text'\n").repeated(4'000);
    code.setText(text);
    const int missing = code.missingLines();
    QVERIFY(missing > 1'000);
    QCOMPARE(document()->blockCount() - 1, 4'000 - missing);
    code.setText(text + QStringLiteral("def end():"));
    QVERIFY(code.missingLines() > 1'000);
    QTRY_COMPARE(document()->blockCount(), 4'001);
    QTRY_VERIFY(document()->toPlainText() == code.text());
    QCOMPARE(code.missingLines(), 0);
    QVERIFY(formats(4'000) > 0);
    code.setText(QStringLiteral("x"));
    QCOMPARE(document()->toPlainText(), QStringLiteral("x"));
}

void CodeDocumentTest::coloursChangeInPlace()
{
    CodeDocument code;
    show(code, QStringLiteral("py"));
    code.setText(QStringLiteral("'text'\n").repeated(2'000));
    QTRY_COMPARE(code.missingLines(), 0);
    const auto colour = [this](int line) {
        return document()->findBlockByNumber(line).layout()->formats().first().format.foreground();
    };
    const QBrush light = colour(1'999);
    QCOMPARE(colour(0), light);
    QSignalSpy changes(document(), &QTextDocument::contentsChange);
    code.setDark(true);
    QTRY_VERIFY(colour(1'999) != light);
    QCOMPARE(colour(0), colour(1'999));
    for (const QList<QVariant>& change : changes)
        QCOMPARE(
            change.at(1).toInt(), change.at(2).toInt()); // no text came or went: a selection stays
}

void CodeDocumentTest::readsFromLeftToRight()
{
    CodeDocument code;
    code.setDocument(m_quick);
    code.setText(QStringLiteral("# \u0645\u0631\u062d\u0628\u0627\nx = 1"));
    for (QTextBlock line = document()->begin(); line.isValid(); line = line.next())
        QCOMPARE(line.textDirection(), Qt::LeftToRight);
}

QTEST_MAIN(CodeDocumentTest)
#include "tst_CodeDocument.moc"
