#include "ui/settings/window_place.h"

#include "storage/settings_store.h"

#include <QEvent>
#include <QGuiApplication>
#include <QJsonObject>
#include <QMargins>
#include <QScreen>

#include <algorithm>
#include <chrono>

namespace ponder {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

const QString kPlaceKey = u"window"_s;

// So much of a window must be on a screen that one can take hold of it.
constexpr int kInSight = 80; // pixels

// What a desktop adds above and below a window, which it has not said yet.
constexpr QMargins kUsualFrame(0, 36, 0, 4);

bool isInSight(const QRect& frame, const QRect& screen)
{
    const QRect seen = frame.intersected(screen);
    return seen.width() >= kInSight && seen.height() >= kInSight && seen.top() == frame.top();
}

/// The screen that shows most of `frame`; null: none shows enough of it.
const QScreen* screenOf(const QRect& frame)
{
    const QScreen* best = nullptr;
    int most = 0;
    for (const QScreen* screen : QGuiApplication::screens()) {
        const QRect seen = frame.intersected(screen->availableGeometry());
        if (isInSight(frame, screen->availableGeometry()) && seen.width() * seen.height() > most) {
            best = screen;
            most = seen.width() * seen.height();
        }
    }
    return best;
}

/// All of `frame` is on screens, whichever.
bool isWhole(const QRect& frame)
{
    qint64 seen = 0;
    for (const QScreen* screen : QGuiApplication::screens()) {
        const QRect part = frame.intersected(screen->availableGeometry());
        seen += qint64(part.width()) * part.height();
    }
    return seen >= qint64(frame.width()) * frame.height();
}

} // namespace

WindowPlace::WindowPlace(QWindow& window, storage::SettingsStore& store, QObject* parent)
    : QObject(parent)
    , m_window(&window)
    , m_store(store)
{
    m_saving.setSingleShot(true);
    m_saving.setInterval(500ms);
    connect(&m_saving, &QTimer::timeout, this, &WindowPlace::save);
}

WindowPlace::~WindowPlace()
{
    if (m_saving.isActive())
        save();
}

void WindowPlace::show()
{
    if (m_shown || !m_window)
        return;
    m_shown = true;
    restore();
    if (m_maximized)
        m_window->showMaximized();
    else
        m_window->show();
    // Looked at when it has settled: a window becomes large before it says that it is maximized.
    const auto settle = [this] { m_saving.start(); };
    for (const auto changed :
        {&QWindow::xChanged, &QWindow::yChanged, &QWindow::widthChanged, &QWindow::heightChanged})
        connect(m_window, changed, this, settle);
    connect(m_window, &QWindow::visibilityChanged, this, settle);
    m_window->installEventFilter(this);
}

bool WindowPlace::eventFilter(QObject* watched, QEvent* event)
{
    // A window that is closed right after it was moved: once it is hidden its place is not known.
    if (event->type() == QEvent::Close && m_saving.isActive()) {
        m_saving.stop();
        save();
    }
    return QObject::eventFilter(watched, event);
}

void WindowPlace::restore()
{
    const QJsonObject stored = m_store.value(kPlaceKey).toObject();
    const QRect frame(stored.value(u"x"_s).toInt(), stored.value(u"y"_s).toInt(),
        stored.value(u"width"_s).toInt(), stored.value(u"height"_s).toInt());
    const QScreen* before = frame.isEmpty() ? nullptr : screenOf(frame);
    const QScreen* screen = before ? before : m_window->screen();
    const QRect room = screen ? screen->availableGeometry() : QRect();

    // A small screen, or a large scale: rather narrow than with the composer below the edge.
    if (screen)
        m_window->setMinimumSize(
            m_window->minimumSize().boundedTo(room.marginsRemoved(kUsualFrame).size()));
    QSize size = frame.isEmpty() ? m_window->size() : frame.size();
    if (screen && (size.width() > room.width() || size.height() > room.height()))
        size = size.boundedTo(room.marginsRemoved(kUsualFrame).size());
    m_window->resize(size.expandedTo(m_window->minimumSize()));
    if (frame.isEmpty())
        return;

    if (before) {
        QPoint corner = frame.topLeft();
        // What sticks out because the screen has shrunk comes back onto it.
        if (!isWhole(QRect(corner, size))) {
            corner.setX(
                std::max(room.left(), std::min(corner.x(), room.right() + 1 - size.width())));
            corner.setY(
                std::max(room.top(), std::min(corner.y(), room.bottom() + 1 - size.height())));
        }
        m_window->setFramePosition(corner);
    }
    m_maximized = stored.value(u"maximized"_s).toBool();
    m_frame = frame;
}

void WindowPlace::save()
{
    // Hidden, minimized or on the full screen: as it was before.
    const auto visibility = m_window ? m_window->visibility() : QWindow::Hidden;
    if (visibility == QWindow::Windowed)
        m_frame = QRect(m_window->framePosition(), m_window->size());
    if (visibility == QWindow::Windowed || visibility == QWindow::Maximized)
        m_maximized = visibility == QWindow::Maximized;
    if (m_frame.isEmpty())
        return;
    m_store.setValue(kPlaceKey,
        QJsonObject{{u"x"_s, m_frame.x()}, {u"y"_s, m_frame.y()}, {u"width"_s, m_frame.width()},
            {u"height"_s, m_frame.height()}, {u"maximized"_s, m_maximized}});
}

} // namespace ponder

#include "moc_window_place.cpp"
