import QtQuick
import QtTest
import Ponder.Chat
import Ponder.TestChat

TestCase {
    id: test

    name: "QuestionEdit"
    when: windowShown
    width: 800
    height: 600
    visible: true

    Component {
        id: component

        Item {
            id: stage

            property alias subject: subject
            readonly property TestChat back: back
            property bool answering: false // with it, Escape stops what is written
            property int stops: 0

            width: 800
            height: 600

            TestChat {
                id: back
            }
            Shortcut {
                sequence: "Esc"
                enabled: stage.answering
                onActivated: stage.stops++
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

    // With a long answer under the question.
    function makeEdited(): var {
        const root = makeReady();
        root.back.script(0, 1500, 0);
        ask(root, "What?");
        tryVerify(() => root.subject.view.contentHeight > 3000, 5000);
        root.subject.editQuestion(0);
        tryVerify(() => inMessage(root, 0, "question.editor")?.activeFocus);
        keyClick("x");
        return root;
    }

    function test_anEditSurvivesScrolling() {
        const root = makeEdited();
        root.subject.jumpToEnd();
        tryVerify(() => root.subject.toEnd < 60, 2000);
        wait(100);
        verify(!root.subject.view.itemAtIndex(0), "it is out of sight");
        verify(findChild(root.subject.view.currentItem, "question.editor").activeFocus, "one can go on typing");
        keyClick("y");
        verify(root.subject.toEnd < 60);
        root.subject.view.positionViewAtBeginning();
        tryVerify(() => inMessage(root, 0, "question.editor")?.visible);
        const editor = inMessage(root, 0, "question.editor");
        compare(editor.text, "What?xy");
        keyClick(Qt.Key_Escape);
        verify(!editor.visible);
        compare(root.subject.view.currentIndex, -1);
    }

    function test_anEditWaitsUntilOneCanAsk() {
        const root = makeEdited();
        root.back.script(0, 100, 20);
        root.back.chat.answerAgain(1);
        tryVerify(() => !root.back.chat.canAsk);
        const editor = inMessage(root, 0, "question.editor");
        const button = findChild(root, "question.askAgain");
        verify(!button.enabled);
        keyClick(Qt.Key_Return);
        verify(editor.visible);
        compare(editor.text, "What?x");
        root.back.chat.stop();
        tryVerify(() => root.back.chat.canAsk);
        verify(button.enabled);
        verify(editor.visible);
    }

    function test_theEndOfAnEditIsSaid() {
        const root = makeEdited();
        const ended = createTemporaryQmlObject("import QtTest; SignalSpy { signalName: 'editingEnded' }", root);
        ended.target = root.subject;
        root.answering = true;
        const editor = inMessage(root, 0, "question.editor");
        keyClick(Qt.Key_Escape);
        compare(root.stops, 0, "it was meant for the edit");
        compare(ended.count, 1);
        verify(!editor.activeFocus);
        root.subject.editQuestion(0);
        keyClick(Qt.Key_Return); // with nothing changed
        compare(ended.count, 2);
        verify(!editor.visible);
        verify(!editor.activeFocus);
        compare(root.back.chat.messages.count, 2);
    }
}
