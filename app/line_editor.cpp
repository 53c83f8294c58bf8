#include "app/line_editor.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <iterator>
#include <utility>

#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "app/terminal_text.h"
#include "engine/base/utf8.h"

namespace ponder::cli {

namespace {

constexpr int kEscapeMs = 50; ///< within which the rest of a key's sequence comes
constexpr int kPasteEscapeMs = 2000; ///< the same in what is pasted, where only the end matters
constexpr int kShowMs = 200; ///< a terminal that takes nothing for so long is not waited for
constexpr std::size_t kShowBytes = 256;
constexpr std::size_t kTabColumns = 8;

constexpr unsigned char kCtrlC = 3, kCtrlD = 4, kBackspace = 8, kCtrlU = 21, kCtrlW = 23,
                        kCtrlZ = 26, kEscape = 27, kDelete = 127;

constexpr std::string_view kPasteOn = "\033[?2004h", kPasteOff = "\033[?2004l";

constexpr int kEndings[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

termios before; // as it was found: for the handler of signals, which has nothing else
struct sigaction endings[std::size(kEndings)];

/// Puts the terminal back and lets the signal do what it does.
void restoreAndEnd(int signal)
{
    tcsetattr(STDIN_FILENO, TCSANOW, &before);
    [[maybe_unused]] const auto written = write(STDIN_FILENO, kPasteOff.data(), kPasteOff.size());
    std::signal(signal, SIG_DFL);
    raise(signal);
}

/// editing: Ctrl+C comes as a byte, and does not interrupt.
void setRaw(bool editing)
{
    termios raw = before;
    raw.c_iflag &= ~static_cast<tcflag_t>(ICRNL | INLCR | IGNCR | IXON);
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | IEXTEN);
    if (editing)
        raw.c_lflag &= ~static_cast<tcflag_t>(ISIG);
    raw.c_cc[VSUSP] = _POSIX_VDISABLE; // during an answer nothing would put the terminal back
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
}

} // namespace

LineEditor::LineEditor()
    : m_output(isatty(STDERR_FILENO) ? STDERR_FILENO : STDIN_FILENO)
{
    tcgetattr(STDIN_FILENO, &before);
    struct sigaction action{};
    action.sa_handler = restoreAndEnd;
    for (std::size_t i = 0; i < std::size(kEndings); ++i)
        sigaction(kEndings[i], &action, &endings[i]);
    setRaw(false);
    show(kPasteOn);
}

LineEditor::~LineEditor()
{
    show(kPasteOff);
    tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
    for (std::size_t i = 0; i < std::size(kEndings); ++i)
        sigaction(kEndings[i], &endings[i], nullptr);
}

std::optional<std::string> LineEditor::read(std::string_view prompt)
{
    m_prompt = prompt;
    m_text.clear();
    m_done = m_pasting = false;
    setRaw(true);
    show(m_prompt);
    while (!m_done && !m_over) {
        const int byte = nextByte();
        if (byte < 0)
            m_over = true;
        else
            takeByte(static_cast<unsigned char>(byte));
    }
    show("\n");
    setRaw(false);
    if (m_over && m_text.empty())
        return std::nullopt;
    return std::move(m_text);
}

/// -1: none came in time, or none will.
int LineEditor::nextByte(int timeoutMs)
{
    while (m_next == m_input.size()) {
        if (timeoutMs >= 0) {
            pollfd wait{STDIN_FILENO, POLLIN, 0};
            if (poll(&wait, 1, timeoutMs) <= 0)
                return -1;
        }
        char buffer[4096];
        const ssize_t count = ::read(STDIN_FILENO, buffer, sizeof buffer);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return -1;
        m_input.assign(buffer, static_cast<std::size_t>(count));
        m_next = 0;
    }
    return static_cast<unsigned char>(m_input[m_next++]);
}

bool LineEditor::isMoreWaiting() const
{
    pollfd waiting{STDIN_FILENO, POLLIN, 0};
    return m_next < m_input.size() || poll(&waiting, 1, kEscapeMs) > 0;
}

void LineEditor::takeByte(unsigned char byte)
{
    if (byte == kEscape) {
        takeEscape();
        return;
    }
    const char character = static_cast<char>(byte);
    if (m_pasting && byte == kCtrlC && !isMoreWaiting())
        m_pasting = false; // its end was lost, and this was typed
    if (m_pasting || byte >= 0x20) {
        const bool ended = std::exchange(m_returned, byte == '\r');
        if (byte == '\r') { // a pasted line's end
            append("\n");
        } else if (byte == '\n' && ended) {
            return;
        } else if (byte != kDelete || m_pasting) {
            append({&character, 1});
        } else {
            erase(1);
        }
        return;
    }
    switch (byte) {
    case '\r':
    case '\n':
        if (m_text.ends_with('\\')) {
            m_text.back() = '\n';
            show("\n");
        } else {
            m_done = true;
        }
        return;
    case '\t':
        append("\t");
        return;
    case kBackspace:
        erase(1);
        return;
    case kCtrlU:
        erase(m_text.size());
        return;
    case kCtrlW: {
        const std::size_t end = m_text.find_last_not_of(" \t\n");
        const std::size_t space
            = end == std::string::npos ? end : m_text.find_last_of(" \t\n", end);
        erase(m_text.size() - (space == std::string::npos ? 0 : space + 1));
        return;
    }
    case kCtrlC:
        m_over = m_text.empty();
        if (!m_over) {
            m_text.clear();
            show("\n" + m_prompt);
        }
        return;
    case 0: // what the kernel makes of a Ctrl+D that came before the terminal was ours
    case kCtrlD:
        m_over = m_text.empty();
        return;
    case kCtrlZ:
        suspend();
        return;
    default:
        return; // no key of ours
    }
}

/// After the escape character: a key that is not ours, Alt+Enter, or the beginning or end of what is pasted.
void LineEditor::takeEscape()
{
    const int wait = m_pasting ? kPasteEscapeMs : kEscapeMs;
    int byte = nextByte(wait);
    if (byte == '\r' || byte == '\n')
        append("\n");
    if (byte == 'O')
        (void)nextByte(wait);
    if (byte != '[') {
        if (m_pasting
            && byte >= 0) { // a control sequence in what is pasted is text, and shown as such
            append("\033");
            --m_next;
        }
        return;
    }
    std::string sequence;
    while ((byte = nextByte(wait)) >= 0x20 && byte < 0x40)
        sequence += static_cast<char>(byte);
    sequence += byte >= 0 ? std::string(1, static_cast<char>(byte)) : std::string();
    if (sequence == "200~")
        m_pasting = true;
    else if (sequence == "201~")
        m_pasting = false;
    else if (m_pasting)
        append("\033[" + sequence);
}

void LineEditor::append(std::string_view bytes)
{
    m_text += bytes;
    // A character is shown when it is whole.
    std::size_t begin = m_text.size() - bytes.size();
    while (begin > 0 && (static_cast<unsigned char>(m_text[begin]) & 0xC0U) == 0x80U
        && m_text.size() - begin < 4)
        --begin;
    const std::string_view last = std::string_view(m_text).substr(begin);
    if (utf8ValidPrefix(last) == last.size())
        show(safeText(last));
    else if (!utf8MayContinue(last))
        show(safeText(bytes));
}

/// Takes bytes from the end, and the rest of a character that would be cut.
void LineEditor::erase(std::size_t length)
{
    if (m_text.empty() || length == 0)
        return;
    const std::size_t rowsBefore = rows();
    std::size_t size = m_text.size() - std::min(length, m_text.size());
    while (size > 0 && (static_cast<unsigned char>(m_text[size]) & 0xC0U) == 0x80U)
        --size;
    m_text.resize(size);
    if (rowsBefore > 1)
        show("\033[" + std::to_string(rowsBefore - 1) + "A");
    draw();
}

/// The question anew, from the first row of it, where the cursor is.
void LineEditor::draw()
{
    show("\r\033[J" + m_prompt + safeText(m_text));
}

/// Of the screen, that the question takes.
std::size_t LineEditor::rows() const
{
    winsize window{};
    const bool known = ioctl(m_output, TIOCGWINSZ, &window) == 0 && window.ws_col > 0;
    const std::size_t width = known ? window.ws_col : 80;
    std::size_t row = 1;
    std::size_t column = m_prompt.size();
    std::string_view text = m_text;
    while (!text.empty()) {
        const std::size_t length = std::max<std::size_t>(utf8Length(text), 1);
        const char32_t character = utf8Length(text) > 0 ? utf8Decode(text) : U'?';
        text.remove_prefix(length);
        if (character == U'\n') {
            ++row;
            column = 0;
            continue;
        }
        const std::size_t columns = character == U'\t'
            ? kTabColumns - column % (kTabColumns)
            : static_cast<std::size_t>(columnsOf(character));
        if (column + columns > width) {
            ++row;
            column = 0;
        }
        column += columns;
    }
    return row;
}

void LineEditor::suspend()
{
    show(kPasteOff);
    tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
    raise(SIGTSTP);
    setRaw(true);
    show(kPasteOn);
    show(m_prompt + safeText(m_text));
}

void LineEditor::show(std::string_view text) const
{
    while (!text.empty()) {
        pollfd wait{m_output, POLLOUT, 0};
        if (poll(&wait, 1, kShowMs) <= 0)
            return;
        const ssize_t count = write(m_output, text.data(), std::min(text.size(), kShowBytes));
        if (count <= 0)
            return;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
}

} // namespace ponder::cli
