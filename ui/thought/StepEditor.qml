import QtQuick
import Ponder.Theme

// A step while a person changes it. What comes after it is thought anew, as another branch.
Column {
    id: root

    property alias words: field.text

    signal finished(words: string)
    signal cancelled

    function begin(): void {
        field.forceActiveFocus();
        field.cursorPosition = field.length;
    }

    spacing: Metrics.s

    PCard {
        width: parent.width
        height: field.implicitHeight
        border.color: Theme.thoughtAccent

        PTextArea {
            id: field

            objectName: "step.editor"
            width: parent.width
            font.pixelSize: Typography.ui
            Accessible.name: qsTr("The step, to go on from")
            Keys.onShortcutOverride: event => event.accepted = event.key === Qt.Key_Escape
            Keys.onEscapePressed: root.cancelled()
            Keys.onPressed: event => {
                event.accepted = (event.key === Qt.Key_Return || event.key === Qt.Key_Enter) && event.modifiers & Qt.ControlModifier;
                if (event.accepted)
                    root.finished(field.text);
            }
        }
    }

    Row {
        anchors.right: parent.right
        spacing: Metrics.s

        PButton {
            height: Metrics.controlSmall
            kind: PButton.Quiet
            font.pixelSize: Typography.small
            text: qsTr("Cancel")
            onClicked: root.cancelled()
        }

        PButton {
            objectName: "step.finish"
            height: Metrics.controlSmall
            kind: PButton.Primary
            font.pixelSize: Typography.small
            enabled: field.text.trim() !== ""
            text: qsTr("Go on from here")
            onClicked: root.finished(field.text)
        }
    }
}
