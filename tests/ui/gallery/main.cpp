// Shows every page of the gallery once in light and once in dark, and saves a picture of each.
#include <QDir>
#include <QGuiApplication>
#include <QQmlApplicationEngine>
#include <QQuickItem>
#include <QQuickView>
#include <QTest>

int main(int argc, char** argv)
{
    QGuiApplication app(argc, argv);
    const QStringList arguments = app.arguments();
    const QString folder = arguments.value(1, QStringLiteral("."));
    QDir().mkpath(folder);
    const QStringList pages = arguments.size() > 2
        ? arguments.mid(2)
        : QStringList { "ControlsPage", "PopupsPage" };
    for (const QString& page : pages) {
        for (const bool dark : { false, true }) {
            QQuickView view;
            view.engine()->addImportPath(QStringLiteral("qrc:/qt/qml"));
            view.setResizeMode(QQuickView::SizeViewToRootObject);
            view.setInitialProperties({ { "dark", dark } });
            view.loadFromModule("Ponder.Gallery", page);
            if (view.status() != QQuickView::Ready)
                return 1;
            view.show();
            QTest::qWait(700);
            const QString name = page + (dark ? "-dark.png" : "-light.png");
            if (!view.grabWindow().save(QDir(folder).filePath(name)))
                return 1;
        }
    }
    return 0;
}
