import QtQuick
import QtTest
import Ponder.Library
import Ponder.TestChat
import Ponder.Theme

TestCase {
    id: test

    name: "LibraryPaneKeys"
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
            property var openedId: 0
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
            LibraryPane {
                id: subject

                width: 300
                height: 600
                library: back.library
                currentId: parent.openedId
                onOpened: conversationId => parent.openedId = conversationId
            }
        }
    }

    // With three conversations: Bread and butter, Sums, Bread (the newest).
    function make(): var {
        const root = createTemporaryObject(component, test);
        root.back.loadLibrary();
        tryVerify(() => root.back.library.loaded);
        for (const title of ["Bread and butter", "Sums", "Bread"])
            root.back.addConversation(title);
        expectTitles(root, ["Bread", "Sums", "Bread and butter"]);
        return root;
    }

    function list(root: Item): ListView {
        return findChild(root, "library.list");
    }
    function row(root: Item, index: int): Item {
        let found = null;
        tryVerify(() => {
            found = list(root).itemAtIndex(index);
            return found !== null;
        });
        return found;
    }
    // The view follows its model with the next frame.
    function expectTitles(root: Item, expected: list<string>) {
        const shown = () => expected.map((title, i) => list(root).itemAtIndex(i)?.title);
        tryVerify(() => list(root).count === expected.length && shown().join() === expected.join(), 5000, shown().join());
    }

    function test_renamesWithoutOpening() {
        const root = make();
        root.openedId = row(root, 0).conversationId;
        const first = root.openedId;
        root.subject.takeSearchFocus();
        for (const key of [Qt.Key_Return, Qt.Key_Enter]) {
            list(root).currentIndex = 1;
            list(root).forceActiveFocus();
            keyClick(Qt.Key_F2);
            keyClick("x");
            keyClick(Qt.Key_F2);
            keyClick("y"); // F2 begins but once
            compare(findChild(row(root, 1), "conversation.editor").text, "xy");
            keyClick(key, key === Qt.Key_Enter ? Qt.KeypadModifier : Qt.NoModifier);
            expectTitles(root, ["Bread", "xy", "Bread and butter"]);
            compare(root.openedId, first);
            verify(row(root, 1).activeFocus);
        }
        keyClick(Qt.Key_Enter, Qt.KeypadModifier);
        compare(root.openedId, row(root, 1).conversationId);
    }

    function test_aClickElsewhereTakesTheKeyboard() {
        const root = make();
        mouseDoubleClickSequence(row(root, 2));
        verify(row(root, 2).renaming);
        keyClick("x");
        const search = findChild(root, "library.search");
        mouseClick(search);
        verify(!row(root, 2).renaming);
        verify(search.activeFocus);
    }

    function test_escapeIsFirstForWhatIsAtHand() {
        const root = make();
        root.answering = true;
        root.subject.takeSearchFocus();
        keyClick("b");
        keyClick(Qt.Key_Escape);
        compare(root.back.library.filter, "");
        compare(root.stops, 0);
        root.subject.takeSearchFocus();
        keyClick(Qt.Key_Escape);
        compare(root.stops, 1);

        tryCompare(list(root), "count", 3);
        list(root).currentIndex = 0;
        list(root).forceActiveFocus();
        keyClick(Qt.Key_F2);
        verify(row(root, 0).renaming);
        keyClick(Qt.Key_Escape);
        verify(!row(root, 0).renaming);
        compare(root.stops, 1);
        keyClick(Qt.Key_Escape);
        compare(root.stops, 2);

        root.subject.showBin(true);
        keyClick(Qt.Key_Escape);
        verify(!root.subject.binShown);
        compare(root.stops, 2);
    }
}
