// What a frame of streaming costs the GUI thread at 32k tokens: the model, the block's text and its
// layout, and everything that Qt Quick does until the scene is ready to be drawn.
#include <QQmlComponent>
#include <QQmlEngine>
#include <QQuickItem>
#include <QQuickView>
#include <QTest>

#include "tests/ui/cpu_clock.h"

class PaneSpeedTest : public QObject {
    Q_OBJECT

private slots:
    void aFrame_data();
    void aFrame();
};

namespace {

QString prose(int words)
{
    QString text;
    for (int i = 0; i < words; ++i) {
        text += QStringLiteral("word%1").arg(i % 97);
        text += i % 60 == 59 ? QStringLiteral("\n\n") : QStringLiteral(" ");
    }
    return text;
}

} // namespace

void PaneSpeedTest::aFrame_data()
{
    QTest::addColumn<QString>("qml");
    QTest::addColumn<QString>("before");
    // Four milliseconds are the aim, eight the bound on a busy machine. Code does not meet it yet
    // (docs/performance.md): its bound only keeps it from getting worse.
    QTest::addColumn<double>("limit");
    const QString answer = QStringLiteral(
        "import QtQuick; import Ponder.Markdown\n"
        "Flickable { width: 700; height: 600; property alias text: view.source; contentHeight: "
        "view.height\n"
        "MarkdownView { id: view; width: 700 }\n"
        "onContentHeightChanged: contentY = Math.max(0, contentHeight - height) }");
    QTest::newRow("answer, prose") << answer << prose(20'000) << 8.0;
    QTest::newRow("answer, code") << answer
                                  << "```py\n" + QStringLiteral("x = 1 + y\n").repeated(200)
                                  << 48.0;
    QTest::newRow("thought") << QStringLiteral(
        "import QtQuick; import Ponder.Thought\n"
        "Item { width: 700; height: 600; property alias text: model.text\n"
        "ThoughtPane { width: 700; maximumHeight: 240\n"
        "thought: ThoughtViewModel { id: model; phase: ThoughtViewModel.Thinking } } }")
                             << prose(20'000) << 8.0;
}

void PaneSpeedTest::aFrame()
{
    QFETCH(QString, qml);
    QFETCH(QString, before);
    QFETCH(double, limit);
    QQuickView view;
    view.engine()->addImportPath(QStringLiteral("qrc:/qt/qml"));
    QQmlComponent component(view.engine());
    component.setData(qml.toUtf8(), {});
    auto* root = qobject_cast<QQuickItem*>(component.create());
    QVERIFY2(root, qPrintable(component.errorString()));
    view.setContent({}, nullptr, root);
    view.show();
    QVERIFY(QTest::qWaitForWindowExposed(&view));
    const double begin = cpuMilliseconds();
    root->setProperty("text", before);
    const double first = cpuMilliseconds() - begin;
    QTest::qWait(2500); // the rest of the blocks comes in turns
    QList<double> times;
    for (int i = 0; i < 100; ++i) {
        before += i % 30 == 29 ? QStringLiteral("word\n\n") : QStringLiteral("word ");
        double end = 0;
        // The offscreen platform draws on this thread; drawing itself is not counted.
        const auto stop = connect(
            &view, &QQuickWindow::afterSynchronizing, this, [&] { end = cpuMilliseconds(); },
            Qt::DirectConnection);
        const double start = cpuMilliseconds();
        root->setProperty("text", before);
        view.update();
        while (end == 0)
            QCoreApplication::processEvents(QEventLoop::AllEvents, 20);
        disconnect(stop);
        times.append(end - start);
    }
    std::sort(times.begin(), times.end());
    const double median = times.at(times.size() / 2);
    qInfo("shown after %.1f ms; a frame: median %.2f ms, nine in ten %.2f ms", first, median,
        times.at(times.size() * 9 / 10));
    QVERIFY2(median < limit, qPrintable(QStringLiteral("%1 ms").arg(median)));
}

QTEST_MAIN(PaneSpeedTest)
#include "tst_PaneSpeed.moc"
