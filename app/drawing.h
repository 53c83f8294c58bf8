#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace ponder {

/// A question that is asked in a process of its own, so that whatever it loads may crash or hang. It begins
/// at once, while this process goes on; make it while there is one thread.
class AskedApart {
public:
    /// `ask` runs in the other process, which ends when it returns. Its standard streams lead nowhere.
    explicit AskedApart(const std::function<std::string()>& ask);
    ~AskedApart();
    AskedApart(const AskedApart&) = delete;
    AskedApart& operator=(const AskedApart&) = delete;

    /// Waits for the answer, for at most this time. Nothing: it crashed, hangs or could not be started.
    [[nodiscard]] std::optional<std::string> answer(std::chrono::milliseconds patience);

private:
    int m_process = -1;
    int m_pipe = -1;
};

/// Whether OpenGL's renderer (GL_RENDERER) is a program, not a graphics card.
[[nodiscard]] bool isSoftwareRenderer(std::string_view renderer);

/// Whether the folder of devices has a graphics card.
[[nodiscard]] bool hasGraphicsCard(const std::string& devices = "/dev");

/// The OpenGL renderer that would draw the window; empty: there is none. Makes a QGuiApplication for that, so it is for
/// AskedApart.
[[nodiscard]] std::string askOpenGl(int argc, char** argv);

/// Whether the window is better drawn without OpenGL: where that does not work, and where a
/// program would draw (llvmpipe), which takes twice the memory and halves the speed of answers. What
/// the person asks for with QT_QUICK_BACKEND or QSG_RHI_BACKEND holds: nothing is asked then.
class Drawing {
public:
    /// Starts the question where it is needed. Call early in main, before there is a second thread.
    Drawing(int argc, char** argv);

    /// Waits for the answer where one is needed. Call before the first window is made.
    [[nodiscard]] bool wantsSoftware();

private:
    enum class Choice { Persons, Software, Ask };
    [[nodiscard]] static Choice choice();

    Choice m_choice;
    std::optional<AskedApart> m_asked;
};

} // namespace ponder
