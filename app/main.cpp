#include "app/display_problem.h"
#include "app/drawing.h"
#include "app/offline.h"
#include "app/standard_streams.h"
#include "app/window_options.h"
#include "engine/file/lost_pages.h"
#include "engine/local_engine.h"
#include "storage/conversations/conversation_store.h"
#include "storage/conversations/draft_store.h"
#include "storage/database/database.h"
#include "storage/ponder_schema.h"
#include "storage/settings_store.h"
#include "ui/chat/chat_view_model.h"
#include "ui/chat/font_watch.h"
#include "ui/chat/offline_view_model.h"
#include "ui/composer/drafts.h"
#include "ui/library/library_view_model.h"
#include "ui/library/storage_view_model.h"
#include "ui/models/device_view_model.h"
#include "ui/models/model_view_model.h"
#include "ui/settings/settings_view_model.h"
#include "ui/settings/system_hints.h"
#include "ui/settings/window_place.h"
#include "ui/theme/cursor_rest.h"
#include "ui/worker/inference_worker.h"

#include <QGuiApplication>
#include <QIcon>
#include <QQmlApplicationEngine>
#include <QQuickStyle>
#include <QQuickWindow>
#include <QTimer>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string_view>
#include <vector>

#include <unistd.h>

using namespace ponder;
using namespace Qt::StringLiterals;

