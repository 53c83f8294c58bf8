import QtQuick
import QtTest
import Ponder.Composer
import Ponder.TestChat

TestCase {
    id: test

    name: "Composer"
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
            Composer {
                id: subject
                width: 700
                composer: back.chat.composer
                answering: back.chat.generatingHere
                answeringElsewhere: back.chat.answeringElsewhere
                onSent: text => back.chat.ask(text)
                onStopRequested: back.chat.stop()
                onShowAnsweringRequested: back.chat.showAnswering()
            }
        }
    }

    function make(): var {
        const root = createTemporaryObject(component, test);
        root.subject.takeFocus();
        return root;
    }

    function makeReady(): var {
        const root = make();
        root.back.openModel();
        tryVerify(() => root.back.chat.canAsk);
        return root;
    }

    function test_saysWhyOneCannotAsk() {
        const root = make();
        const hint = findChild(root, "composer.hint");
        verify(hint.text.includes("No model"), hint.text);
        root.subject.input.text = "Hello";
        keyClick(Qt.Key_Return);
        compare(root.back.chat.messages.count, 0);
        compare(root.subject.input.text, "Hello");
    }

    function test_enterSendsAndShiftEnterStartsALine() {
        const root = makeReady();
        keyClick(Qt.Key_H);
        keyClick(Qt.Key_Return, Qt.ShiftModifier);
        keyClick(Qt.Key_I);
        compare(root.subject.input.text.split(/[\n\u2029]/).length, 2);
        compare(root.back.chat.messages.count, 0);
        keyClick(Qt.Key_Return);
        tryCompare(root.subject.input, "text", "");
        tryCompare(root.back.chat.messages, "count", 2);
    }

    function test_doesNotSendBlanks() {
        const root = makeReady();
        root.subject.input.text = "  \n ";
        verify(!root.subject.canSend);
        keyClick(Qt.Key_Return);
        wait(30);
        compare(root.back.chat.messages.count, 0);
    }

    function test_sendBecomesStopAndEscapeStops() {
        const root = makeReady();
        root.back.script(0, 2000, 2);
        verify(findChild(root, "composer.send") !== null);
        root.subject.input.text = "Talk";
        root.subject.send();
        tryVerify(() => root.back.chat.generating);
        verify(findChild(root, "composer.stop") !== null);
        keyClick(Qt.Key_Escape);
        tryVerify(() => !root.back.chat.generating, 1000);
        verify(findChild(root, "composer.send") !== null);
    }

    function test_escapeActsOnWhatIsOnTheScreen() {
        const root = makeReady();
        root.back.script(0, 3000, 2);
        root.subject.input.text = "Talk";
        root.subject.send();
        tryVerify(() => root.back.chat.generatingHere);
        const talking = root.back.chat.conversationId;
        root.back.chat.startNew();
        tryVerify(() => root.back.chat.answeringElsewhere === "Talk");
        keyClick(Qt.Key_Escape);
        verify(findChild(root, "composer.stop") === null);
        const hint = findChild(root, "composer.hint");
        verify(hint.text.includes("Talk"), hint.text);
        wait(50);
        verify(root.back.chat.generating);
        mouseClick(findChild(root, "composer.showAnswering"));
        compare(root.back.chat.conversationId, talking);
        verify(!findChild(root, "composer.showAnswering").visible);
        keyClick(Qt.Key_Escape);
        tryVerify(() => !root.back.chat.generating, 1000);
    }

    function test_aMegabyteGoesBesideTheWords() {
        const root = makeReady();
        const lines = "A line of a long log that somebody wants to have explained\n".repeat(20000);
        root.back.fillClipboard(lines);
        keyClick(Qt.Key_H);
        const began = root.back.busyMs();
        keySequence(StandardKey.Paste);
        keyClick(Qt.Key_I);
        const took = root.back.busyMs() - began;
        compare(root.subject.input.text, "hi");
        tryVerify(() => findChild(root, "pasted.0")?.width > 100);
        verify(took < 300, took + " ms"); // with a text field that lays it out it takes 1,200
        verify(root.subject.canSend);
        keyClick(Qt.Key_Return);
        tryVerify(() => root.back.chat.messages.count === 2, 5000);
        compare(findChild(root, "pasted.0"), null);
        root.back.chat.copyMessage(0);
        root.subject.input.text = "";
    }

    function test_aPastedTextCanBeTakenAway() {
        const root = makeReady();
        const low = root.subject.height;
        root.back.fillClipboard("word ".repeat(3000));
        keySequence(StandardKey.Paste);
        tryVerify(() => findChild(root, "pasted.remove")?.visible);
        // The text field lies over the chip until the next frame has moved it down.
        tryVerify(() => root.subject.height > low + findChild(root, "pasted.0").height);
        const high = root.subject.height;
        verify(root.subject.canSend);
        mouseClick(findChild(root, "pasted.remove"));
        tryVerify(() => root.subject.height < high);
        verify(!root.subject.canSend);
        root.back.fillClipboard("few words");
        root.subject.input.forceActiveFocus();
        keySequence(StandardKey.Paste);
        compare(root.subject.input.text, "few words");
    }

    function test_growsToEightLines() {
        const root = make();
        const one = root.subject.height;
        root.subject.input.text = "a\nb\nc";
        tryVerify(() => root.subject.height > one + 20);
        root.subject.input.text = "x\n".repeat(8);
        const eight = root.subject.height;
        root.subject.input.text = "x\n".repeat(60);
        wait(20);
        verify(root.subject.height <= eight + 2, root.subject.height + " " + eight);
    }

    function test_keepsTheDraftOfEachConversation() {
        const root = makeReady();
        root.subject.input.text = "One";
        root.subject.send();
        tryVerify(() => root.back.chat.messages.count === 2 && root.back.chat.canAsk);
        const first = root.back.chat.conversationId;
        root.subject.input.text = "not sent";
        root.back.chat.startNew();
        compare(root.subject.input.text, "");
        root.back.chat.open(first);
        compare(root.subject.input.text, "not sent");
    }
}
