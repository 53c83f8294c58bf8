#pragma once

#include "storage/conversations/conversation_store.h"
#include "tests/ui/chat_fixture.h"
#include "ui/chat/offline_view_model.h"
#include "ui/library/storage_view_model.h"
#include "ui/settings/system_hints.h"

#include <QQmlApplicationEngine>
#include <QQuickWindow>

namespace ponder {

/// The whole window on the fixture's view models, shown as main shows it.
struct ShownWindow {
    ChatFixture f;
    StorageViewModel storage{f.database};
    OfflineViewModel offline{true, QString(), [] { return QList<OfflineProbe>(); }};
    SystemHints hints{f.settingsStore};
    QQmlApplicationEngine engine;
    QQuickWindow* window = nullptr;

    ShownWindow()
    {
        engine.addImportPath(QStringLiteral("qrc:/qt/qml"));
        engine.setInitialProperties({
            {QStringLiteral("chat"), QVariant::fromValue(&f.chat)},
            {QStringLiteral("model"), QVariant::fromValue(&f.model)},
            {QStringLiteral("device"), QVariant::fromValue(&f.device)},
            {QStringLiteral("library"), QVariant::fromValue(&f.library)},
            {QStringLiteral("settings"), QVariant::fromValue(&f.settings)},
            {QStringLiteral("storage"), QVariant::fromValue(&storage)},
            {QStringLiteral("offline"), QVariant::fromValue(&offline)},
            {QStringLiteral("hints"), QVariant::fromValue(&hints)},
        });
        engine.loadFromModule("Ponder.App", "MainWindow");
        window = qobject_cast<QQuickWindow*>(engine.rootObjects().value(0));
        if (!window)
            return;
        window->show();
        f.library.load();
    }

    [[nodiscard]] bool isReady()
    {
        return window && QTest::qWaitForWindowActive(window) && f.openModel();
    }
};

} // namespace ponder
