#pragma once

#include "storage/conversations/conversation_store.h"
#include "storage/conversations/draft_store.h"
#include "storage/database/database.h"
#include "storage/ponder_schema.h"
#include "storage/settings_store.h"
#include "tests/ui/scripted_engine.h"
#include "ui/chat/chat_view_model.h"
#include "ui/library/library_view_model.h"
#include "ui/models/device_view_model.h"
#include "ui/models/model_view_model.h"
#include "ui/settings/settings_view_model.h"
#include "ui/worker/inference_worker.h"

#include <QTest>

namespace ponder {

/// Everything behind the window, put together as main does it, on a database in memory or in a
/// file, with an engine that says what it is told.
struct ChatFixture {
    storage::Database database{storage::ponderSchema()};
    storage::ConversationStore conversations{database};
    storage::DraftStore draftStore{database};
    storage::SettingsStore settingsStore{database};
    ScriptedEngine* engine = new ScriptedEngine; // the worker's
    InferenceWorker worker{std::unique_ptr<InferenceEngine>(engine)};
    SettingsViewModel settings{settingsStore};
    LibraryViewModel library{conversations};
    ModelViewModel model;
    DeviceViewModel device{worker, settings, model};
    Drafts drafts{draftStore};
    ChatViewModel chat{conversations, worker, model, settings, drafts};

    explicit ChatFixture(
        const QString& path = QStringLiteral(":memory:"), const QString& starterPath = {})
        : model(worker, settingsStore, settings, starterPath)
    {
        database.open(path);
    }
    ~ChatFixture() { worker.shutDown(); }

    [[nodiscard]] bool openModel(const QString& path = QStringLiteral("/models/good.gguf"))
    {
        model.openFile(path);
        return QTest::qWaitFor([this] { return !model.isOpening(); }) && model.isReady();
    }

    /// Asks and waits until the answer is whole and stored.
    [[nodiscard]] bool askAndWait(const QString& question)
    {
        const int before = chat.messages()->count();
        chat.ask(question);
        return QTest::qWaitFor([&] {
            return chat.messages()->count() >= before + 2 && !chat.isGenerating() && chat.canAsk();
        });
    }

    [[nodiscard]] const MessageRow& lastRow() { return chat.messages()->rows().last(); }
};

} // namespace ponder
