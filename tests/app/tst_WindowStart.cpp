// What is asked of the system before there is a window.
#include "app/display_problem.h"
#include "app/drawing.h"

#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <cstdlib>
#include <map>

#include <fcntl.h>
#include <unistd.h>

using namespace ponder;
using namespace std::chrono_literals;

class tst_WindowStart : public QObject {
    Q_OBJECT

private slots:
    void anAnswerFromApart()
    {
        AskedApart asked([] { return std::string("NVIDIA H100/PCIe"); });
        QCOMPARE(asked.answer(5s).value_or("nothing"), std::string("NVIDIA H100/PCIe"));
        AskedApart nobody([] { return std::string(); });
        QCOMPARE(nobody.answer(5s).value_or("nothing"), std::string());
    }

    void whatCrashesApartDoesNoHarm_data()
    {
        QTest::addColumn<int>("signal");
        QTest::newRow("a driver that writes where it may not") << SIGSEGV;
        QTest::newRow("Qt, which gives up") << SIGABRT;
    }

    void whatCrashesApartDoesNoHarm()
    {
        QFETCH(int, signal);
        AskedApart asked([signal] {
            std::signal(signal, SIG_DFL);
            std::raise(signal);
            return std::string("never");
        });
        QVERIFY(!asked.answer(5s));
    }

    void whatHangsApartIsLeftAndEnded()
    {
        std::array<int, 2> ends = {};
        QCOMPARE(pipe(ends.data()), 0);
        QElapsedTimer time;
        time.start();
        {
            AskedApart asked([&] {
                pause();
                return std::string("never");
            });
            close(ends[1]);
            QVERIFY(!asked.answer(200ms));
        }
        QVERIFY2(time.elapsed() < 3000, qPrintable(QString::number(time.elapsed())));
        char byte = 0;
        QCOMPARE(read(ends[0], &byte, 1), 0); // its end of the pipe is closed: it is gone
        close(ends[0]);
    }

    void itSaysNothingOnTheTerminal()
    {
        AskedApart asked([] {
            const bool silent = write(1, "x", 1) == 1 && write(2, "x", 1) == 1 && !isatty(2);
            return std::string(silent ? "silent" : "loud");
        });
        QCOMPARE(asked.answer(5s).value_or("nothing"), std::string("silent"));
    }

    void programsThatDraw_data()
    {
        QTest::addColumn<QByteArray>("renderer");
        QTest::addColumn<bool>("program");
        const auto row = [](const char* renderer, bool program) {
            QTest::newRow(renderer) << QByteArray(renderer) << program;
        };
        row("llvmpipe (LLVM 15.0.6, 256 bits)", true);
        row("softpipe", true);
        row("Software Rasterizer", true);
        row("SWR (LLVM 11.0.1, 512 bits)", true);
        row("Google SwiftShader", true);
        row("zink Vulkan 1.3(llvmpipe (LLVM 19.1.1, 256 bits) (LLVMPIPE))", true);
        row("NVIDIA GeForce RTX 4090/PCIe/SSE2", false);
        row("Mesa Intel(R) UHD Graphics 620 (KBL GT2)", false);
        row("AMD Radeon RX 7900 XTX (radeonsi, navi31, LLVM 19.1.7, DRM 3.59)", false);
        row("virgl (Mesa Intel(R) Iris(R) Xe Graphics)", false);
        row("D3D12 (NVIDIA GeForce GTX 1080)", false);
    }

    void programsThatDraw()
    {
        QFETCH(QByteArray, renderer);
        QFETCH(bool, program);
        QCOMPARE(isSoftwareRenderer(renderer.toStdString()), program);
    }

    void graphicsCards()
    {
        QTemporaryDir devices;
        const auto found = [&] { return hasGraphicsCard(devices.path().toStdString()); };
        const auto make = [&](const char* name) {
            QFile file(devices.filePath(QString::fromLatin1(name)));
            QVERIFY(file.open(QIODevice::WriteOnly));
        };
        QVERIFY(!hasGraphicsCard("/nonexistent"));
        QVERIFY(!found());
        QVERIFY(QDir(devices.path()).mkdir(QStringLiteral("dri")));
        make("dri/card0"); // a server's, which shows text
        QVERIFY(!found());
        make("dri/renderD128");
        QVERIFY(found());
        QVERIFY(QDir(devices.filePath(QStringLiteral("dri"))).removeRecursively());
        QVERIFY(!found());
        make("nvidia0");
        QVERIFY(found());
    }

    void whatThePersonChoseHolds()
    {
        for (const char* variable : {"QT_QUICK_BACKEND", "QSG_RHI_BACKEND"}) {
            qputenv("QT_QUICK_BACKEND", "software");
            qunsetenv("QT_QUICK_BACKEND");
            qputenv(variable, "opengl");
            qputenv("LIBGL_ALWAYS_SOFTWARE", "1");
            QVERIFY(!Drawing(0, nullptr).wantsSoftware());
            qunsetenv(variable);
            QVERIFY(Drawing(0, nullptr).wantsSoftware());
            qunsetenv("LIBGL_ALWAYS_SOFTWARE");
        }
        qputenv("QT_QUICK_BACKEND", "software"); // as it was
    }

    void displays_data()
    {
        QTest::addColumn<QStringList>("environment");
        QTest::addColumn<QString>("platform");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, const QStringList& environment, const char* platform,
                             const char* says) {
            QTest::newRow(name) << environment << QString::fromLatin1(platform)
                                << QString::fromLatin1(says);
        };
        row("none", {}, "", "neither DISPLAY nor WAYLAND_DISPLAY is set");
        row("none for X", {}, "xcb", "DISPLAY is not set");
        row("none for Wayland", {"DISPLAY=:0"}, "wayland", "WAYLAND_DISPLAY is not set");
        row("ssh -X", {"DISPLAY=localhost:10.0"}, "",
            "The display localhost:10.0 is reached over the network");
        row("another computer", {"DISPLAY=10.0.0.7:0"}, "xcb", "over the network");
        row("IPv6", {"DISPLAY=[::1]:11.0"}, "xcb", "over the network");
        row("nobody there", {"DISPLAY=:77"}, "", "on the display :77: nobody answers");
        row("with a protocol", {"DISPLAY=unix:77"}, "", "on the display unix:77: nobody answers");
        row("as on a Mac", {"DISPLAY=/tmp/x/org.xquartz:0"}, "", "nobody answers");
        row("Wayland, and ssh besides", {"DISPLAY=localhost:10.0", "WAYLAND_DISPLAY=wayland-0"}, "",
            "on the display wayland-0: nobody answers");
        row("a list", {"DISPLAY=:5"}, "wayland;xcb", "on the display :5");
        row("unknown", {"DISPLAY=:0"}, "cocoa", "Qt has no platform");
    }

    void displays()
    {
        QFETCH(QStringList, environment);
        QFETCH(QString, platform);
        QFETCH(QString, says);
        std::map<std::string, std::string> variables;
        for (const QString& variable : environment) {
            const auto equals = variable.indexOf(u'=');
            variables[variable.first(equals).toStdString()]
                = variable.sliced(equals + 1).toStdString();
        }
        const std::string said = displayProblem(
            [&](const char* name) {
                const auto found = variables.find(name);
                return found == variables.end() ? nullptr : found->second.c_str();
            },
            platform.toStdString());
        QVERIFY2(said.find(says.toStdString()) != std::string::npos, said.c_str());
        QVERIFY(said.ends_with('.'));
    }
};

QTEST_GUILESS_MAIN(tst_WindowStart)
#include "tst_WindowStart.moc"
