import QtQuick
import Ponder.Theme

// One conversation in the list: opens by a click, renames in place, deletes.
PListItem {
    id: root

    required property int index
    required property var conversationId // qint64 does not fit into an int
    required property string title
    required property string snippet // of what a search found in it; mostly empty

    property bool renaming: false

    signal renamed(title: string)
    signal removeRequested

    function beginRenaming(): void {
        if (renaming)
            return;
        renaming = true;
        editor.text = title;
        editor.forceActiveFocus();
        editor.selectAll();
    }

    function finishRenaming(keep: bool): void {
        if (!renaming)
            return;
        renaming = false;
        if (keep)
            renamed(editor.text);
    }

    // By a key, after which the keyboard is the row's again; a click elsewhere has taken it there.
    function finishByKey(keep: bool): void {
        finishRenaming(keep);
        forceActiveFocus();
    }

    objectName: "conversation." + index
    text: title === "" ? qsTr("Untitled") : title
    detail: snippet
    font.pixelSize: Typography.small
    actionsShown: !renaming && (hovered || visualFocus || menu.opened)

    actions: PIconButton {
        id: more

        small: true
        focusPolicy: Qt.NoFocus
        iconPath: Icons.more
        text: qsTr("Rename or delete")
        toolTip: ""
        onClicked: menu.popup(more, 0, more.height)
    }

    Keys.onPressed: event => {
        if (event.key === Qt.Key_F2)
            beginRenaming();
        else if (event.key === Qt.Key_Delete)
            removeRequested();
        else if (event.key === Qt.Key_Menu)
            menu.popup(root, 0, root.height);
        else
            return;
        event.accepted = true;
    }

    onDoubleClicked: beginRenaming()

    TapHandler {
        acceptedButtons: Qt.RightButton
        onTapped: menu.popup()
    }

    PTextField {
        id: editor

        objectName: "conversation.editor"
        anchors.fill: parent
        visible: root.renaming
        label: qsTr("Title of the conversation")
        font.pixelSize: Typography.small
        onActiveFocusChanged: {
            if (!activeFocus)
                root.finishRenaming(true);
        }
        Keys.onShortcutOverride: event => event.accepted = event.key === Qt.Key_Escape && root.renaming
        Keys.onEscapePressed: root.finishByKey(false)
        // Not by accepted(), after which the key would open the conversation.
        Keys.onReturnPressed: root.finishByKey(true)
        Keys.onEnterPressed: root.finishByKey(true)
    }

    PMenu {
        id: menu

        PMenuItem {
            text: qsTr("Rename")
            keys: "F2"
            iconPath: Icons.edit
            onTriggered: root.beginRenaming()
        }

        PMenuItem {
            text: qsTr("Delete")
            keys: qsTr("Del")
            iconPath: Icons.trash
            danger: true
            onTriggered: root.removeRequested()
        }
    }
}
