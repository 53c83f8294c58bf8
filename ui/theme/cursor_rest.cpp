#include "ui/theme/cursor_rest.h"

#include <QEvent>
#include <QGuiApplication>
#include <QStyleHints>

namespace ponder {

CursorRest::CursorRest(QObject* parent, int afterMs)
    : QObject(parent)
    , m_flashTime(QGuiApplication::styleHints()->cursorFlashTime())
{
    m_quiet.setSingleShot(true);
    m_quiet.setInterval(afterMs);
    m_quiet.callOnTimeout(this, &CursorRest::rest);
    QCoreApplication::instance()->installEventFilter(this);
    m_quiet.start();
}

CursorRest::~CursorRest()
{
    QGuiApplication::styleHints()->setCursorFlashTime(m_flashTime);
}

bool CursorRest::eventFilter(QObject* watched, QEvent* event)
{
    switch (event->type()) {
    case QEvent::KeyPress:
    case QEvent::MouseButtonPress:
    case QEvent::InputMethod:
    case QEvent::FocusIn:
    case QEvent::TouchBegin:
        wake();
        break;
    default:
        break;
    }
    return QObject::eventFilter(watched, event);
}

void CursorRest::rest()
{
    // A field that receives a time of 0 shows its cursor without blinking.
    QGuiApplication::styleHints()->setCursorFlashTime(0);
}

void CursorRest::wake()
{
    if (QGuiApplication::styleHints()->cursorFlashTime() != m_flashTime)
        QGuiApplication::styleHints()->setCursorFlashTime(m_flashTime);
    m_quiet.start();
}

} // namespace ponder

#include "moc_cursor_rest.cpp"
