#pragma once

#include <QObject>
#include <QPointer>
#include <QTimer>
#include <QWindow>

namespace ponder {

namespace storage {
class SettingsStore;
}

/// Where a window was and how large, kept across runs. Belongs to the GUI thread.
class WindowPlace : public QObject {
    Q_OBJECT

public:
    /// `window` is not shown yet; `store` must outlive the object.
    WindowPlace(QWindow& window, storage::SettingsStore& store, QObject* parent = nullptr);
    ~WindowPlace() override;

    /// Shows the window as the store has it, or at its own size where the store has nothing: in the same place
    /// where that is still on a screen, as a whole, no smaller than its minimum, no larger than the
    /// screen. Where the screen is smaller than the minimum, that is lowered. Only the first call does anything.
    void show();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void restore();
    void save();

    QPointer<QWindow> m_window;
    storage::SettingsStore& m_store;
    bool m_shown = false;
    bool m_maximized = false;
    QRect m_frame; ///< when it was last an ordinary window: the frame's corner, the inner size
    QTimer m_saving;
};

} // namespace ponder
