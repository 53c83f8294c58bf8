// Runs the tst_*.qml of a folder (settings, composer, chat or library) against view models on a scripted engine
// and a database in memory.
#include "tests/ui/chat_fixture.h"
#include "tests/ui/cpu_clock.h"
#include "ui/chat/offline_view_model.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QQmlEngine>
#include <QRandomGenerator>
#include <QtQuickTest>

namespace ponder {

/// What the tests in QML see of the fixture.
class TestChat : public QObject {
    Q_OBJECT
    Q_PROPERTY(ponder::ChatViewModel* chat READ chat CONSTANT)
    Q_PROPERTY(ponder::ModelViewModel* model READ model CONSTANT)
    Q_PROPERTY(ponder::DeviceViewModel* device READ device CONSTANT)
    Q_PROPERTY(ponder::OfflineViewModel* offline READ offline CONSTANT)
    Q_PROPERTY(ponder::LibraryViewModel* library READ library CONSTANT)
    Q_PROPERTY(ponder::SettingsViewModel* settings READ settings CONSTANT)

public:
    ChatViewModel* chat() { return &m_fixture.chat; }
    ModelViewModel* model() { return &m_fixture.model; }
    DeviceViewModel* device() { return &m_fixture.device; }
    OfflineViewModel* offline() { return &m_offline; }
    LibraryViewModel* library() { return &m_fixture.library; }
    SettingsViewModel* settings() { return &m_fixture.settings; }

    Q_INVOKABLE void openModel() { m_fixture.model.openFile(QStringLiteral("/models/good.gguf")); }
    Q_INVOKABLE void loadLibrary() { m_fixture.library.load(); }
    /// The engine's next answers: that many tokens of thought and answer, so far apart.
    Q_INVOKABLE void script(int thought, int answer, int pauseMs)
    {
        m_fixture.engine->setScript({std::vector<std::string>(std::size_t(thought), "hm \n\n"),
            std::vector<std::string>(std::size_t(answer), "word\n\n"),
            std::chrono::milliseconds(pauseMs), {}});
    }

    /// The engine's next answer: these texts, in tokens of up to `longest` characters.
    Q_INVOKABLE void scriptTexts(
        const QString& thought, const QString& answer, int seed, int longest, int pauseMs)
    {
        QRandomGenerator random{quint32(seed)};
        const auto tokens = [&](const QString& text) {
            std::vector<std::string> cut;
            for (qsizetype at = 0; at < text.size();) {
                qsizetype length
                    = std::min(qsizetype(random.bounded(1, longest + 1)), text.size() - at);
                if (at + length < text.size() && text.at(at + length).isLowSurrogate())
                    ++length;
                cut.push_back(text.sliced(at, length).toStdString());
                at += length;
            }
            return cut;
        };
        m_fixture.engine->setScript(
            {tokens(thought), tokens(answer), std::chrono::milliseconds(pauseMs), {}});
    }

    /// The engine's next answer: what was told as an answer turns out to be a thought, and then the answer comes.
    Q_INVOKABLE void scriptRetold(const QString& thought, const QString& answer, int pauseMs)
    {
        const auto tokens = [](const QString& text) {
            std::vector<std::string> words;
            for (const QString& word : text.split(u' '))
                words.push_back(word.toStdString() + ' ');
            return words;
        };
        const auto told = tokens(thought);
        m_fixture.engine->setScript({{}, told, std::chrono::milliseconds(pauseMs), {},
            RetoldAnswer{thought.toStdString(), {}, std::uint32_t(told.size() + 1)},
            tokens(answer)});
    }

    /// GPUs of the engine: names, with so many GiB each.
    Q_INVOKABLE void setGpus(const QStringList& names, int gibibytes)
    {
        GpuList list;
        for (const QString& name : names)
            list.gpus.push_back({int(list.gpus.size()), name.toStdString(),
                quint64(gibibytes) << 30U, quint64(gibibytes) << 30U, 0});
        if (names.isEmpty())
            list.reason = "There is no NVIDIA driver on this computer.";
        m_fixture.engine->setGpus(list);
    }
    /// The engine's next answer: a few words, and then its GPU is lost.
    Q_INVOKABLE void loseGpu()
    {
        m_fixture.engine->setScript(
            {{}, {"Half of "}, {}, Error{ErrorCode::DeviceLost, "The GPU stopped answering.", {}}});
    }

    /// The engine's next answer: none, since the question is too long.
    Q_INVOKABLE void refuseAsTooLong()
    {
        m_fixture.engine->setScript({{}, {}, {},
            Error{ErrorCode::ContextFull,
                "This conversation is 608899 tokens long, and the context holds 4096.", {}}});
    }
    /// The engine's next answers: a thought, and then nothing.
    Q_INVOKABLE void thinkOnly() { m_fixture.engine->setScript({{"Hm.", " Well."}, {}, {}, {}}); }
    /// Milliseconds of processor time that this thread has used.
    Q_INVOKABLE double busyMs() { return cpuMilliseconds(); }
    Q_INVOKABLE void fillClipboard(const QString& text)
    {
        QGuiApplication::clipboard()->setText(text);
    }

    /// A conversation with that title, newer than all others, once it is in the list.
    Q_INVOKABLE void addConversation(
        const QString& title, const QString& question = QStringLiteral("?"))
    {
        const int before = m_fixture.library.total();
        m_fixture.conversations.beginConversation(title, {}, {storage::textPart(question)}, {});
        QVERIFY(QTest::qWaitFor([&] { return m_fixture.library.total() > before; }));
        QTest::qWait(2); // times are kept in milliseconds
    }
    /// A setting as another run would find it.
    Q_INVOKABLE QVariant stored(const QString& key)
    {
        storage::SettingsStore fresh(m_fixture.database);
        const auto loaded = fresh.load();
        if (!QTest::qWaitFor([&] { return loaded.isFinished(); }))
            return {};
        return fresh.value(key).toVariant();
    }

private:
    ChatFixture m_fixture;
    OfflineViewModel m_offline{true, QString(), [] { return QList<OfflineProbe>(); }};
};

} // namespace ponder

class Setup : public QObject {
    Q_OBJECT

public slots:
    void qmlEngineAvailable(QQmlEngine*)
    {
        qmlRegisterType<ponder::TestChat>("Ponder.TestChat", 1, 0, "TestChat");
    }
};

QUICK_TEST_MAIN_WITH_SETUP(window, Setup)
#include "chat_quick.moc"
