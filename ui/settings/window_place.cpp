#include "ui/settings/window_place.h"

#include "storage/settings_store.h"

#include <QEvent>
#include <QGuiApplication>
#include <QJsonObject>
#include <QScreen>
#include <chrono>

namespace ponder {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

const QString kKey = u"window"_s;

// So much of a window must be on a screen that one can take hold of it.
constexpr int kInSight = 80; // pixels

bool isInSight(const QRect& frame)
{
    for (const QScreen* screen : QGuiApplication::screens()) {
        const QRect seen = frame.intersected(screen->availableGeometry());
        if (seen.width() >= kInSight && seen.height() >= kInSight && seen.top() == frame.top())
            return true;
    }
    return false;
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
    const QJsonObject stored = m_store.value(kKey).toObject();
    const QRect frame(stored.value(u"x"_s).toInt(), stored.value(u"y"_s).toInt(),
        stored.value(u"width"_s).toInt(), stored.value(u"height"_s).toInt());
    if (frame.isEmpty())
        return;
    QSize size = frame.size();
    if (const QScreen* screen = m_window->screen())
        size = size.boundedTo(screen->availableGeometry().size());
    m_window->resize(size.expandedTo(m_window->minimumSize()));
    if (isInSight(frame))
        m_window->setFramePosition(frame.topLeft());
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
    m_store.setValue(kKey,
        QJsonObject{{u"x"_s, m_frame.x()}, {u"y"_s, m_frame.y()}, {u"width"_s, m_frame.width()},
            {u"height"_s, m_frame.height()}, {u"maximized"_s, m_maximized}});
}

} // namespace ponder
