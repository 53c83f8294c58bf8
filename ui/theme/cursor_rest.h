#pragma once

#include <QObject>
#include <QTimer>

namespace ponder {

/// Lets the text cursor stand still when nobody has typed or clicked for a while, as GTK does: each blink
/// wakes the program and draws. For the whole application, whatever field has the cursor. Belongs to
/// the GUI thread.
class CursorRest : public QObject {
    Q_OBJECT

public:
    static constexpr int kAfterMs = 10'000;

    /// Watches the application, which must exist.
    explicit CursorRest(QObject* parent = nullptr, int afterMs = kAfterMs);
    ~CursorRest() override;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void rest();
    void wake();

    int m_flashTime; ///< the desktop's, in milliseconds
    QTimer m_quiet;
};

} // namespace ponder
