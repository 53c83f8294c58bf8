#include "storage/database/database.h"
#include "storage/ponder_schema.h"
#include "storage/settings_store.h"
#include "tests/storage/await.h"
#include "ui/settings/window_place.h"

#include <QGuiApplication>
#include <QJsonObject>
#include <QScreen>
#include <QTemporaryDir>
#include <QTest>

using namespace ponder;
using namespace Qt::StringLiterals;
using storage::await;

/// One run of the program: a database, a window, and where the window is.
struct Run {
    storage::Database database(storage::ponderSchema());
    storage::SettingsStore store{database};
    QWindow window;
    std::unique_ptr<WindowPlace> place = std::make_unique<WindowPlace>(window, store);

    explicit Run(const QString& path)
    {
        database.open(path);
        await(store.load());
        window.setMinimumSize({200, 150});
        window.resize(400, 300);
    }
    ~Run() { place.reset(); }

    [[nodiscard]] QJsonObject stored() const { return store.value(u"window"_s).toObject(); }
};

class tst_WindowPlace : public QObject {
    Q_OBJECT

private slots:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void keepsPlaceAndSize()
    {
        {
            Run first(path());
            QVERIFY(!first.window.isVisible());
            first.place->show();
            QVERIFY(first.window.isVisible());
            QCOMPARE(first.window.size(), QSize(400, 300));
            first.window.setFramePosition({120, 90});
            first.window.resize(520, 410);
            QTRY_COMPARE(first.stored().value(u"width"_s).toInt(), 520);
        }
        Run second(path());
        second.place->show();
        QCOMPARE(second.window.size(), QSize(520, 410));
        QCOMPARE(second.window.framePosition(), QPoint(120, 90));
        second.place->show();
        QCOMPARE(second.window.size(), QSize(520, 410));
    }

    void keepsWhatWasSetShortlyBeforeTheEnd()
    {
        {
            Run first(path());
            first.place->show();
            first.window.resize(520, 410);
            QCoreApplication::processEvents();
            QVERIFY(first.stored().isEmpty());
        }
        Run second(path());
        second.place->show();
        QCOMPARE(second.window.size(), QSize(520, 410));
    }

    void keepsWhatWasSetShortlyBeforeItIsClosed()
    {
        {
            Run first(path());
            first.place->show();
            first.window.resize(520, 410);
            QCoreApplication::processEvents();
            QVERIFY(first.stored().isEmpty());
            QVERIFY(first.window.close());
            QCOMPARE(first.stored().value(u"width"_s).toInt(), 520);
        }
        Run second(path());
        second.place->show();
        QCOMPARE(second.window.size(), QSize(520, 410));
    }

    void keepsMaximizedAndTheSizeBefore()
    {
        {
            Run first(path());
            first.place->show();
            first.window.resize(520, 410);
            QTRY_COMPARE(first.stored().value(u"width"_s).toInt(), 520);
            first.window.showMaximized();
            QTRY_VERIFY(first.stored().value(u"maximized"_s).toBool());
            QCOMPARE(first.stored().value(u"width"_s).toInt(), 520);
        }
        Run second(path());
        second.place->show();
        QCOMPARE(second.window.visibility(), QWindow::Maximized);
    }

    void aPlaceOnNoScreenIsLeft()
    {
        const QRect screen = QGuiApplication::primaryScreen()->availableGeometry();
        {
            Run first(path());
            await(first.store.setValue(u"window"_s,
                QJsonObject{{u"x"_s, screen.right() + 5000}, {u"y"_s, 0}, {u"width"_s, 50'000},
                    {u"height"_s, 10}}));
        }
        Run second(path());
        second.place->show();
        QVERIFY(screen.contains(second.window.framePosition()));
        QCOMPARE(second.window.width(), screen.width());
        QCOMPARE(second.window.height(), 150);
    }

    void aFirstStartFitsTheScreen()
    {
        const QRect screen = QGuiApplication::primaryScreen()->availableGeometry();
        Run run(path());
        run.window.resize(screen.width() + 300, screen.height() + 10);
        run.place->show();
        QCOMPARE(run.window.width(), screen.width());
        // With room for what the desktop puts above it.
        QVERIFY2(run.window.height() <= screen.height() - 30 && run.window.height() > 150,
            qPrintable(QString::number(run.window.height())));
        QCOMPARE(run.window.visibility(), QWindow::Windowed);
    }

    void aSmallScreenLowersTheMinimum()
    {
        const QRect screen = QGuiApplication::primaryScreen()->availableGeometry();
        Run run(path());
        run.window.setMinimumSize({100, screen.height() + 100});
        run.place->show();
        QVERIFY(run.window.minimumHeight() < screen.height());
        QVERIFY(run.window.height() < screen.height());
        QCOMPARE(run.window.minimumWidth(), 100);
    }

    void whatSticksOutOfAScreenThatShrankComesBack()
    {
        const QRect screen = QGuiApplication::primaryScreen()->availableGeometry();
        const auto store = [&](const QRect& frame) {
            Run first(path());
            await(first.store.setValue(u"window"_s,
                QJsonObject{{u"x"_s, frame.x()}, {u"y"_s, frame.y()}, {u"width"_s, frame.width()},
                    {u"height"_s, frame.height()}}));
        };
        const QSize size(500, 400);
        store({{screen.right() - 100, screen.bottom() - 90}, size});
        {
            Run second(path());
            second.place->show();
            QCOMPARE(second.window.size(), size);
            QVERIFY(screen.contains(QRect(second.window.framePosition(), size)));
        }
        store({{screen.left() + 20, screen.top() + 10}, size});
        Run third(path());
        third.place->show();
        QCOMPARE(third.window.framePosition(), screen.topLeft() + QPoint(20, 10));
    }

    void nonsenseIsIgnored()
    {
        Run run(path());
        await(run.store.setValue(u"window"_s, u"large"_s));
        run.place->show();
        QVERIFY(run.window.isVisible());
        QCOMPARE(run.window.size(), QSize(400, 300));
    }

private:
    [[nodiscard]] QString path() const { return m_folder->filePath(u"ponder.db"_s); }

    std::unique_ptr<QTemporaryDir> m_folder;
};

QTEST_MAIN(tst_WindowPlace)
#include "tst_WindowPlace.moc"
