// What the window tells of this computer: each thing until it is closed, fonts once for good.
#include "storage/database/database.h"
#include "storage/ponder_schema.h"
#include "storage/settings_store.h"
#include "tests/storage/await.h"
#include "ui/chat/font_watch.h"
#include "ui/chat/message_list_model.h"
#include "ui/settings/system_hints.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace ponder;
using namespace Qt::StringLiterals;
using Kind = MissingFonts::Kind;
using storage::await;

namespace {

struct Run {
    storage::Database database(storage::ponderSchema());
    storage::SettingsStore store{database};
    SystemHints hints{store};
    QStringList asked; ///< letters that fonts were asked for

    explicit Run(const QString& path)
    {
        database.open(path);
        await(store.load());
    }

    MissingFonts noFonts()
    {
        return MissingFonts([this](char32_t letter) {
            asked.append(QString::fromUcs4(&letter, 1));
            return false;
        });
    }
};

MessageRow message(qint64 id, const QString& text, const QString& thought = {})
{
    MessageRow row;
    row.id = id;
    row.author = MessageRow::Author::Model;
    row.text = text;
    row.thought = thought;
    return row;
}

} // namespace

class tst_SystemHints : public QObject {
    Q_OBJECT

private slots:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void tellsOneAfterAnother()
    {
        Run run(path());
        QSignalSpy changed(&run.hints, &SystemHints::changed);
        run.hints.tell({u"a"_s, u"First."_s, u"Do this."_s, u"code"_s, false});
        QCOMPARE(run.hints.text(), QString()); // not before it is known what was closed
        run.hints.begin();
        QCOMPARE(run.hints.text(), u"First."_s);
        QCOMPARE(run.hints.detail(), u"Do this."_s);
        QCOMPARE(run.hints.details(), u"code"_s);
        run.hints.tell({u"b"_s, u"Second."_s, {}, {}, false});
        run.hints.tell({u"a"_s, u"First again."_s, {}, {}, false});
        QCOMPARE(run.hints.text(), u"First."_s);
        run.hints.dismiss();
        QCOMPARE(run.hints.text(), u"Second."_s);
        run.hints.dismiss();
        QCOMPARE(run.hints.text(), QString());
        QVERIFY(changed.size() >= 3);
        run.hints.dismiss();
    }

    void whatIsClosedForGoodDoesNotComeBack()
    {
        const SystemHint font{u"font"_s, u"A font."_s, {}, {}, true};
        const SystemHint card{u"card"_s, u"A card."_s, {}, {}, false};
        {
            Run first(path());
            first.hints.begin();
            first.hints.tell(font);
            first.hints.tell(card);
            first.hints.dismiss();
            first.hints.dismiss();
        }
        Run second(path());
        second.hints.tell(font); // before and after begin()
        second.hints.begin();
        QCOMPARE(second.hints.text(), QString());
        second.hints.tell(font);
        QCOMPARE(second.hints.text(), QString());
        second.hints.tell(card);
        QCOMPARE(second.hints.text(), u"A card."_s);
    }

    void fontsThatAreMissing_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QList<int>>("kinds");
        const auto row = [](const char* name, const QString& text, const QList<Kind>& kinds) {
            QList<int> numbers;
            for (const Kind kind : kinds)
                numbers.append(int(kind));
            QTest::newRow(name) << text << numbers;
        };
        row("English", u"Naïve façade — 3 × 4 ≈ 12 → “yes”, ½ €"_s, {});
        row("signs", u"∑ ∀ ⊕ ✓ ★ ♥ ▶ © ™ ① 1️⃣ ❤️"_s, {});
        row("emoji", u"Great 🎉🎉 work 👩‍👩‍👧"_s, {Kind::Emoji});
        row("Chinese", u"你好，世界"_s, {Kind::EastAsian});
        row("Japanese", u"ひらがなとカタカナ"_s, {Kind::EastAsian});
        row("Korean", u"안녕하세요"_s, {Kind::EastAsian});
        row("Hindi", u"नमस्ते दुनिया"_s, {Kind::Other});
        row("Tamil and Arabic", u"வணக்கம் مرحبا"_s, {Kind::Other});
        row("all", u"🙂 하나 एक"_s, {Kind::Emoji, Kind::EastAsian, Kind::Other});
        row("beyond 16 bits", u"𐌰𐌱"_s, {Kind::Other});
        row("half a letter", QString(QChar(0xD83C)) + u" x "_s + QChar(0xDF89), {});
    }

    void fontsThatAreMissing()
    {
        QFETCH(QString, text);
        QFETCH(QList<int>, kinds);
        QList<int> found;
        Run run(path());
        MissingFonts fonts = run.noFonts();
        for (const Kind kind : fonts.look(text))
            found.append(int(kind));
        QCOMPARE(found, kinds);
        const qsizetype asked = run.asked.size();
        QVERIFY(fonts.look(text).isEmpty()); // once each
        QCOMPARE(run.asked.size(), asked);

        MissingFonts all([](char32_t) { return true; });
        QVERIFY(all.look(text).isEmpty());
    }

    void asksForLettersThatEveryFontOfTheKindHas()
    {
        Run run(path());
        MissingFonts fonts = run.noFonts();
        static_cast<void>(fonts.look(u"🫩 𰻝"_s)); // newer than many fonts; rarer than most
        QCOMPARE(run.asked, QStringList({u"😀"_s, u"中"_s}));
    }

    void qtIsAskedWhichLettersThereAre()
    {
        MissingFonts fonts;
        // Whatever fonts this machine has, none has a letter for these.
        QVERIFY(!fonts.look(QString::fromUcs4(U"\U00016A40\U00013000\U00012000"))
                .contains(Kind::Emoji));
        QVERIFY(MissingFonts().look(u"Latin"_s).isEmpty());
    }

    void aMessageThatShowsSuchLettersTellsOfTheFont()
    {
        Run run(path());
        run.hints.begin();
        MessageListModel messages;
        const FontWatch watch(messages, run.hints, run.noFonts());
        messages.setRows({message(1, u"Hello"_s), message(2, u"Hi"_s)});
        QCOMPARE(run.hints.text(), QString());
        MessageGrowth growth;
        growth.text = u" there "_s + QChar(0xD83C);
        messages.growLast(growth);
        QCOMPARE(run.hints.text(), QString());
        growth.text = QChar(0xDF89); // the emoji came in two halves
        messages.growLast(growth);
        QVERIFY2(run.hints.text().contains(u"emoji"_s), qPrintable(run.hints.text()));
        QVERIFY2(run.hints.detail().contains(u"fonts-noto-color-emoji"_s),
            qPrintable(run.hints.detail()));
        run.hints.dismiss();

        messages.append(message(3, {}, u"想一想"_s)); // in a thought
        QVERIFY2(run.hints.detail().contains(u"fonts-noto-cjk"_s), qPrintable(run.hints.detail()));
        run.hints.dismiss();
        messages.setRows({message(9, u"नमस्ते"_s)});
        QVERIFY2(run.hints.detail().contains(u"fonts-noto-core"_s), qPrintable(run.hints.detail()));
    }

private:
    [[nodiscard]] QString path() const { return m_folder->filePath(u"ponder.db"_s); }

    std::unique_ptr<QTemporaryDir> m_folder;
};

QTEST_MAIN(tst_SystemHints)
#include "tst_SystemHints.moc"
