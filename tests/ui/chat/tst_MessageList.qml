import QtQuick
import QtTest
import Ponder.Chat
import Ponder.TestChat

TestCase {
    id: test

    name: "MessageList"
    when: windowShown
    width: 800
    height: 600
    visible: true

    Component {
        id: component

        Item {
            property alias subject: subject
            readonly property TestChat back: back

            width: 800
            height: 600

            TestChat {
                id: back
            }
            MessageList {
                id: subject
                anchors.fill: parent
                chat: back.chat
                foldsThoughts: true
            }
        }
    }

    function makeReady(): var {
        const root = createTemporaryObject(component, test);
        root.back.openModel();
        tryVerify(() => root.back.chat.canAsk);
        return root;
    }

    function ask(root: var, text: string): void {
        const before = root.back.chat.messages.count;
        root.back.chat.ask(text);
        tryVerify(() => root.back.chat.messages.count === before + 2 && root.back.chat.canAsk, 10000);
        // Question and answer come in one change: their rows are made when the view is laid out.
        if (isPolishScheduled(root.subject.view))
            waitForItemPolished(root.subject.view);
    }

    // Null while the delegate is being made.
    function inMessage(root: var, row: int, name: string): var {
        const item = root.subject.view.itemAtIndex(row);
        return item ? findChild(item, name) : null;
    }

    // The text of an answer; empty while its delegate is being made.
    function answerText(root: var, row: int): string {
        const view = inMessage(root, row, "answer.text");
        return view ? view.source : "";
    }

    function test_showsThoughtApartFromTheAnswer() {
        const root = makeReady();
        ask(root, "What is 7 + 5?");
        tryVerify(() => answerText(root, 1) === "It is **12**.");
        compare(inMessage(root, 1, "answer.thought").thought.text, "Seven and five.");
        verify(!inMessage(root, 1, "answer.thought").thought.expanded);
    }

    function test_followsTheEndUntilOneScrollsAway() {
        const root = makeReady();
        root.back.script(0, 400, 3);
        root.back.chat.ask("Talk");
        tryVerify(() => root.subject.view.contentHeight > 900, 10000);
        verify(root.subject.following);
        tryVerify(() => root.subject.toEnd < 60, 1000);
        const jump = findChild(root, "messages.jump");
        compare(jump.visible, false);

        mouseWheel(root.subject, 300, 300, 0, 600);
        tryVerify(() => !root.subject.following, 2000);
        wait(300);
        const here = root.subject.view.contentY;
        wait(300);
        fuzzyCompare(root.subject.view.contentY, here, 2);
        tryVerify(() => jump.visible);
        mouseClick(jump);
        verify(root.subject.following);
        tryVerify(() => root.subject.toEnd < 60, 1000);
        root.back.chat.stop();
        tryVerify(() => !root.back.chat.generating);
    }

    function test_keepsFewDelegatesForManyMessages() {
        const root = makeReady();
        root.back.script(0, 30, 0);
        for (let i = 0; i < 12; ++i)
            ask(root, "Question " + i);
        tryVerify(() => root.subject.toEnd < 60, 2000, "the end is in view");
        let alive = 0;
        for (const child of root.subject.view.contentItem.children)
            alive += String(child.objectName).startsWith("message.") ? 1 : 0;
        verify(alive > 0 && alive < 12, alive + " of 24 delegates are alive");
    }

    function test_goesOnWhenTheGpuWasLost() {
        const root = makeReady();
        root.back.loseGpu();
        ask(root, "What?");
        tryVerify(() => answerText(root, 1) === "Half of ");
        tryVerify(() => inMessage(root, 1, "answer.notice")?.visible);
        const notice = inMessage(root, 1, "answer.notice");
        compare(findChild(notice, "notice.failure").text, "The GPU stopped answering.");
        root.back.script(0, 1, 0);
        const button = findChild(notice, "notice.continue");
        compare(button.text, "Continue on the processor");
        button.forceActiveFocus();
        keyClick(Qt.Key_Space);
        tryVerify(() => answerText(root, 1).startsWith("Half ofword") && root.back.chat.canAsk);
        verify(!findChild(root.subject.view.itemAtIndex(1), "answer.notice"));
    }

    // What stands under an answer: the words, and the names of the choices.
    function offered(root: var, row: int): var {
        const notice = inMessage(root, row, "answer.notice");
        return notice ? notice.choices.filter(choice => choice.shown).map(choice => choice.name) : [];
    }

    function test_aStopIsAQuietLine() {
        const root = makeReady();
        root.back.script(2000, 0, 2);
        root.back.chat.ask("Think");
        tryVerify(() => inMessage(root, 1, "answer.thought")?.thought.steps.count > 3, 10000);
        root.back.chat.stop();
        tryVerify(() => inMessage(root, 1, "answer.notice"));
        const notice = inMessage(root, 1, "answer.notice");
        verify(!findChild(notice, "notice.failure").visible);
        compare(findChild(notice, "notice.words").text, "Stopped");
        tryVerify(() => offered(root, 1).join() === "continue,again");
        verify(inMessage(root, 1, "answer.thought").thought.expanded, "what one was reading stays open");
        root.back.script(0, 1, 0);
        mouseClick(findChild(notice, "notice.continue"));
        tryVerify(() => answerText(root, 1).startsWith("word") && root.back.chat.canAsk);
        verify(!inMessage(root, 1, "answer.thought").thought.expanded, "it folds when the answer begins");
    }

    function test_anAnswerThatStayedEmptySaysSo() {
        const root = makeReady();
        root.back.thinkOnly();
        ask(root, "What?");
        tryVerify(() => inMessage(root, 1, "answer.notice"));
        compare(findChild(inMessage(root, 1, "answer.notice"), "notice.words").text, "The model ended inside its thought");
        compare(offered(root, 1).join(), "continue,again");
        const thought = inMessage(root, 1, "answer.thought").thought;
        verify(thought.expanded);
        verify(thought.headline.startsWith("Thought"), thought.headline);
    }

    function test_aQuestionThatIsTooLongCanBeEdited() {
        const root = makeReady();
        root.back.refuseAsTooLong();
        ask(root, "Long?");
        tryVerify(() => offered(root, 1).join() === "edit"); // nothing else would help
        mouseClick(findChild(inMessage(root, 1, "answer.notice"), "notice.edit"));
        tryVerify(() => inMessage(root, 0, "question.editor")?.activeFocus);
        root.back.script(0, 1, 0);
        keyClick(Qt.Key_X);
        keyClick(Qt.Key_Enter, Qt.KeypadModifier);
        tryVerify(() => answerText(root, 1).startsWith("word"));
        compare(root.back.chat.messages.count, 2);
        compare(inMessage(root, 0, "question.words").text, "Long?x");
    }

    function test_offersMoreContextWhereThereIsSome() {
        const root = makeReady();
        root.back.settings.contextLength = 4096;
        root.back.refuseAsTooLong();
        ask(root, "Long?");
        tryVerify(() => offered(root, 1).join() === "edit,settings");
        const asked = createTemporaryQmlObject("import QtTest; SignalSpy { signalName: 'settingsRequested' }", root);
        asked.target = root.subject;
        mouseClick(findChild(inMessage(root, 1, "answer.notice"), "notice.settings"));
        compare(asked.count, 1);
        compare(asked.signalArguments[0][0], MessageListModel.ShorterQuestion);
        root.back.settings.contextLength = 0;
    }

    function test_aLongQuestionIsCut() {
        const root = makeReady();
        ask(root, "word\n".repeat(20000));
        tryVerify(() => inMessage(root, 0, "question.words"));
        const words = inMessage(root, 0, "question.words");
        compare(words.text.split(/[\n\u2029]/).length, 40);
        const more = inMessage(root, 0, "question.more");
        verify(more.visible);
        verify(more.text.endsWith("lines"), more.text);
        more.clicked();
        const viewer = words.parent.parent.viewer;
        tryVerify(() => viewer.opened);
        const lines = findChild(viewer.contentItem, "viewer.lines");
        compare(lines.count, 20000);
        keyClick(Qt.Key_End);
        tryVerify(() => lines.atYEnd);
        keyClick(Qt.Key_Escape);
        tryVerify(() => !viewer.visible);
    }

    function test_aQuestionOfSomeLinesUnfolds() {
        const root = makeReady();
        ask(root, "word\n".repeat(100) + "end");
        tryVerify(() => inMessage(root, 0, "question.words"));
        const words = inMessage(root, 0, "question.words");
        verify(!words.text.includes("end"));
        inMessage(root, 0, "question.more").clicked();
        verify(words.text.includes("end"));
        inMessage(root, 0, "question.more").clicked();
        verify(!words.text.includes("end"));
    }

    function test_pagesReachTheTop() {
        const root = makeReady();
        root.back.script(0, 200, 0);
        ask(root, "Talk");
        tryVerify(() => root.subject.view.contentHeight > 2000, 5000);
        const view = root.subject.view;
        view.forceActiveFocus();
        verify(view.Window.activeFocusItem === view);
        keyClick(Qt.Key_End);
        for (let i = 0; i < 40; ++i)
            keyClick(Qt.Key_PageUp);
        tryVerify(() => Math.abs(view.contentY - view.originY + view.topMargin) < 1, 1000); // rows above are measured as they come
        keyClick(Qt.Key_End);
        tryVerify(() => root.subject.toEnd < 60, 1000);
        keyClick(Qt.Key_Home);
        tryVerify(() => Math.abs(view.contentY - view.originY + view.topMargin) < 1, 1000); // rows above are measured as they come
        for (let i = 0; i < 40; ++i)
            keyClick(Qt.Key_PageDown);
        fuzzyCompare(root.subject.toEnd, -view.bottomMargin, 1);
    }

    function test_theCaptionStaysOffTheButtons_data() {
        return [
            {
                tag: "wide",
                width: 800
            },
            {
                tag: "narrow",
                width: 368
            },
            {
                tag: "narrowest",
                width: 264
            }
        ];
    }

    function test_theCaptionStaysOffTheButtons(data) {
        const root = makeReady();
        root.back.model.openFile("/models/" + "a-long-name-".repeat(12) + ".gguf");
        tryVerify(() => root.back.chat.canAsk);
        ask(root, "What?");
        root.back.chat.answerAgain(1); // with versions, the row of buttons is at its longest
        tryVerify(() => root.back.chat.canAsk && inMessage(root, 1, "siblings.next")?.visible);
        root.width = data.width;
        const caption = inMessage(root, 1, "answer.caption");
        const next = inMessage(root, 1, "siblings.next");
        tryVerify(() => caption.mapToItem(root, 0, 0).x >= next.mapToItem(root, next.width, 0).x);
        verify(inMessage(root, 1, "answer.model").lineCount <= 1); // none where there is no room
    }

    function test_regeneratesAndSwitchesVersions() {
        const root = makeReady();
        ask(root, "What?");
        root.back.script(0, 1, 0);
        tryVerify(() => inMessage(root, 1, "answer.regenerate")?.visible);
        mouseClick(inMessage(root, 1, "answer.regenerate"));
        tryVerify(() => answerText(root, 1).startsWith("word") && root.back.chat.canAsk);
        tryVerify(() => inMessage(root, 1, "siblings.previous")?.visible && inMessage(root, 1, "siblings.previous").enabled);
        mouseClick(inMessage(root, 1, "siblings.previous"));
        tryVerify(() => answerText(root, 1) === "It is **12**.");
    }
}
