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

constexpr int kReached = 10;
constexpr int kRefused = 11;

/// In a process of its own. Returns kReached when something connected to the listening socket,
/// kRefused when the picture and the request both failed and nothing did.
int fetch(bool sealed)
{
    const int server = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* where = reinterpret_cast<sockaddr*>(&address);
    if (server < 0 || bind(server, where, size) != 0 || listen(server, 4) != 0
        || getsockname(server, where, &size) != 0)
        return 1;
    if (sealed && !ponder::sealNetwork().sealed)
        return 2;

    QQmlEngine engine;
    QQmlComponent component(&engine);
    component.setData(kQml, QUrl(QStringLiteral("qrc:/fetch.qml")));
    const QString root = QStringLiteral("http://127.0.0.1:%1").arg(ntohs(address.sin_port));
    const std::unique_ptr<QObject> image(
        component.createWithInitialProperties({{QStringLiteral("address"), root}}));
    if (!image) {
        qWarning("%s", qPrintable(component.errorString()));
        return 3;
    }
    pollfd connection = {server, POLLIN, 0};
    const bool settled = QTest::qWaitFor(
        [&] {
            const bool failed = image->property("status").toInt() == 3 // Image.Error
                && image->property("requestFailed").toBool();
            return poll(&connection, 1, 0) > 0 || failed;
        },
        10000);
    const bool reached = poll(&connection, 1, 0) > 0;
    close(server);
    return reached ? kReached : settled ? kRefused : 4;
}

} // namespace

class TestOfflineQml : public QObject {
    Q_OBJECT

private slots:
    void fetchingFromQml_data()
    {
        QTest::addColumn<QString>("mode");
        QTest::addColumn<int>("outcome");
        QTest::newRow("without the filter, which shows that the test can see it")
            << "--open" << kReached;
        QTest::newRow("under the filter") << "--sealed" << kRefused;
    }

    void fetchingFromQml()
    {
        QFETCH(QString, mode);
        QFETCH(int, outcome);
        QProcess child;
        child.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        child.start(QCoreApplication::applicationFilePath(), {mode});
        QVERIFY(child.waitForFinished(20000));
        QCOMPARE(child.exitStatus(), QProcess::NormalExit);
        QCOMPARE(child.exitCode(), outcome);
    }
};

int main(int argc, char** argv)
{
    QGuiApplication application(argc, argv);
    const QStringList arguments = application.arguments();
    if (arguments.contains(QStringLiteral("--open")))
        return fetch(false);
    if (arguments.contains(QStringLiteral("--sealed")))
        return fetch(true);
    TestOfflineQml test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_offline_qml.moc"
