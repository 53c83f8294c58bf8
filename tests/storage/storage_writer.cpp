// Writes through the real storage, for tests that need another process.
//   storage_writer stream FILE    streams answers without end, until it is killed; for every number
//                                 that it hands over it prints the number and the time in ms
//   storage_writer example FILE   makes a small database that holds something of everything, and
//   ends

#include "storage/conversations/conversation_store.h"
#include "storage/conversations/note_store.h"
#include "storage/conversations/snapshot_store.h"
#include "storage/database/database.h"
#include "storage/ponder_schema.h"
#include "storage/settings_store.h"
#include "tests/storage/await.h"

#include <QCommandLineParser>
#include <QElapsedTimer>
#include <QTimer>

#include <cstdio>

using namespace ponder::storage;

namespace {

constexpr int kNumbersAnAnswer = 150;
constexpr int kTokenMs = 3;

/// Answers that count: "0 1 2 …", kNumbersAnAnswer each, one after the other.
class Counter : public QObject {
public:
    explicit Counter(ConversationStore& store)
        : m_store(store)
    {
        m_clock.start();
        m_timer.setTimerType(Qt::PreciseTimer);
        m_timer.setInterval(kTokenMs);
        connect(&m_timer, &QTimer::timeout, this, [this] { count(); });
        begin();
    }

private:
    void begin()
    {
        const QList<MessagePart> question{textPart("Count."),
            filePart("from.txt", "text/plain", QByteArray::number(m_next).repeated(2000))};
        auto asked = m_last == 0 ? m_store.beginConversation("Counting", {}, question, {})
                                 : m_store.ask(m_conversation, m_last, question, {});
        asked.then(this, [this](const Result<Asked>& begun) {
            m_conversation = begun->conversation.id;
            m_last = begun->branch.last().id;
            m_timer.start();
        });
    }

    void count()
    {
        const QString word = QString::number(m_next) + ' ';
        // Two thirds of it is the thought.
        const bool thinking = m_next % kNumbersAnAnswer < kNumbersAnAnswer * 2 / 3;
        m_store.appendToMessage(m_last, thinking ? word : QString(), thinking ? QString() : word);
        std::printf("%d %lld\n", m_next, m_clock.elapsed());
        std::fflush(stdout);
        if (++m_next % kNumbersAnAnswer != 0)
            return;
        m_timer.stop();
        m_store.finishMessage(m_last, {}).then(this, [this](const Result<Message>&) { begin(); });
    }

    ConversationStore& m_store;
    ConversationId m_conversation = 0;
    MessageId m_last = 0;
    int m_next = 0;
    QElapsedTimer m_clock;
    QTimer m_timer;
};

void makeExample(Database& database, ConversationStore& store, SettingsStore& settings)
{
    mustGive(settings.setValue("theme", "dark"));
    mustGive(settings.setValue("recentModels", QJsonArray{"/models/starter.gguf"}));
    const QByteArray file("a,b\n1,2\n");
    const auto asked = mustGive(store.beginConversation("A sum", {{"systemPrompt", "Be brief."}},
        {textPart("What is 347 + 586?"), filePart("sums.csv", "text/csv", file)},
        {"Ponder Starter", "sha256:0123", 42, {{"temperature", 0.6}}}));
    const ConversationId talk = asked.conversation.id;
    const Message reply = asked.branch.last();
    store.appendToMessage(reply.id, "7 + 6 = 13, write 3, carry 1.", "**933**");
    AnswerEnd end;
    end.finishReason = "stop";
    end.reasoningTokens = 12;
    end.reasoningSeconds = 1.5;
    end.steps = {QJsonObject{{"title", "Ones"}}};
    end.tokenStatistics = QByteArray("statistics").repeated(10);
    mustGive(store.finishMessage(reply.id, end));
    mustGive(store.ask(talk, 0, {textPart("What is 347 - 586?")}, {}));
    mustGive(store.activateBranch(reply.id));
    NoteStore notes(database);
    mustGive(notes.add({0, reply.id, 0, StepNote::Kind::Good, "neat", {}}));
    SnapshotStore snapshots(database);
    mustGive(snapshots.add({0, reply.id, "sha256:0123", 40, "bf16", "/caches/1.kv", {}}));
    mustGive(store.beginConversation("Cut off", {}, {textPart("?")}, {}));
}

} // namespace

int main(int argc, char** argv)
{
    QCoreApplication application(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    if (arguments.size() != 3)
        return 2;
    Database database(ponderSchema());
    ConversationStore store(database);
    SettingsStore settings(database);
    const auto opened = await(database.open(arguments[2]));
    if (!opened) {
        std::fputs(qPrintable(opened.error().message), stderr);
        return 1;
    }
    if (arguments[1] == "example") {
        makeExample(database, store, settings);
        return 0;
    }
    Counter counter(store);
    return QCoreApplication::exec();
}
