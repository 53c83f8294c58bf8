pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import Ponder.Theme

// The conversations, newest first, with a way to find one and to begin another.
Rectangle {
    id: root

    required property LibraryViewModel library
    required property var currentId // of the conversation on the screen; 0: a new one
    property bool binShown: false
    property int currentRow: -1 // its line, as it was last shown

    signal newRequested
    signal opened(conversationId: var)
    signal hideRequested
    signal settingsRequested

    function takeSearchFocus(): void {
        binShown = false;
        search.forceActiveFocus();
        search.selectAll();
    }

    function showBin(shown: bool): void {
        binShown = shown;
        if (shown)
            bin.takeFocus();
        else
            list.forceActiveFocus();
    }

    function remove(conversationId: var): void {
        library.remove(conversationId);
        list.forceActiveFocus(); // from here Ctrl+Z and one Tab reach Undo
    }

    // Brings the conversation on the screen into sight when it is another, or moved.
    function followCurrent(): void {
        const row = library.conversations.rowOf(currentId);
        if (row === currentRow)
            return;
        currentRow = row;
        if (row < 0)
            return;
        if (!list.activeFocus)
            list.currentIndex = row;
        list.positionViewAtIndex(row, ListView.Contain);
    }

    // The conversation below (1) or above (-1) the one on the screen.
    function openNeighbour(steps: int): void {
        const other = library.neighbour(currentId, steps);
        if (other !== 0)
            opened(other);
    }

    objectName: "library"
    implicitWidth: Metrics.sideBar
    color: Theme.margin
    Accessible.role: Accessible.Pane
    Accessible.name: qsTr("Conversations")
    onCurrentIdChanged: {
        currentRow = -1;
        Qt.callLater(followCurrent);
    }

    Connections {
        target: root.library.conversations
        function onLayoutChanged(): void {
            Qt.callLater(root.followCurrent);
        }
        function onRowsInserted(): void {
            Qt.callLater(root.followCurrent);
        }
        function onRowsRemoved(): void {
            Qt.callLater(root.followCurrent);
        }
        function onModelReset(): void {
            Qt.callLater(root.followCurrent);
        }
    }

    Item {
        id: header

        width: parent.width
        height: Metrics.xxxl + Metrics.xs

        PText {
            x: Metrics.l
            anchors.verticalCenter: parent.verticalCenter
            text: qsTr("Ponder")
            font.pixelSize: Typography.title
            font.weight: Font.DemiBold
        }

        Row {
            anchors.right: parent.right
            anchors.rightMargin: Metrics.s
            anchors.verticalCenter: parent.verticalCenter

            PIconButton {
                objectName: "library.new"
                iconPath: Icons.newChat
                text: qsTr("New conversation (Ctrl+N)")
                onClicked: root.newRequested()
            }

            PIconButton {
                objectName: "library.hide"
                iconPath: Icons.sideBar
                text: qsTr("Hide the conversations (Ctrl+B)")
                onClicked: root.hideRequested()
            }
        }
    }

    BinView {
        id: bin

        anchors.top: header.bottom
        anchors.bottom: footer.top
        width: parent.width
        visible: root.binShown
        library: root.library
        onClosed: root.showBin(false)
    }

    PTextField {
        id: search

        objectName: "library.search"
        visible: !root.binShown
        anchors.top: header.bottom
        x: Metrics.m
        width: parent.width - 2 * Metrics.m
        iconPath: Icons.search
        clearable: true
        placeholderText: qsTr("Search")
        text: root.library.filter
        onTextEdited: root.library.filter = text
        onTextChanged: root.library.filter = text
        Keys.onShortcutOverride: event => event.accepted = event.key === Qt.Key_Escape && text !== ""
        Keys.onEscapePressed: {
            clear();
            list.forceActiveFocus();
        }
        Keys.onDownPressed: {
            list.currentIndex = 0;
            list.forceActiveFocus();
        }
    }

    ListView {
        id: list

        objectName: "library.list"
        visible: !root.binShown
        anchors.top: search.bottom
        anchors.topMargin: Metrics.s
        anchors.bottom: undo.visible ? undo.top : footer.top
        anchors.bottomMargin: Metrics.s
        x: Metrics.s
        width: parent.width - 2 * Metrics.s
        clip: true
        model: root.library.conversations
        boundsBehavior: Flickable.StopAtBounds
        activeFocusOnTab: true
        spacing: Metrics.xxs
        Accessible.role: Accessible.List
        Accessible.name: qsTr("Conversations")
        T.ScrollBar.vertical: PScrollBar {}

        section.property: "section"
        section.delegate: PText {
            required property string section

            width: ListView.view.width
            leftPadding: Metrics.m
            topPadding: Metrics.m
            bottomPadding: Metrics.xs
            text: section
            color: Theme.inkFaint
            font.pixelSize: Typography.caption
            font.weight: Font.Medium
            Accessible.role: Accessible.Heading
        }

        delegate: ConversationDelegate {
            id: delegate

            width: ListView.view.width
            highlighted: conversationId === root.currentId
            focus: ListView.isCurrentItem
            onClicked: {
                list.currentIndex = index;
                root.opened(conversationId);
            }
            onRenamed: title => root.library.rename(conversationId, title)
            onRemoveRequested: root.remove(conversationId)
            Keys.onReturnPressed: root.opened(conversationId)
            Keys.onEnterPressed: root.opened(conversationId) // the keypad's
            Keys.onTabPressed: event => {
                event.accepted = undo.visible;
                if (undo.visible)
                    undo.takeFocus();
            }
        }

        PText {
            anchors.centerIn: parent
            width: parent.width - 2 * Metrics.l
            visible: root.library.loaded && list.count === 0
            horizontalAlignment: Text.AlignHCenter
            wrapMode: Text.Wrap
            lineHeight: Typography.denseLineHeight
            color: Theme.inkFaint
            font.pixelSize: Typography.small
            text: root.library.total === 0 ? qsTr("Your conversations will be here.") : qsTr("No conversation contains “%1”.").arg(root.library.filter)
        }
    }

    UndoBar {
        id: undo

        anchors.bottom: footer.top
        anchors.bottomMargin: Metrics.s
        x: Metrics.s
        width: parent.width - 2 * Metrics.s
        title: root.binShown ? "" : root.library.removedTitle
        onUndone: {
            root.library.undoRemove();
            list.forceActiveFocus();
        }
        onForgotten: root.library.forgetRemoved()
    }

    PBanner {
        anchors.bottom: footer.top
        x: Metrics.s
        z: 1
        width: parent.width - 2 * Metrics.s
        visible: text !== ""
        kind: PBanner.Error
        text: root.library.problem
        details: root.library.problemDetails
        onClosed: root.library.dismissProblem()
    }

    Item {
        id: footer

        anchors.bottom: parent.bottom
        width: parent.width
        height: Metrics.xxxl

        PButton {
            objectName: "library.settings"
            x: Metrics.s
            anchors.verticalCenter: parent.verticalCenter
            kind: PButton.Quiet
            iconPath: Icons.settings
            text: qsTr("Settings")
            onClicked: root.settingsRequested()
        }

        PButton {
            objectName: "library.bin"
            anchors.right: parent.right
            anchors.rightMargin: Metrics.s
            anchors.verticalCenter: parent.verticalCenter
            visible: root.library.bin.count > 0 && !root.binShown
            kind: PButton.Quiet
            iconPath: Icons.trash
            text: qsTr("Deleted")
            Accessible.name: qsTr("Deleted conversations")
            onClicked: root.showBin(true)
        }
    }

    PDivider {
        anchors.right: parent.right
        width: Metrics.hair
        height: parent.height
    }
}
