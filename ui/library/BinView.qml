pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import Ponder.Theme

// What was deleted and can still be brought back, with a way to be rid of it for good.
FocusScope {
    id: root

    required property LibraryViewModel library

    signal closed

    function takeFocus(): void {
        if (list.count > 0) {
            list.currentIndex = Math.max(0, list.currentIndex); // -1 where it was filled out of sight
            list.forceActiveFocus();
        } else {
            back.forceActiveFocus();
        }
    }

    function nameOf(title: string): string {
        return title === "" ? qsTr("Untitled") : title;
    }

    objectName: "bin"
    Accessible.role: Accessible.Pane
    Accessible.name: qsTr("Deleted conversations")
    Keys.onShortcutOverride: event => event.accepted = event.key === Qt.Key_Escape && visible
    Keys.onEscapePressed: closed()

    Item {
        id: header

        width: parent.width
        height: Metrics.control

        PIconButton {
            id: back

            objectName: "bin.back"
            x: Metrics.s
            anchors.verticalCenter: parent.verticalCenter
            iconPath: Icons.chevronLeft
            text: qsTr("Back to the conversations (Esc)")
            onClicked: root.closed()
        }

        PText {
            anchors.left: back.right
            anchors.leftMargin: Metrics.xs
            anchors.verticalCenter: parent.verticalCenter
            text: qsTr("Deleted")
            font.weight: Font.DemiBold
            Accessible.role: Accessible.Heading
        }
    }

    PText {
        id: words

        anchors.top: header.bottom
        x: Metrics.l
        width: parent.width - 2 * Metrics.l
        topPadding: Metrics.xs
        bottomPadding: Metrics.s
        wrapMode: Text.Wrap
        lineHeight: Typography.denseLineHeight
        color: Theme.inkFaint
        font.pixelSize: Typography.caption
        text: list.count === 0 ? qsTr("Nothing is in the bin.") : qsTr("Each is removed for good after %n days on which Ponder was used.", "", root.library.daysInBin)
    }

    ListView {
        id: list

        objectName: "bin.list"
        anchors.top: words.bottom
        anchors.bottom: footer.top
        x: Metrics.s
        width: parent.width - 2 * Metrics.s
        clip: true
        model: root.library.bin
        boundsBehavior: Flickable.StopAtBounds
        activeFocusOnTab: true
        spacing: Metrics.xxs
        Accessible.role: Accessible.List
        Accessible.name: qsTr("Deleted conversations")
        T.ScrollBar.vertical: PScrollBar {}

        delegate: PListItem {
            id: delegate

            required property int index
            required property var conversationId // qint64 does not fit into an int
            required property string title
            required property string section

            objectName: "bin." + index
            width: ListView.view.width
            focus: ListView.isCurrentItem
            text: root.nameOf(title)
            detail: section
            font.pixelSize: Typography.small
            onClicked: list.currentIndex = index
            Keys.onPressed: event => {
                if (event.key === Qt.Key_Return || event.key === Qt.Key_Enter)
                    root.library.restore(conversationId);
                else if (event.key === Qt.Key_Delete)
                    question.ask(conversationId, title);
                else
                    return;
                event.accepted = true;
            }

            actions: [
                PIconButton {
                    objectName: "bin.restore"
                    small: true
                    iconPath: Icons.regenerate
                    text: qsTr("Restore “%1”").arg(root.nameOf(delegate.title))
                    toolTip: qsTr("Restore (Enter)")
                    onClicked: root.library.restore(delegate.conversationId)
                },
                PIconButton {
                    objectName: "bin.erase"
                    small: true
                    iconPath: Icons.trash
                    iconColor: Theme.danger
                    text: qsTr("Delete “%1” now").arg(root.nameOf(delegate.title))
                    toolTip: qsTr("Delete now (Del)")
                    onClicked: question.ask(delegate.conversationId, delegate.title)
                }
            ]
        }
    }

    Item {
        id: footer

        anchors.bottom: parent.bottom
        width: parent.width
        height: Metrics.control + Metrics.s

        PButton {
            objectName: "bin.empty"
            x: Metrics.s
            anchors.verticalCenter: parent.verticalCenter
            kind: PButton.Danger
            visible: list.count > 0
            iconPath: Icons.trash
            text: qsTr("Empty the bin…")
            onClicked: question.ask(0, "")
        }
    }

    EraseDialog {
        id: question

        count: list.count
        onConfirmed: conversationId => {
            if (conversationId === 0)
                root.library.emptyBin();
            else
                root.library.erase(conversationId);
        }
        onClosed: root.takeFocus()
    }
}
