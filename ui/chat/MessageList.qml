pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import Ponder.Theme
import Ponder.Thought

// The messages of the conversation. Follows the end while an answer grows, until the reader
// scrolls away from it.
Item {
    id: root

    required property ChatViewModel chat
    required property bool foldsThoughts
    property bool following: true

    signal settingsRequested(remedy: int)
    signal editingEnded

    readonly property alias view: view
    readonly property real toEnd: view.originY + view.contentHeight - view.height - view.contentY

    function jumpToEnd(): void {
        following = true;
        view.positionViewAtEnd();
    }

    function editQuestion(row: int): void {
        following = false;
        view.positionViewAtIndex(row, ListView.Contain);
        (view.itemAtIndex(row) as MessageDelegate)?.beginEditing();
    }

    // The thought that keys are for: the one that has the focus, else the last on the screen of which `wanted` is true.
    function thoughtFor(wanted: var): ThoughtPane {
        for (let item = root.Window.activeFocusItem; item; item = item.parent)
            if (item instanceof ThoughtPane && wanted(item))
                return item;
        for (let row = view.count - 1; row >= 0; --row) {
            const pane = (view.itemAtIndex(row) as MessageDelegate)?.thoughtPane ?? null;
            if (pane && wanted(pane)) {
                following = false;
                view.positionViewAtIndex(row, ListView.Beginning);
                return pane;
            }
        }
        return null;
    }

    // To the next (1) or previous (-1) finding of a thought.
    function stepFinding(direction: int): void {
        thoughtFor(pane => pane.thought.findings.count > 0)?.stepFinding(direction);
    }

    // To the next place of a thought at which the model was in doubt.
    function stepDoubt(direction: int): void {
        thoughtFor(pane => pane.thought.trace.available || !pane.thought.expanded && !pane.thought.empty)?.stepDoubt(direction);
    }

    function page(direction: real): void {
        const top = view.originY - view.topMargin;
        const bottom = Math.max(top, view.originY + view.contentHeight + view.bottomMargin - view.height);
        view.contentY = Math.max(top, Math.min(bottom, view.contentY + direction * view.height * 0.85));
        following = toEnd < Metrics.xxxl;
    }

    // In the frame that brings the new text, and once for all the heights that change in it.
    AfterLayout {
        id: settled

        onLaidOut: if (root.following)
            view.positionViewAtEnd()
    }

    Connections {
        target: root.chat
        function onAsked(): void {
            root.jumpToEnd();
        }
        function onConversationChanged(): void {
            root.following = true;
        }
        function onAnswered(words: string): void {
            view.announce(words);
        }
    }

    ListView {
        id: view

        function announce(words: string): void {
            Accessible.announce(words);
        }

        objectName: "messages"
        anchors.fill: parent
        model: root.chat.messages
        clip: true
        topMargin: Metrics.xl
        bottomMargin: Metrics.s
        boundsBehavior: Flickable.StopAtBounds
        pixelAligned: true
        reuseItems: false
        cacheBuffer: 400
        activeFocusOnTab: true
        keyNavigationEnabled: false
        // The question that is edited: the current one stays alive out of sight, and what is typed with it. No other
        // is current, as it would take the keyboard.
        currentIndex: -1
        highlightFollowsCurrentItem: false
        Accessible.role: Accessible.List
        Accessible.name: qsTr("Messages")
        T.ScrollBar.vertical: PScrollBar {
            id: bar
        }

        delegate: MessageDelegate {
            width: ListView.view.width
            chat: root.chat
            foldsThoughts: root.foldsThoughts
            onEditRequested: row => root.editQuestion(row)
            onEditingChanged: {
                if (editing)
                    view.currentIndex = index;
                else if (view.currentIndex === index)
                    view.currentIndex = -1;
            }
            onEditingEnded: root.editingEnded()
            onSettingsRequested: remedy => root.settingsRequested(remedy)
        }

        onContentHeightChanged: settled.schedule()
        onHeightChanged: settled.schedule()
        onCountChanged: settled.schedule()
        // The first pixel upwards counts: waiting for more would let the growing answer pull the reader back.
        property real lastY: 0
        onContentYChanged: {
            if (moving || bar.pressed)
                root.following = contentY >= lastY && root.toEnd < Metrics.xl;
            lastY = contentY;
        }

        // Turning the wheel counts before anything has moved, for the same reason.
        WheelHandler {
            target: null
            blocking: false
            acceptedDevices: PointerDevice.Mouse | PointerDevice.TouchPad
            onWheel: event => {
                if (event.angleDelta.y > 0 && view.contentHeight > view.height)
                    root.following = false;
            }
        }

        Keys.onPressed: event => {
            switch (event.key) {
            case Qt.Key_PageUp:
                root.page(-1);
                break;
            case Qt.Key_PageDown:
            case Qt.Key_Space:
                root.page(1);
                break;
            case Qt.Key_Up:
                root.page(-0.1);
                break;
            case Qt.Key_Down:
                root.page(0.1);
                break;
            case Qt.Key_Home:
                root.following = false;
                view.positionViewAtBeginning();
                view.contentY = view.originY - view.topMargin;
                break;
            case Qt.Key_End:
                root.jumpToEnd();
                break;
            default:
                return;
            }
            event.accepted = true;
        }
    }

    PFocusRing {
        control: view
        shown: view.Window.activeFocusItem === view
        anchors.margins: Metrics.focusRing
        radius: Metrics.radius
    }

    PCard {
        objectName: "messages.jumpDisc"
        anchors.horizontalCenter: parent.horizontalCenter
        anchors.bottom: parent.bottom
        anchors.bottomMargin: Metrics.m
        width: Metrics.control
        height: Metrics.control
        radius: height / 2
        elevation: 1
        visible: opacity > 0
        opacity: !root.following && root.toEnd > Metrics.xxxl ? 1 : 0

        PIconButton {
            objectName: "messages.jump"
            anchors.fill: parent
            round: true
            iconPath: Icons.arrowDown
            text: qsTr("Jump to the newest")
            onClicked: root.jumpToEnd()
        }

        Behavior on opacity {
            NumberAnimation {
                duration: Motion.quick
            }
        }
    }
}
