import QtQuick
import QtTest
import Ponder.Library
import Ponder.TestChat
import Ponder.Theme

TestCase {
    id: test

    name: "LibraryPane"
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

    function test_saysWhatItIsFor() {
        const root = createTemporaryObject(component, test);
        root.back.loadLibrary();
        tryVerify(() => root.back.library.loaded);
        compare(list(root).count, 0);
        compare(root.back.library.total, 0);
    }

    function test_opensByClick() {
        const root = make();
        mouseClick(row(root, 1));
        compare(root.openedId, row(root, 1).conversationId);
        verify(row(root, 1).highlighted);
        verify(!row(root, 0).highlighted);
        root.subject.openNeighbour(1);
        compare(root.openedId, row(root, 2).conversationId);
        root.subject.openNeighbour(1);
        compare(root.openedId, row(root, 2).conversationId);
        root.subject.openNeighbour(-1);
        compare(root.openedId, row(root, 1).conversationId);
    }

    function test_searchesTitles() {
        const root = make();
        root.subject.takeSearchFocus();
        for (const key of "bread")
            keyClick(key);
        compare(root.back.library.filter, "bread");
        tryCompare(list(root), "count", 2);
        expectTitles(root, ["Bread", "Bread and butter"]);
        for (const key of " utt")
            keyClick(key);
        tryCompare(list(root), "count", 1);
        keyClick("x");
        tryCompare(list(root), "count", 0);
        compare(root.back.library.total, 3);
        keyClick(Qt.Key_Escape);
        tryCompare(list(root), "count", 3);
        compare(root.back.library.filter, "");
        verify(list(root).activeFocus);
    }

    function test_searchesMessages() {
        const root = make();
        root.back.addConversation("Talk", "Why is rye bread dark?");
        root.subject.takeSearchFocus();
        for (const key of "rye")
            keyClick(key);
        expectTitles(root, ["Talk"]);
        compare(row(root, 0).detail, "Why is rye bread dark?");
        verify(row(root, 0).Accessible.name.includes("rye"));
        for (let i = 0; i < 3; ++i)
            keyClick(Qt.Key_Backspace);
        expectTitles(root, ["Talk", "Bread", "Sums", "Bread and butter"]);
        compare(row(root, 0).detail, "");
    }

    function test_worksFromTheKeyboard() {
        const root = make();
        root.subject.takeSearchFocus();
        keyClick(Qt.Key_Down);
        verify(list(root).activeFocus);
        compare(list(root).currentIndex, 0);
        keyClick(Qt.Key_Down);
        keyClick(Qt.Key_Return);
        compare(root.openedId, row(root, 1).conversationId);
        keyClick(Qt.Key_Up);
        keyClick(Qt.Key_Return);
        compare(root.openedId, row(root, 0).conversationId);
    }

    function test_renamesInPlace() {
        const root = make();
        root.subject.takeSearchFocus();
        keyClick(Qt.Key_Down);
        const id = row(root, 0).conversationId;
        keyClick(Qt.Key_F2);
        verify(row(root, 0).renaming);
        for (const key of "Buns")
            keyClick(key);
        keyClick(Qt.Key_Return);
        expectTitles(root, ["Buns", "Sums", "Bread and butter"]);
        compare(row(root, 0).conversationId, id);
        verify(!row(root, 0).renaming);

        keyClick(Qt.Key_F2);
        keyClick("x");
        keyClick(Qt.Key_Escape);
        verify(!row(root, 0).renaming);
        wait(50);
        compare(row(root, 0).title, "Buns");

        keyClick(Qt.Key_F2);
        keyClick(Qt.Key_Backspace);
        keyClick(Qt.Key_Return);
        wait(50);
        compare(row(root, 0).title, "Buns", "a blank title leaves the old one");
    }

    function test_renamesByDoubleClick() {
        const root = make();
        mouseDoubleClickSequence(row(root, 2));
        verify(row(root, 2).renaming);
        for (const key of "Jam")
            keyClick(key);
        mouseClick(findChild(root, "library.search"));
        expectTitles(root, ["Bread", "Sums", "Jam"]);
    }

    function test_deletesAndTakesItBack() {
        const root = make();
        root.subject.takeSearchFocus();
        keyClick(Qt.Key_Down);
        keyClick(Qt.Key_Down);
        keyClick(Qt.Key_Delete);
        tryCompare(list(root), "count", 2);
        expectTitles(root, ["Bread", "Bread and butter"]);
        const bar = findChild(root, "library.undo");
        tryVerify(() => bar.visible);
        verify(bar.Accessible.name.includes("Sums"), bar.Accessible.name);
        mouseClick(findChild(root, "library.undo.button"));
        tryCompare(list(root), "count", 3);
        expectTitles(root, ["Bread", "Sums", "Bread and butter"]);
        tryVerify(() => !bar.visible);
    }

    function test_undoIsAtHand_data() {
        return [
            {
                tag: "keyboard",
                byMenu: false
            },
            {
                tag: "menu",
                byMenu: true
            }
        ];
    }

    // Two Tabs at the most, wherever the focus was before.
    function test_undoIsAtHand(data) {
        const root = make();
        if (data.byMenu) {
            mouseClick(row(root, 1), 40, 10, Qt.RightButton);
            keyClick(Qt.Key_Down);
            keyClick(Qt.Key_Down);
            keyClick(Qt.Key_Return);
        } else {
            root.subject.takeSearchFocus();
            keyClick(Qt.Key_Down);
            keyClick(Qt.Key_Down);
            keyClick(Qt.Key_Delete);
        }
        expectTitles(root, ["Bread", "Bread and butter"]);
        const button = findChild(root, "library.undo.button");
        tryVerify(() => button.visible);
        tryVerify(() => list(root).activeFocus || list(root).currentItem?.activeFocus);
        keyClick(Qt.Key_Tab);
        if (!button.activeFocus)
            keyClick(Qt.Key_Tab);
        verify(button.activeFocus);
        keyClick(Qt.Key_Space);
        expectTitles(root, ["Bread", "Sums", "Bread and butter"]);
        verify(list(root).activeFocus);
    }

    function test_menu_data() {
        return [
            {
                tag: "rename",
                downs: 1
            },
            {
                tag: "delete",
                downs: 2
            }
        ];
    }

    function test_menu(data) {
        const root = make();
        mouseClick(row(root, 0), 40, 10, Qt.RightButton);
        for (let i = 0; i < data.downs; ++i)
            keyClick(Qt.Key_Down);
        keyClick(Qt.Key_Return);
        if (data.downs === 1) {
            tryVerify(() => row(root, 0).renaming);
        } else {
            tryCompare(list(root), "count", 2);
            expectTitles(root, ["Sums", "Bread and butter"]);
        }
    }

    function test_buttonsSaySo_data() {
        return [
            {
                tag: "library.new",
                signalName: "newRequested"
            },
            {
                tag: "library.hide",
                signalName: "hideRequested"
            },
            {
                tag: "library.settings",
                signalName: "settingsRequested"
            }
        ];
    }

    function test_buttonsSaySo(data) {
        const root = make();
        let times = 0;
        root.subject[data.signalName].connect(() => ++times);
        const button = findChild(root, data.tag);
        verify(button.Accessible.name !== "");
        mouseClick(button);
        compare(times, 1);
        button.forceActiveFocus();
        keyClick(Qt.Key_Space);
        compare(times, 2);
    }
}
