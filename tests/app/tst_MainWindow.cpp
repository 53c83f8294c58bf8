// The whole window on a scripted engine: what is dropped on it, and whether a person who cannot see or has no
// mouse finds everything.
#include "tests/app/shown_window.h"

#include <QAccessible>
#include <QDropEvent>
#include <QMimeData>
#include <QQuickItem>
#include <QQuickStyle>
#include <QSet>

using namespace ponder;
using namespace Qt::StringLiterals;
using Shown = ShownWindow;

namespace {

QList<QQuickItem*> allItems(QQuickItem* item)
{
    QList<QQuickItem*> all{item};
    for (QQuickItem* child : item->childItems())
        all += allItems(child);
    return all;
}

QString describe(const QQuickItem* item)
{
    QString words = QString::fromUtf8(item->metaObject()->className()) + u' ' + item->objectName();
    for (const QQuickItem* above = item->parentItem(); above; above = above->parentItem()) {
        if (!above->objectName().isEmpty())
            return words + u" in "_s + above->objectName();
    }
    return words;
}

/// What a person works with, rather than looks at.
bool isControl(const QQuickItem* item)
{
    for (const char* type : {"QQuickAbstractButton", "QQuickComboBox", "QQuickSlider",
             "QQuickSpinBox", "QQuickTextField", "QQuickTextArea"}) {
        if (item->inherits(type))
            return true;
    }
    return false;
}

bool isThere(const QQuickItem* item)
{
    return item->isVisible() && item->isEnabled() && item->width() > 0 && item->height() > 0;
}

QString accessibleName(QQuickItem* item)
{
    QAccessibleInterface* accessible = QAccessible::queryAccessibleInterface(item);
    return accessible ? accessible->text(QAccessible::Name) : QString();
}

QAccessible::Role accessibleRole(QQuickItem* item)
{
    QAccessibleInterface* accessible = QAccessible::queryAccessibleInterface(item);
    return accessible ? accessible->role() : QAccessible::NoRole;
}

/// Everything that Tab reaches, from where the window begins and round.
QSet<QQuickItem*> tabbed(QQuickWindow* window)
{
    QSet<QQuickItem*> reached;
    for (int i = 0; i < 200; ++i) {
        QQuickItem* item = window->activeFocusItem();
        for (; item; item = item->parentItem())
            reached.insert(item);
        QTest::keyClick(window, Qt::Key_Tab);
    }
    return reached;
}

void drop(QQuickWindow* window, const QMimeData& data, bool* accepted)
{
    const QPoint place(window->width() / 2, window->height() / 2);
    QDragEnterEvent enter(place, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(window, &enter);
    QDropEvent dropped(place, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(window, &dropped);
    *accepted = dropped.isAccepted();
}

} // namespace

class tst_MainWindow : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        QQuickStyle::setStyle(u"Basic"_s);
        QAccessible::setActive(true);
    }

    void aDroppedModelIsOpened()
    {
        Shown shown;
        QVERIFY(shown.isReady());
        QMimeData data;
        data.setUrls({QUrl::fromLocalFile(u"/models/another one.gguf"_s)});
        bool accepted = false;
        drop(shown.window, data, &accepted);
        QVERIFY(accepted);
        QTRY_COMPARE(shown.f.model.path(), u"/models/another one.gguf"_s);
        QTRY_VERIFY(shown.f.model.isReady() && !shown.f.model.isOpening());
    }

    void aDroppedFileThatIsNoModelIsExplained()
    {
        Shown shown;
        QVERIFY(shown.isReady());
        QMimeData data;
        data.setUrls({QUrl::fromLocalFile(u"/models/bad.gguf"_s)});
        bool accepted = false;
        drop(shown.window, data, &accepted);
        QTRY_COMPARE(shown.f.model.problem(), u"bad.gguf is not a model."_s);
    }

