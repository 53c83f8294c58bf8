// Runs the tst_*.qml of a folder: theme, markdown or thought.
#include <QQmlEngine>
#include <QtQuickTest>

class PaneSetup : public QObject {
    Q_OBJECT

public slots:
    void qmlEngineAvailable(QQmlEngine* engine)
    {
        engine->addImportPath(QStringLiteral("qrc:/qt/qml"));
        QObject::connect(engine, &QQmlEngine::warnings, [](const QList<QQmlError>& errors) {
            for (const QQmlError& error : errors)
                qWarning("QML: %s", qPrintable(error.toString()));
        });
    }
};

QUICK_TEST_MAIN_WITH_SETUP(pane, PaneSetup)
#include "pane_quick.moc"
