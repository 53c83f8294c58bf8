#include "tests/ui/chat_fixture.h"

#include <QSignalSpy>
#include <QTest>

namespace ponder {

using namespace Qt::StringLiterals;

/// The choice of a chat template, as it reaches the engine and is kept.
class tst_ChatTemplateViewModel : public QObject {
    Q_OBJECT

private:
    static int indexOf(const ChatTemplateViewModel& templates, const QString& name)
    {
        return int(templates.choices().indexOf(name));
    }

private slots:
    void theModelsOwnIsWhatHoldsAtFirst()
    {
        ChatFixture f;
        ChatTemplateViewModel& templates = *f.model.chatTemplate();
        QVERIFY(templates.inUse().isEmpty());
        QVERIFY(f.openModel());
        QCOMPARE(templates.current(), 0);
        QCOMPARE(templates.inUse(), u"the model's own"_s);
        QVERIFY(f.engine->lastOpened().templateForm.empty());
        QVERIFY(f.engine->lastOpened().templateFile.empty());
        QVERIFY(f.model.notice().isEmpty());
    }

    void aFormIsChosenKeptAndTakenBack()
    {
        ChatFixture f;
        ChatTemplateViewModel& templates = *f.model.chatTemplate();
        QVERIFY(f.openModel());
        const int before = f.engine->openings();
        const int chatMl = indexOf(templates, u"ChatML"_s);
        QVERIFY(chatMl > 1);
        templates.choose(chatMl);
        QTRY_COMPARE(f.engine->openings(), before + 1);
        QTRY_VERIFY(!f.model.isOpening());
        QCOMPARE(f.engine->lastOpened().templateForm, std::string("chatml"));
        QCOMPARE(templates.current(), chatMl);

        QVERIFY(f.openModel(u"/models/other.gguf"_s)); // another model is not touched
        QVERIFY(f.engine->lastOpened().templateForm.empty());
        QCOMPARE(templates.current(), 0);

        QVERIFY(f.openModel());
        QCOMPARE(f.engine->lastOpened().templateForm, std::string("chatml"));
        templates.choose(1);
        QTRY_COMPARE(f.engine->lastOpened().templateForm, std::string("auto"));
        QTRY_VERIFY(!f.model.isOpening());
        templates.choose(0);
        QTRY_VERIFY(f.engine->lastOpened().templateForm.empty());
    }

    void aFileIsAskedForAndReadAgainWhenChosenAgain()
    {
        ChatFixture f;
        ChatTemplateViewModel& templates = *f.model.chatTemplate();
        QVERIFY(f.openModel());
        QSignalSpy wanted(&templates, &ChatTemplateViewModel::fileWanted);
        const int last = int(templates.choices().size()) - 1;
        templates.choose(last);
        QCOMPARE(wanted.count(), 1);
        QCOMPARE(templates.current(), 0); // nothing was picked yet
        for (int i = 0; i < 2; ++i) {
            const int before = f.engine->openings();
            templates.chooseFile(QUrl::fromLocalFile(u"/tmp/a template.jinja"_s));
            QTRY_COMPARE(f.engine->openings(), before + 1);
            QTRY_VERIFY(!f.model.isOpening());
            QCOMPARE(
                f.engine->lastOpened().templateFile.string(), std::string("/tmp/a template.jinja"));
            QCOMPARE(templates.current(), last);
            QCOMPARE(templates.file(), u"/tmp/a template.jinja"_s);
        }
        templates.chooseFile(QUrl(u"https://example.org/x.jinja"_s)); // not on this machine
        QCOMPARE(templates.file(), u"/tmp/a template.jinja"_s);
    }

    void whatWasGuessedIsANoticeUntilItIsDismissed()
    {
        ChatFixture f;
        f.engine->setRemark("It is asked in the ChatML form.");
        QSignalSpy changed(&f.model, &ModelViewModel::noticeChanged);
        QVERIFY(f.openModel());
        QCOMPARE(f.model.notice(), u"It is asked in the ChatML form."_s);
        QCOMPARE(changed.count(), 1);
        f.model.dismissNotice();
        QVERIFY(f.model.notice().isEmpty());
        f.engine->setRemark({});
        QVERIFY(f.openModel());
        QVERIFY(f.model.notice().isEmpty());
    }

    void anAnswerThatTheTemplateRefusesOffersAnother()
    {
        ChatFixture f;
        QVERIFY(f.openModel());
        f.engine->setScript({{}, {}, {}, Error{ErrorCode::TemplateFailed, "No system role.", {}}});
        f.chat.ask(u"Hi"_s);
        QTRY_VERIFY(!f.model.notice().isEmpty());
        QVERIFY(f.openModel());
        QVERIFY(f.model.notice().isEmpty());
    }
};

} // namespace ponder

QTEST_GUILESS_MAIN(ponder::tst_ChatTemplateViewModel)
#include "tst_ChatTemplateViewModel.moc"
