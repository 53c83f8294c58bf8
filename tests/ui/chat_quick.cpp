// Runs the tst_*.qml of a folder (chat, library or settings) against view models on a scripted engine
// and a database in memory.
#include "tests/ui/chat_fixture.h"

#include <QQmlEngine>
#include <QtQuickTest>

namespace ponder {

/// What the tests in QML see of the fixture.
class TestChat : public QObject {
    Q_OBJECT
    Q_PROPERTY(ponder::ChatViewModel* chat READ chat CONSTANT)
    Q_PROPERTY(ponder::ModelViewModel* model READ model CONSTANT)
    Q_PROPERTY(ponder::LibraryViewModel* library READ library CONSTANT)
    Q_PROPERTY(ponder::SettingsViewModel* settings READ settings CONSTANT)

public:
    ChatViewModel* chat() { return &m_fixture.chat; }
    ModelViewModel* model() { return &m_fixture.model; }
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

    /// A conversation with that title, newer than all others, once it is in the list.
    Q_INVOKABLE void addConversation(const QString& title)
    {
        const int before = m_fixture.library.total();
        m_fixture.conversations.createConversation(title);
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
