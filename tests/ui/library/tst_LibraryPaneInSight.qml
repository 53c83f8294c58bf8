import QtQuick
import QtTest
import Ponder.Library
import Ponder.TestChat
import Ponder.Theme

TestCase {
    id: test

    name: "LibraryPaneInSight"
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

    function list(root: Item): ListView {
        return findChild(root, "library.list");
    }
    function isInSight(root: Item, id: var): bool {
        const view = list(root);
        const item = view.itemAtIndex(root.back.library.conversations.rowOf(id));
        return item !== null && item.y >= view.contentY - 1 && item.y + item.height <= view.contentY + view.height + 1;
    }

    function test_showsTheConversationThatIsOpen() {
        const root = createTemporaryObject(component, test);
        root.back.loadLibrary();
        tryVerify(() => root.back.library.loaded);
        for (let i = 0; i < 40; ++i)
            root.back.addConversation("Talk " + i);
        tryCompare(list(root), "count", 40);
        root.subject.takeSearchFocus();
        const first = list(root).itemAtIndex(0).conversationId;
        root.openedId = first;
        for (let i = 0; i < 30; ++i) {
            root.subject.openNeighbour(1);
            tryVerify(() => isInSight(root, root.openedId));
        }
        verify(list(root).contentY > 0);
        root.openedId = first;
        tryVerify(() => isInSight(root, first));
        // A list that was scrolled stays where it is while the one that is open does.
        list(root).positionViewAtEnd();
        const there = list(root).contentY;
        root.back.library.rename(list(root).itemAtIndex(39).conversationId, "Renamed");
        wait(100);
        compare(list(root).contentY, there);
        // But a new one comes into sight.
        root.back.addConversation("The newest");
        root.openedId = first + 1;
        tryVerify(() => isInSight(root, first + 1));
    }
}
