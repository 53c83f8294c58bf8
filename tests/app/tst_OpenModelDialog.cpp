// The dialog that picks a model, in the window, from the keyboard.
#include "tests/app/shown_window.h"

#include <QDir>
#include <QQuickItem>
#include <QQuickStyle>
#include <QTemporaryDir>

using namespace ponder;
using namespace Qt::StringLiterals;

class tst_OpenModelDialog : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        QQuickStyle::setStyle(u"Basic"_s);
        m_home = QDir(m_folder.path()).canonicalPath();
        qputenv("HOME", m_home.toUtf8());
        for (const char* folder : {"apples", "apricots", "Bananas", ".cache/huggingface", "empty"})
            QVERIFY(QDir(m_home).mkpath(QString::fromLatin1(folder)));
        write(u"small.gguf"_s, 10, 30);
        write(u"middle.gguf"_s, 2000, 20);
        write(u"large.gguf"_s, 300'000, 10);
        write(u"notes.txt"_s, 5, 0);
    }

    void init()
    {
        m_shown = std::make_unique<ShownWindow>();
        QVERIFY(m_shown->isReady());
        QTest::keyClick(m_shown->window, Qt::Key_O, Qt::ControlModifier);
        QTRY_VERIFY(item(u"openModel.list"_s) && item(u"openModel.list"_s)->hasActiveFocus());
        type(u"~"_s);
        QTRY_COMPARE(count(), 7);
    }
    void cleanup() { m_shown.reset(); }

    void wordsLeadToFoldersAndAreExplained()
    {
        type(u"~/apples"_s);
        QTRY_COMPARE(word(u"openModel.path"_s), m_home + u"/apples"_s);
        QTRY_COMPARE(count(), 0);
        QTRY_VERIFY(word(u"openModel.empty"_s).contains(u"No model files"_s));
        QCOMPARE(word(u"openModel.problem"_s), QString());

        type(u"~/nothing/at/all"_s);
        QTRY_VERIFY(word(u"openModel.problem"_s).contains(u"There is no file or folder"_s));
        QCOMPARE(word(u"openModel.path"_s), u"~/nothing/at/all"_s); // to be mended
        QTRY_COMPARE(count(), 7); // the nearest folder that there is
        type(u"$HOME/notes.txt"_s);
        QTRY_VERIFY(word(u"openModel.problem"_s).contains(u"notes.txt is not a model"_s));
        QTest::keyClick(m_shown->window, Qt::Key_End);
        QTest::keyClick(m_shown->window, Qt::Key_X);
        QCOMPARE(word(u"openModel.problem"_s), QString()); // while one mends it

        type(u"$HOME/small.gguf"_s);
        QTRY_COMPARE(m_shown->f.model.path(), m_home + u"/small.gguf"_s);
    }

    void lettersLeadToNames()
    {
        press(u"b"_s);
        QCOMPARE(current(), u"Bananas"_s); // in any case
        QTest::qWait(1100);
        press(u"a"_s);
        QCOMPARE(current(), u"apples"_s);
        press(u"a"_s);
        QCOMPARE(current(), u"apricots"_s); // the same letter goes on
        QTest::qWait(1100);
        press(u"apr"_s);
        QCOMPARE(current(), u"apricots"_s);
        QTest::qWait(1100);
        press(u"sm"_s);
        QCOMPARE(current(), u"small.gguf"_s);
        QTest::qWait(1100);
        press(u"z"_s);
        QCOMPARE(current(), u"small.gguf"_s);
        QTest::keyClick(m_shown->window, Qt::Key_Home);
        QCOMPARE(current(), u"apples"_s);
        QTest::keyClick(m_shown->window, Qt::Key_End);
        QCOMPARE(current(), u"small.gguf"_s);
        QTest::keyClick(m_shown->window, Qt::Key_Return);
        QTRY_COMPARE(m_shown->f.model.path(), m_home + u"/small.gguf"_s);
    }

    void hiddenFoldersAreAChoice()
    {
        item(u"openModel.hidden"_s)->forceActiveFocus(Qt::TabFocusReason);
        QTest::keyClick(m_shown->window, Qt::Key_Space);
        QTRY_COMPARE(count(), 8);
        type(u"~/.cache"_s);
        QTRY_COMPARE(count(), 1);
        QCOMPARE(current(), u"huggingface"_s);
        QTest::keyClick(m_shown->window, Qt::Key_Backspace);
        QTRY_COMPARE(word(u"openModel.path"_s), m_home);
    }

    void escapeClosesFromTheList()
    {
        item(u"openModel.list"_s)->forceActiveFocus();
        QTest::keyClick(m_shown->window, Qt::Key_Escape);
        QTRY_VERIFY(!item(u"openModel.list"_s) || !item(u"openModel.list"_s)->isVisible());
    }

    void filesComeInThreeOrders()
    {
        const auto files = [&] {
            QStringList names;
            for (int row = 4; row < count(); ++row)
                names.append(name(row));
            return names;
        };
        QTRY_COMPARE(files(), QStringList({u"large.gguf"_s, u"middle.gguf"_s, u"small.gguf"_s}));
        item(u"openModel.order"_s)->setProperty("currentIndex", 1);
        QTRY_COMPARE(files(), QStringList({u"large.gguf"_s, u"middle.gguf"_s, u"small.gguf"_s}));
        write(u"small.gguf"_s, 10, 0);
        type(u"~/empty"_s);
        QTRY_COMPARE(count(), 0);
        type(u"~"_s);
        QTRY_COMPARE(count(), 7);
        QTRY_COMPARE(files(), QStringList({u"small.gguf"_s, u"large.gguf"_s, u"middle.gguf"_s}));
        item(u"openModel.order"_s)->setProperty("currentIndex", 2);
        QTRY_COMPARE(files(), QStringList({u"large.gguf"_s, u"middle.gguf"_s, u"small.gguf"_s}));
    }

private:
    QQuickItem* item(const QString& name) { return m_shown->window->findChild<QQuickItem*>(name); }
    QString word(const QString& name) { return item(name)->property("text").toString(); }
    int count() { return item(u"openModel.list"_s)->property("count").toInt(); }
    QString name(int row)
    {
        QQuickItem* delegate = nullptr;
        QMetaObject::invokeMethod(
            item(u"openModel.list"_s), "itemAtIndex", Q_RETURN_ARG(QQuickItem*, delegate), row);
        return delegate ? delegate->property("text").toString() : QString();
    }
    QString current() { return name(item(u"openModel.list"_s)->property("currentIndex").toInt()); }
    void press(const QString& letters)
    {
        for (const QChar letter : letters)
            QTest::keyClick(m_shown->window, letter.toLatin1());
    }
    void type(const QString& words)
    {
        QQuickItem* field = item(u"openModel.path"_s);
        field->forceActiveFocus();
        field->setProperty("text", words);
        QTest::keyClick(m_shown->window, Qt::Key_Return);
    }
    void write(const QString& name, int bytes, int minutesAgo)
    {
        QFile file(m_home + u'/' + name);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QByteArray(bytes, 'x'));
        file.flush();
        file.setFileTime(QDateTime::currentDateTime().addSecs(-60 * minutesAgo),
            QFileDevice::FileModificationTime);
    }

    QTemporaryDir m_folder;
    QString m_home;
    std::unique_ptr<ShownWindow> m_shown;
};

QTEST_MAIN(tst_OpenModelDialog)
#include "tst_OpenModelDialog.moc"