    void droppedTextIsNotTaken()
    {
        Shown shown;
        QVERIFY(shown.isReady());
        QMimeData data;
        data.setText(u"/models/another.gguf"_s);
        bool accepted = true;
        drop(shown.window, data, &accepted);
        QVERIFY(!accepted);
        QTest::qWait(50);
        QCOMPARE(shown.f.model.path(), u"/models/good.gguf"_s);
    }

    void everyControlHasANameAndIsReachedByTab_data()
    {
        QTest::addColumn<bool>("talking");
        QTest::newRow("welcome") << false;
        QTest::newRow("conversation") << true;
    }

    void everyControlHasANameAndIsReachedByTab()
    {
        QFETCH(bool, talking);
        Shown shown;
        QVERIFY(shown.isReady());
        if (talking) {
            QVERIFY(shown.f.askAndWait(u"What is 7 + 5?"_s));
            QTest::qWait(500); // until nothing moves any more
        }
        const QSet<QQuickItem*> reached = tabbed(shown.window);
        QStringList nameless;
        QStringList unreached;
        int controls = 0;
        for (QQuickItem* item : allItems(shown.window->contentItem())) {
            if (!isControl(item) || !isThere(item))
                continue;
            ++controls;
            if (accessibleName(item).isEmpty() || accessibleRole(item) == QAccessible::Client)
                nameless.append(describe(item));
            // What is left out of Tab on purpose is a row of a list, or stands in one that has the keys for it.
            const bool leftOut = item->property("focusPolicy").toInt() == Qt::NoFocus;
            if (!reached.contains(item) && !leftOut && !isInReachedList(item, reached))
                unreached.append(describe(item));
        }
        QVERIFY2(controls >= 8, qPrintable(QString::number(controls)));
        QVERIFY2(nameless.isEmpty(), qPrintable(nameless.join(u'\n')));
        QVERIFY2(unreached.isEmpty(), qPrintable(unreached.join(u'\n')));
    }

    void everythingThatCanBeReadIsSaid()
    {
        Shown shown;
        QVERIFY(shown.isReady());
        QVERIFY(shown.f.askAndWait(u"What is 7 + 5?"_s));
        QStringList silent;
        QStringList names;
        for (QQuickItem* item : allItems(shown.window->contentItem())) {
            if (!item->inherits("QQuickTextEdit") || !isThere(item))
                continue;
            names.append(accessibleName(item));
            if (names.last().isEmpty())
                silent.append(describe(item));
        }
        QVERIFY2(silent.isEmpty(), qPrintable(silent.join(u'\n')));
        QVERIFY2(names.contains(u"It is 12."_s), qPrintable(names.join(u'\n')));
        QVERIFY2(names.contains(u"You asked: What is 7 + 5?"_s), qPrintable(names.join(u'\n')));
    }

    void theKeyboardIsTheComposersAfterAnEdit()
    {
        Shown shown;
        QVERIFY(shown.isReady());
        QVERIFY(shown.f.askAndWait(u"What is 7 + 5?"_s));
        const auto focused = [&] {
            const QQuickItem* item = shown.window->activeFocusItem();
            return item ? item->objectName() : QString();
        };
        QQuickItem* edit = nullptr;
        for (QQuickItem* item : allItems(shown.window->contentItem())) {
            if (item->objectName() == u"question.edit")
                edit = item;
        }
        QVERIFY(edit);
        for (const Qt::Key key : {Qt::Key_Escape, Qt::Key_Return}) {
            edit->forceActiveFocus(Qt::TabFocusReason);
            QTest::keyClick(shown.window, Qt::Key_Return);
            QTRY_COMPARE(focused(), u"question.editor"_s);
            QTest::keyClick(shown.window, key);
            QTRY_COMPARE(focused(), u"composer.input"_s);
        }
    }

private:
    [[nodiscard]] static bool isInReachedList(
        const QQuickItem* item, const QSet<QQuickItem*>& reached)
    {
        for (QQuickItem* above = item->parentItem(); above; above = above->parentItem()) {
            if (above->inherits("QQuickListView") && reached.contains(above))
                return true;
        }
        return false;
    }
};

QTEST_MAIN(tst_MainWindow)
#include "tst_MainWindow.moc"
