#include "ui/models/model_path.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>
#include <unistd.h>

using namespace ponder;
using namespace Qt::StringLiterals;

class tst_ModelPath : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        m_home = QDir(m_folder.path()).canonicalPath();
        qputenv("HOME", m_home.toUtf8());
        qputenv("MODELS", (m_home + u"/models"_s).toUtf8());
        QVERIFY(QDir(m_home).mkpath(u"models/sub folder"_s));
        write(u"models/good.gguf"_s, "GGUF....");
        write(u"models/LOUD.GGUF"_s, "GGUF....");
        write(u"models/sha256-0a1b"_s, "GGUF....");
        write(u"models/part.safetensors"_s, "{}");
        write(u"models/notes.txt"_s, "GG");
        write(u"models/$odd.gguf"_s, "GGUF....");
        QVERIFY(QFile::link(m_home + u"/gone"_s, m_home + u"/models/dangling.gguf"_s));
        QCOMPARE(mkfifo((m_home + u"/models/pipe.gguf"_s).toUtf8().constData(), 0600), 0);
    }

    void places_data()
    {
        QTest::addColumn<QString>("words");
        QTest::addColumn<QString>("path"); // below the home folder
        QTest::addColumn<bool>("file");
        QTest::addColumn<QString>("problem"); // a part of it
        const auto row = [](const char* words, const char* path, bool file, const char* problem) {
            QTest::newRow(words) << QString::fromUtf8(words) << QString::fromUtf8(path) << file
                                 << QString::fromUtf8(problem);
        };
        row("~", "", false, "");
        row("~/models", "/models", false, "");
        row("~/models/", "/models", false, "");
        row("  ~/models/../models//good.gguf ", "/models/good.gguf", true, "");
        row("$MODELS", "/models", false, "");
        row("${MODELS}/sub folder", "/models/sub folder", false, "");
        row("$HOME/models/LOUD.GGUF", "/models/LOUD.GGUF", true, "");
        row("'~/models/good.gguf'", "/models/good.gguf", true, "");
        row("\"$MODELS/good.gguf\"", "/models/good.gguf", true, "");
        row("good.gguf", "/models/good.gguf", true, "");
        row("./good.gguf", "/models/good.gguf", true, "");
        row("..", "", false, "");
        row("$odd.gguf", "/models/$odd.gguf", true, "");
        row("sha256-0a1b", "/models/sha256-0a1b", true, "");
        row("part.safetensors", "/models/part.safetensors", true, "");
        row("notes.txt", "/models", false, "notes.txt is not a model");
        row("pipe.gguf", "/models", false, "neither a file nor a folder");
        row("dangling.gguf", "/models", false, "a link to something that is not there");
        row("~/modles/x/good.gguf", "", false, "There is no file or folder");
        row("/nonexistent/a/b.gguf", nullptr, false,
            "There is no file or folder /nonexistent/a/b.gguf.");
        row("$NOSUCHVARIABLE/x", "/models", false, "no variable $NOSUCHVARIABLE");
        row("", "/models", false, "");
    }

    void places()
    {
        QFETCH(QString, words);
        QFETCH(QString, path);
        QFETCH(bool, file);
        QFETCH(QString, problem);
        const ModelPlace place = ModelPath::look(words, m_home + u"/models"_s);
        QCOMPARE(place.path, path.isNull() ? u"/"_s : m_home + path);
        QCOMPARE(place.file, file);
        if (problem.isEmpty())
            QCOMPARE(place.problem, QString());
        else
            QVERIFY2(place.problem.contains(problem), qPrintable(place.problem));
    }

    void addresses()
    {
        const QString good = m_home + u"/models/good.gguf"_s;
        QCOMPARE(ModelPath::look(u"file://"_s + good, u"/"_s).path, good);
        QVERIFY(ModelPath::look(u"file://"_s + good, u"/"_s).file);
        const ModelPlace web = ModelPath::look(u"https://example.org/model.gguf"_s, u"/"_s);
        QVERIFY(!web.file && !web.problem.isEmpty());
    }

    void whatMayNotBeReadIsSaid()
    {
        if (geteuid() == 0)
            QSKIP("root may read everything: run it as somebody else, and this runs");
        write(u"secret.gguf"_s, "GGUF");
        QFile::setPermissions(m_home + u"/secret.gguf"_s, {});
        QVERIFY(ModelPath::look(u"~/secret.gguf"_s, u"/"_s).problem.contains(u"may not be read"_s));
        QVERIFY(QDir(m_home).mkdir(u"locked"_s));
        QFile::setPermissions(m_home + u"/locked"_s, {});
        QVERIFY(ModelPath::look(u"~/locked"_s, u"/"_s).problem.contains(u"may not be read"_s));
    }

private:
    void write(const QString& name, const char* bytes)
    {
        QFile file(m_home + u'/' + name);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(bytes);
    }

    QTemporaryDir m_folder;
    QString m_home;
};

QTEST_GUILESS_MAIN(tst_ModelPath)
#include "tst_ModelPath.moc"
