#include "app/drawing.h"

#include <QGuiApplication>
#include <QOffscreenSurface>
#include <QOpenGLContext>
#include <QOpenGLFunctions>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <csignal>
#include <filesystem>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ponder {

namespace {

// The first start after a driver's update compiles its shaders, which was seen to take a second.
constexpr std::chrono::seconds kPatience{5};

/// In the process that asks.
[[noreturn]] void askAndEnd(const std::function<std::string()>& ask, int pipe, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    const rlimit noCore = {0, 0};
    setrlimit(RLIMIT_CORE, &noCore); // a driver that crashes here needs no core file
    if (const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC); nothing >= 0) {
        for (const int stream : {0, 1, 2})
            dup2(nothing, stream);
    }
    const std::string answer = ask() + '\n';
    const auto size = static_cast<ssize_t>(answer.size());
    _exit(write(pipe, answer.data(), answer.size()) == size ? 0 : 1);
}

bool isSet(const char* variable)
{
    return qEnvironmentVariableIsSet(variable);
}

} // namespace

AskedApart::AskedApart(const std::function<std::string()>& ask)
{
    std::array<int, 2> ends = {};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        return;
    const pid_t parent = getpid();
    m_process = fork();
    if (m_process == 0)
        askAndEnd(ask, ends[1], parent);
    close(ends[1]);
    m_pipe = ends[0];
}

AskedApart::~AskedApart()
{
    if (m_pipe >= 0)
        close(m_pipe);
    if (m_process > 0) {
        kill(m_process, SIGKILL); // it has ended already where there was an answer
        while (waitpid(m_process, nullptr, 0) < 0 && errno == EINTR) { }
    }
}

std::optional<std::string> AskedApart::answer(std::chrono::milliseconds patience)
{
    using Clock = std::chrono::steady_clock;
    const auto until = Clock::now() + patience;
    std::string said;
    while (m_process > 0) {
        const auto left
            = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
        pollfd readable = {m_pipe, POLLIN, 0};
        const int ready = poll(&readable, 1, int(std::max<std::int64_t>(left, 0)));
        if (ready < 0 && errno == EINTR)
            continue;
        std::array<char, 256> bytes = {};
        const ssize_t size = ready > 0 ? read(m_pipe, bytes.data(), bytes.size()) : 0;
        if (size <= 0)
            break;
        said.append(bytes.data(), std::size_t(size));
        // The line's end says that the answer is complete: the process may still take time to end.
        if (said.ends_with('\n')) {
            said.pop_back();
            return said;
        }
    }
    return std::nullopt;
}

bool isSoftwareRenderer(std::string_view renderer)
{
    std::string name(renderer);
    std::transform(name.begin(), name.end(), name.begin(),
        [](unsigned char letter) { return char(std::tolower(letter)); });
    for (const char* program : {"llvmpipe", "softpipe", "swrast", "software", "swiftshader",
             "lavapipe", "swr", "gdi generic"}) {
        if (name.find(program) != std::string::npos)
            return true;
    }
    return false;
}

bool hasGraphicsCard(const std::string& devices)
{
    namespace fs = std::filesystem;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(devices + "/dri", error)) {
        if (entry.path().filename().string().starts_with("renderD"))
            return true;
    }
    // NVIDIA's own driver without its part for the kernel's list; Windows' graphics card from inside.
    return fs::exists(devices + "/nvidia0", error) || fs::exists(devices + "/dxg", error);
}

std::string askOpenGl(int argc, char** argv)
{
    const QGuiApplication application(argc, argv);
    QOffscreenSurface surface;
    surface.create();
    QOpenGLContext context;
    if (!context.create() || !context.makeCurrent(&surface))
        return {};
    const auto* name = reinterpret_cast<const char*>(context.functions()->glGetString(GL_RENDERER));
    return name ? name : "";
}

Drawing::Drawing(int argc, char** argv)
    : m_choice(choice())
{
    if (m_choice == Choice::Ask)
        m_asked.emplace([argc, argv] { return askOpenGl(argc, argv); });
}

Drawing::Choice Drawing::choice()
{
    if (isSet("QT_QUICK_BACKEND") || isSet("QMLSCENE_DEVICE") || isSet("QSG_RHI_BACKEND"))
        return Choice::Persons;
    const QByteArray wish = qgetenv("LIBGL_ALWAYS_SOFTWARE").toLower();
    if (wish == "1" || wish == "true" || !hasGraphicsCard())
        return Choice::Software;
    return Choice::Ask;
}

bool Drawing::wantsSoftware()
{
    if (m_choice == Choice::Ask) {
        const auto renderer = m_asked->answer(kPatience);
        m_asked.reset();
        m_choice = !renderer || renderer->empty() || isSoftwareRenderer(*renderer)
            ? Choice::Software
            : Choice::Persons;
    }
    return m_choice == Choice::Software;
}

} // namespace ponder
