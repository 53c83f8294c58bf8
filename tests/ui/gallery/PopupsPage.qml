import QtQuick
import Ponder.Theme

Rectangle {
    id: root

    property bool dark: false

    width: 900
    height: 560
    color: Theme.paper
    Component.onCompleted: {
        Theme.scheme = dark ? Theme.Dark : Theme.Light;
        dialog.open();
        menu.popup(40, 60);
    }

    PMenu {
        id: menu

        PMenuItem {
            text: "Rename"
            iconPath: Icons.edit
            keys: "F2"
            highlighted: true
        }
        PMenuItem {
            text: "Copy"
            iconPath: Icons.copy
            keys: "Ctrl+C"
        }
        PMenuSeparator {}
        PMenuItem {
            text: "Delete"
            iconPath: Icons.trash
            danger: true
            keys: "Del"
        }
    }

    PDialog {
        id: dialog

        title: "Delete this conversation?"

        PText {
            width: parent.width
            wrapMode: Text.Wrap
            text: "“A sum and its carries” and its 14 messages will be gone for good."
            color: Theme.inkSoft
        }
        PTextField {
            width: parent.width
            placeholderText: "A field"
        }

        actions: [
            PButton {
                text: "Cancel"
                kind: PButton.Quiet
            },
            PButton {
                text: "Delete"
                kind: PButton.Danger
            }
        ]
    }
}
