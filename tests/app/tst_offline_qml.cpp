// QML could fetch a picture from an address that a model wrote: Qt Qml brings Qt Network along.
// Here a picture and a request are asked for from this machine's own loopback, by a process under
// the filter and by one without it. Only the latter may reach the listening socket.
#include "app/offline.h"

#include <QGuiApplication>
#include <QProcess>
#include <QQmlComponent>
#include <QQmlEngine>
#include <QTest>

#include <memory>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

constexpr auto kQml = R"(
import QtQuick
Image {
    id: root
    required property string address
    property bool requestFailed: false
    source: root.address + "/picture.png"
    Component.onCompleted: {
        const request = new XMLHttpRequest();
        request.onreadystatechange = () => {
            if (request.readyState === XMLHttpRequest.DONE)
                root.requestFailed = request.status === 0;
        };
        request.open("GET", root.address + "/page");
        request.send();
    }
}
)";

constexpr int kRefused = 11;

/// In a process of its own. Returns kRefused when the picture and the request from `root` both failed;
/// goes on asking as long as they have not.
int fetch(bool sealed, const QString& root)
{
    if (sealed && !ponder::sealNetwork().sealed)
        return 2;
    QQmlEngine engine;
    QQmlComponent component(&engine);
    component.setData(kQml, QUrl(QStringLiteral("qrc:/fetch.qml")));
    const std::unique_ptr<QObject> image(
        component.createWithInitialProperties({{QStringLiteral("address"), root}}));
    if (!image) {
        qWarning("%s", qPrintable(component.errorString()));
        return 3;
    }
    const bool failed = QTest::qWaitFor(
        [&] {
            return image->property("status").toInt() == 3 // Image.Error
                && image->property("requestFailed").toBool();
        },
        20000);
    return failed ? kRefused : 4;
}

/// A socket of this process, which is under no filter, on its own loopback.
class Listener {
public:
    Listener()
    {
        m_address.sin_family = AF_INET;
        m_address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof m_address;
        auto* where = reinterpret_cast<sockaddr*>(&m_address);
        m_good = bind(m_descriptor, where, size) == 0 && listen(m_descriptor, 4) == 0
            && getsockname(m_descriptor, where, &size) == 0;
    }
    ~Listener() { close(m_descriptor); }
    Q_DISABLE_COPY_MOVE(Listener)

    [[nodiscard]] bool isGood() const { return m_good; }
    [[nodiscard]] QString root() const
    {
        return QStringLiteral("http://127.0.0.1:%1").arg(ntohs(m_address.sin_port));
    }
    [[nodiscard]] bool wasReached() const
    {
        pollfd connection = {m_descriptor, POLLIN, 0};
        return poll(&connection, 1, 0) > 0;
    }

private:
    int m_descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in m_address = {};
    bool m_good = false;
};

} // namespace

class TestOfflineQml : public QObject {
    Q_OBJECT

private slots:
    void withoutTheFilterWhichShowsThatTheTestCanSeeIt()
    {
        const Listener listener;
        QVERIFY(listener.isGood());
        QProcess child;
        child.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        child.start(
            QCoreApplication::applicationFilePath(), {QStringLiteral("--open"), listener.root()});
        QVERIFY(QTest::qWaitFor([&] { return listener.wasReached(); }, 20000));
        child.kill();
        QVERIFY(child.waitForFinished(20000));
    }

    void underTheFilter()
    {
        const Listener listener;
        QVERIFY(listener.isGood());
        QProcess child;
        child.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        child.start(
            QCoreApplication::applicationFilePath(), {QStringLiteral("--sealed"), listener.root()});
        QVERIFY(child.waitForFinished(25000));
        QCOMPARE(child.exitStatus(), QProcess::NormalExit);
        QCOMPARE(child.exitCode(), kRefused);
        QVERIFY(!listener.wasReached());
    }
};

int main(int argc, char** argv)
{
    QGuiApplication application(argc, argv);
    const QStringList arguments = application.arguments();
    if (arguments.contains(QStringLiteral("--open")))
        return fetch(false, arguments.last());
    if (arguments.contains(QStringLiteral("--sealed")))
        return fetch(true, arguments.last());
    TestOfflineQml test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_offline_qml.moc"
