#include "app/display_problem.h"

#include <QByteArrayList>
#include <QString>
#include <QtLogging>

#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <utility>

namespace ponder {

namespace {

constexpr auto kInstead
    = "To chat in this terminal instead: ponder-cli chat -m MODEL.gguf (it needs no display).";

/// Of a display's name as X has it, the host before the colon that is not this machine's socket.
std::string hostOf(const std::string& display)
{
    const auto colon = display.rfind(':');
    if (colon == std::string::npos || display.front() == '/')
        return {};
    std::string host = display.substr(0, colon);
    if (host == "unix" || host.starts_with("unix/"))
        return {};
    return host;
}

// A message handler is a plain function and takes no state, so its state is global.
struct Watched {
    std::mutex mutex;
    QtMessageHandler before = nullptr;
    std::string platform;
    QByteArrayList said;
};
Watched* watched = nullptr;

void watch(QtMsgType type, const QMessageLogContext& context, const QString& message)
{
    // Kept until it is known how the start ends: before our sentence they would be noise.
    const std::lock_guard lock(watched->mutex);
    if (type == QtFatalMsg) {
        const Environment environment = [](const char* name) { return std::getenv(name); };
        std::fprintf(stderr, "ponder: %s\n%s\n",
            displayProblem(environment, watched->platform).c_str(), kInstead);
        std::_Exit(1);
    }
    watched->said.append(QByteArray(context.category) + ": " + message.toUtf8());
}

} // namespace

std::string displayProblem(const Environment& environment, const std::string& platform)
{
    const auto value = [&](const char* name) {
        const char* text = environment(name);
        return std::string(text ? text : "");
    };
    const std::string x11 = value("DISPLAY");
    const std::string wayland = value("WAYLAND_DISPLAY");
    // May be a list, "wayland;xcb", and may have options, "xcb:…".
    const bool asked = !platform.empty();
    const bool takesX11 = !asked || platform.find("xcb") != std::string::npos;
    const bool takesWayland = !asked || platform.find("wayland") != std::string::npos;
    if (!takesX11 && !takesWayland)
        return "The window cannot be opened: Qt has no platform “" + platform
            + "” here. Start Ponder without QT_QPA_PLATFORM and -platform, or install the plugin.";
    const bool overX11 = takesX11 && !x11.empty();
    const bool overWayland = takesWayland && !wayland.empty();
    if (!overX11 && !overWayland) {
        const std::string lacking = takesX11 && takesWayland
            ? "neither DISPLAY nor WAYLAND_DISPLAY is set"
            : takesX11 ? "DISPLAY is not set"
                       : "WAYLAND_DISPLAY is not set";
        return "There is no display to open the window on: " + lacking
            + ". Start Ponder from a desktop.";
    }
    if (overX11 && !overWayland) {
        if (const std::string host = hostOf(x11); !host.empty())
            return "The display " + x11
                + " is reached over the network (ssh -X), and Ponder closes itself to the network, "
                  "so the window cannot be opened on it. Start Ponder on the computer that you sit "
                  "at, or on the other one's own desktop.";
    }
    const std::string name = overWayland ? wayland : x11;
    return "The window cannot be opened on the display " + name
        + ": nobody answers there, this user may not use it, or a part of Qt is missing (the "
          "packages "
          "libxcb-cursor0, qt6-wayland). Look whether other programs open a window.";
}

DisplayWatch::DisplayWatch(int argc, char** argv)
{
    watched = new Watched;
    watched->platform = qgetenv("QT_QPA_PLATFORM").toStdString();
    for (int i = 1; i + 1 < argc; ++i) {
        if (std::string(argv[i]) == "-platform" || std::string(argv[i]) == "--platform")
            watched->platform = argv[i + 1];
    }
    watched->before = qInstallMessageHandler(watch);
}

DisplayWatch::~DisplayWatch()
{
    qInstallMessageHandler(watched->before);
    for (const QByteArray& line : std::as_const(watched->said))
        std::fprintf(stderr, "%s\n", line.constData());
    delete std::exchange(watched, nullptr);
}

} // namespace ponder