namespace {

constexpr std::chrono::milliseconds kLongestWithoutWindow{600};
// How often new text is drawn. Where the processor draws, each picture takes its time from the answer.
constexpr std::chrono::milliseconds kPaceWithOpenGl{33};
constexpr std::chrono::milliseconds kPaceWithoutOpenGl{150};
// No exit code of the program: the drawing failed, and the window is to be opened anew without OpenGL.
constexpr int kDrawAnew = 1000;
constexpr auto kDrawingFailed = "PONDER_DRAWING_FAILED"; // what the run before says to the next

QList<OfflineProbe> probeNow()
{
    QList<OfflineProbe> probes;
    for (const SocketProbe& probe : probeSockets())
        probes.append({QString::fromStdString(probe.family), probe.allowed,
            QString::fromStdString(probe.answer)});
    return probes;
}

/// A window whose drawing fails, as when the graphics card is lost, is opened anew without it.
void watchDrawing(QQuickWindow& window)
{
    QObject::connect(
        &window, &QQuickWindow::sceneGraphError, &window,
        [](QQuickWindow::SceneGraphError, const QString& message) {
            const bool again = QQuickWindow::sceneGraphBackend() != "software"_L1;
            std::fprintf(stderr, "ponder: The window cannot be drawn: %s%s\n", qPrintable(message),
                again ? "\nPonder goes on without the graphics card." : "");
            qputenv(kDrawingFailed, message.toUtf8());
            QCoreApplication::exit(again ? kDrawAnew : 1);
        },
        Qt::QueuedConnection);
}

/// Words on the terminal need no display.
bool wantsWordsOnly(int argc, char** argv)
{
    const std::vector<std::string_view> words{"-h", "--help", "--help-all", "-v", "--version"};
    return std::any_of(argv + 1, argv + argc, [&](const char* argument) {
        return std::find(words.begin(), words.end(), argument) != words.end();
    });
}

int showWindow(const OfflineStatus& offline, int argc, char** argv)
{
    Drawing drawing(argc, argv); // asks beside what follows
    std::optional<DisplayWatch> displayWatch(std::in_place, argc, argv);
    QGuiApplication application(argc, argv);
    displayWatch.reset();
    QGuiApplication::setApplicationDisplayName(u"Ponder"_s);
    QGuiApplication::setDesktopFileName(u"io.github.ponder.Ponder"_s);
    QGuiApplication::setWindowIcon(QIcon(u":/qt/qml/Ponder/App/ponder.svg"_s));
    QQuickStyle::setStyle(u"Basic"_s); // every control is drawn by Ponder.Theme
    const WindowOptions options = readWindowOptions(application);
    const CursorRest cursorRest;

    storage::Database database(storage::ponderSchema());
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
    OfflineViewModel lock(
        offline.sealed, QString::fromStdString(offline.reason), probeNow, offline.landlock);
    SystemHints hints(settingsStore);
    const FontWatch fontWatch(*chat.messages(), hints);

    std::optional<WindowPlace> place; // once there is a window
    const auto show = [&place] {
        if (place)
            place->show();
    };
    QObject::connect(&storage, &StorageViewModel::opened, &application, [&] {
        chat.composer()->setReadOnly({});
        library.load();
        drafts.load();
        settingsStore.load().then(&application, [&](const storage::Result<void>&) {
            show();
            hints.begin();
            model.loadRecent();
            model.openFirst(options.modelPath);
        });
    });
    QObject::connect(&storage, &StorageViewModel::failedToOpen, chat.composer(),
        &ComposerViewModel::setReadOnly);
    QObject::connect(&storage, &StorageViewModel::failedToOpen, &application, [&] {
        show();
        hints.begin();
    });

    QQmlApplicationEngine engine;
    engine.setInitialProperties({
        {u"chat"_s, QVariant::fromValue(&chat)},
        {u"model"_s, QVariant::fromValue(&model)},
        {u"device"_s, QVariant::fromValue(&device)},
        {u"library"_s, QVariant::fromValue(&library)},
        {u"settings"_s, QVariant::fromValue(&settings)},
        {u"storage"_s, QVariant::fromValue(&storage)},
        {u"offline"_s, QVariant::fromValue(&lock)},
        {u"hints"_s, QVariant::fromValue(&hints)},
    });
    QObject::connect(
        &engine, &QQmlApplicationEngine::objectCreationFailed, &application,
        [] { QCoreApplication::exit(1); }, Qt::QueuedConnection);
    storage.open(options.databasePath);
    if (drawing.wantsSoftware())
        QQuickWindow::setGraphicsApi(QSGRendererInterface::Software);
    engine.loadFromModule("Ponder.App", "MainWindow");
    if (auto* window = qobject_cast<QQuickWindow*>(engine.rootObjects().value(0))) {
        place.emplace(*window, settingsStore);
        watchDrawing(*window);
    }
    worker.setPace(
        QQuickWindow::sceneGraphBackend() == "software"_L1 ? kPaceWithoutOpenGl : kPaceWithOpenGl);
    if (const QString failure = qEnvironmentVariable(kDrawingFailed); !failure.isEmpty())
        hints.tell({u"drawing"_s,
            QCoreApplication::translate(
                "main", "The graphics card or its driver failed, so Ponder draws without it now."),
            QCoreApplication::translate("main",
                "Nothing is lost. Install the system's updates, or restart the computer if some "
                "were installed a moment ago."),
            failure});
    // Where it was is in the database, and that may have to be repaired first.
    QTimer::singleShot(kLongestWithoutWindow, &application, show);

    const int status = QGuiApplication::exec();
    worker.shutDown(); // its last words still reach the storage, which closes after it
    return status;
}

} // namespace

int main(int argc, char** argv)
{
    openStandardStreams();
    surviveFileSizeLimit();
    const OfflineStatus offline = sealNetwork(); // before any other code can open anything
    surviveLostPages(); // a model's file that is cut short must not end the window
    QCoreApplication::setApplicationName(u"ponder"_s);
    QCoreApplication::setApplicationVersion(QStringLiteral(PONDER_VERSION));
    if (wantsWordsOnly(argc, argv)) {
        const QCoreApplication application(argc, argv);
        static_cast<void>(readWindowOptions(application)); // prints them, and leaves
        return 0;
    }
    const std::vector<char*> arguments(argv, argv + argc + 1); // Qt takes its own out of argv
    const int status = showWindow(offline, argc, argv);
    if (status != kDrawAnew)
        return status;
    qputenv("QT_QUICK_BACKEND", "software");
    execv("/proc/self/exe", arguments.data());
    std::perror("ponder");
    return 1;
}
