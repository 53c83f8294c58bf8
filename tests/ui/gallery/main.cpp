// Shows every page of this folder (or those named) once in light and once in dark, and saves a
// picture of each: ponder-gallery FOLDER [Page…]
#include <QDir>
#include <QGuiApplication>
#include <QQmlEngine>
#include <QQuickView>
#include <QTest>

int main(int argc, char** argv)
{
    QGuiApplication app(argc, argv);
    const QStringList arguments = app.arguments();
    const QDir folder(arguments.value(1, QStringLiteral(".")));
    folder.mkpath(QStringLiteral("."));
    const QDir source(QStringLiteral(PONDER_GALLERY));
    QStringList pages = arguments.mid(2);
    if (pages.isEmpty()) {
        for (const QString& file : source.entryList({QStringLiteral("*Page.qml")}))
            pages.append(file.chopped(4));
    }
    for (const QString& page : pages) {
        for (const bool dark : {false, true}) {
            QQuickView view;
            view.setResizeMode(QQuickView::SizeViewToRootObject);
            view.setInitialProperties({{QStringLiteral("dark"), dark}});
            view.setSource(QUrl::fromLocalFile(source.filePath(page + QStringLiteral(".qml"))));
            if (view.status() != QQuickView::Ready)
                return 1;
            view.show();
            view.requestActivate();
            QTest::qWait(900);
            const QString name
                = page + (dark ? QStringLiteral("-dark.png") : QStringLiteral("-light.png"));
            if (!view.grabWindow().save(folder.filePath(name)))
                return 1;
        }
    }
    return 0;
}
