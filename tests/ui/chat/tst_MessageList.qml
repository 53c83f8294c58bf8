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
        const banner = inMessage(root, 1, "answer.notice");
        compare(banner.text, "The GPU stopped answering.");
        compare(banner.actionText, "Go on on the processor");
        root.back.script(0, 1, 0);
        const button = findChild(banner, "banner.action");
        button.forceActiveFocus();
        keyClick(Qt.Key_Space);
        tryVerify(() => answerText(root, 1).startsWith("Half ofword") && root.back.chat.canAsk);
        verify(!findChild(root.subject.view.itemAtIndex(1), "answer.notice").visible);
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
