#include "app/offline.h"
#include "app/window_options.h"
#include "engine/file/lost_pages.h"
#include "storage/conversation_store.h"
#include "storage/database.h"
#include "storage/draft_store.h"
#include "storage/settings_store.h"
#include "ui/chat/chat_view_model.h"
#include "ui/chat/device_view_model.h"
#include "ui/chat/drafts.h"
#include "ui/chat/inference_worker.h"
#include "ui/chat/local_engine.h"
#include "ui/chat/model_view_model.h"
#include "ui/chat/offline_view_model.h"
#include "ui/library/library_view_model.h"
#include "ui/library/storage_view_model.h"
#include "ui/settings/settings_view_model.h"
#include "ui/settings/window_place.h"

#include <QGuiApplication>
#include <QIcon>
#include <QQmlApplicationEngine>
#include <QQuickStyle>
#include <QTimer>

#include <chrono>
#include <optional>

using namespace ponder;
using namespace Qt::StringLiterals;

namespace {

constexpr std::chrono::milliseconds kLongestWithoutWindow{600};

QList<OfflineProbe> probeNow()
{
    QList<OfflineProbe> probes;
    for (const SocketProbe& probe : probeSockets())
        probes.append({QString::fromStdString(probe.family), probe.allowed,
            QString::fromStdString(probe.answer)});
    return probes;
}

} // namespace

int main(int argc, char** argv)
{
    const OfflineStatus offline = sealNetwork(); // before any other code can open anything
    surviveLostPages(); // a model's file that is cut short must not end the window

    QGuiApplication application(argc, argv);
    QGuiApplication::setApplicationName(u"ponder"_s);
    QGuiApplication::setApplicationDisplayName(u"Ponder"_s);
    QGuiApplication::setApplicationVersion(QStringLiteral(PONDER_VERSION));
    QGuiApplication::setDesktopFileName(u"io.github.ponder.Ponder"_s);
    QGuiApplication::setWindowIcon(QIcon(u":/qt/qml/Ponder/App/ponder.svg"_s));
    QQuickStyle::setStyle(u"Basic"_s); // every control is drawn by Ponder.Theme
    const WindowOptions options = readWindowOptions(application);

    storage::Database database;
    storage::ConversationStore conversations(database);
    storage::DraftStore draftStore(database);
    storage::SettingsStore settingsStore(database);
    InferenceWorker worker(std::make_unique<LocalEngine>());

    SettingsViewModel settings(settingsStore);
    StorageViewModel storage(database);
    LibraryViewModel library(conversations);
    ModelViewModel model(worker, settingsStore, settings, options.starterPath);
    DeviceViewModel device(worker, settings, model);
    Drafts drafts(draftStore);
    ChatViewModel chat(conversations, worker, model, settings, drafts);
    OfflineViewModel lock(offline.sealed, QString::fromStdString(offline.reason), probeNow);

    std::optional<WindowPlace> place; // once there is a window
    const auto showWindow = [&place] {
        if (place)
            place->show();
    };
    QObject::connect(&storage, &StorageViewModel::opened, &application, [&] {
        chat.setReadOnly({});
        library.load();
        drafts.load();
        settingsStore.load().then(&application, [&](const storage::Result<void>&) {
            showWindow();
            model.loadRecent();
            model.openFirst(options.modelPath);
        });
    });
    QObject::connect(&storage, &StorageViewModel::failedToOpen, &chat, &ChatViewModel::setReadOnly);
    QObject::connect(&storage, &StorageViewModel::failedToOpen, &application, showWindow);

    QQmlApplicationEngine engine;
    engine.setInitialProperties({
        {u"chat"_s, QVariant::fromValue(&chat)},
        {u"model"_s, QVariant::fromValue(&model)},
        {u"device"_s, QVariant::fromValue(&device)},
        {u"library"_s, QVariant::fromValue(&library)},
        {u"settings"_s, QVariant::fromValue(&settings)},
        {u"storage"_s, QVariant::fromValue(&storage)},
        {u"offline"_s, QVariant::fromValue(&lock)},
    });
    QObject::connect(
        &engine, &QQmlApplicationEngine::objectCreationFailed, &application,
        [] { QCoreApplication::exit(1); }, Qt::QueuedConnection);
    storage.open(options.databasePath);
    engine.loadFromModule("Ponder.App", "MainWindow");
    if (auto* window = qobject_cast<QWindow*>(engine.rootObjects().value(0)))
        place.emplace(*window, settingsStore);
    // Where it was is in the database, and that may have to be repaired first.
    QTimer::singleShot(kLongestWithoutWindow, &application, showWindow);

    const int status = QGuiApplication::exec();
    worker.shutDown(); // its last words still reach the storage, which closes after it
    return status;
}
