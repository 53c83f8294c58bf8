#pragma once

#include <QQuickItem>
#include <QtQmlIntegration>

namespace ponder {

/// Calls back once the window's items have been laid out, before the frame is drawn: what changes then is in the
/// same frame, where Qt.callLater needs a second one.
class AfterLayout : public QQuickItem {
    Q_OBJECT
    QML_ELEMENT

public:
    /// Asks for the call; any number of times before a layout is one call. What laidOut() changes may ask again a
    /// few times in a frame, then the next frame goes on.
    Q_INVOKABLE void schedule();

signals:
    void laidOut();

protected:
    void updatePolish() override;

private:
    void beginAnew();

    int m_calls = 0; ///< in this frame
    bool m_isAsked = false; ///< too often for this frame
};

} // namespace ponder
