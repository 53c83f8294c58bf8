import QtQuick
import QtTest
import Ponder.Library
import Ponder.TestChat
import Ponder.Theme

TestCase {
    id: test

    name: "BinView"
    when: windowShown
    width: 800
    height: 600
    visible: true

    Component {
        id: component

        Item {
            property alias subject: subject
            readonly property TestChat back: back
            property var openedId: 0

            width: 800
            height: 600

            TestChat {
                id: back
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
    // The view follows its model with the next frame.
    function expectTitles(root: Item, expected: list<string>) {
        const shown = () => expected.map((title, i) => list(root).itemAtIndex(i)?.title);
        tryVerify(() => list(root).count === expected.length && shown().join() === expected.join(), 5000, shown().join());
    }

    function bin(root: Item): ListView {
        return findChild(root, "bin.list");
    }

    // Two of the three deleted, and the bin on show.
    function makeBin(): var {
        const root = make();
        root.subject.takeSearchFocus();
        keyClick(Qt.Key_Down);
        keyClick(Qt.Key_Delete);
        tryCompare(list(root), "count", 2);
        settle(list(root));
        keyClick(Qt.Key_Delete);
        tryCompare(list(root), "count", 1);
        const button = findChild(root, "library.bin");
        tryVerify(() => button.visible);
        tryCompare(root.back.library.bin, "count", 2);
        mouseClick(button);
        tryVerify(() => bin(root).visible);
        verify(!list(root).visible);
        settle(bin(root));
        return root;
    }

    // The view follows its model with the next frame, and only then a key reaches the right row.
    function settle(view: ListView) {
        tryVerify(() => !isPolishScheduled(view));
        tryVerify(() => view.currentItem !== null && view.currentItem.activeFocus);
    }

    function test_binHasWhatWasDeleted() {
        const root = makeBin();
        const titles = [bin(root).itemAtIndex(0).text, bin(root).itemAtIndex(1).text];
        compare(titles.sort().join(), "Bread,Sums");
        for (const name of ["bin.back", "bin.empty", "bin.list"])
            verify(findChild(root, name).Accessible.name !== "", name);
        keyClick(Qt.Key_Escape);
        tryVerify(() => list(root).visible);
        verify(!bin(root).visible);
    }

    function test_binRestoresByKeyAndByButton() {
        const root = makeBin();
        keyClick(Qt.Key_Return);
        tryCompare(root.back.library, "total", 2);
        tryCompare(bin(root), "count", 1);
        const item = bin(root).itemAtIndex(0);
        mouseMove(item);
        const button = findChild(item, "bin.restore");
        tryVerify(() => button.visible);
        verify(button.Accessible.name.includes(item.text), button.Accessible.name);
        mouseClick(button);
        tryCompare(root.back.library, "total", 3);
        tryCompare(bin(root), "count", 0);
    }

    function test_binAsksBeforeItErases() {
        const root = makeBin();
        const question = findChild(root, "bin.question");
        keyClick(Qt.Key_Delete);
        tryVerify(() => question.opened);
        keyClick(Qt.Key_Return); // Cancel has the focus
        tryVerify(() => !question.visible);
        keyClick(Qt.Key_Delete);
        tryVerify(() => question.opened);
        keyClick(Qt.Key_Escape);
        tryVerify(() => !question.visible);
        compare(bin(root).count, 2);

        const gone = bin(root).itemAtIndex(0).text;
        keyClick(Qt.Key_Delete);
        tryVerify(() => question.opened);
        mouseClick(findChild(question, "bin.question.confirm"));
        tryCompare(bin(root), "count", 1);
        verify(bin(root).itemAtIndex(0).text !== gone);
        compare(root.back.library.total, 1);
    }

    function test_binIsEmptied() {
        const root = makeBin();
        mouseClick(findChild(root, "bin.empty"));
        const question = findChild(root, "bin.question");
        tryVerify(() => question.opened);
        mouseClick(findChild(question, "bin.question.confirm"));
        tryCompare(bin(root), "count", 0);
        verify(!findChild(root, "bin.empty").visible);
        compare(root.back.library.total, 1);
        tryVerify(() => !question.visible);
        keyClick(Qt.Key_Escape);
        tryVerify(() => !root.subject.binShown);
        verify(!findChild(root, "library.bin").visible);
    }
}
