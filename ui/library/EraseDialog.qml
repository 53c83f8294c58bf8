import QtQuick
import Ponder.Theme

// Asks before conversations are removed for good: one, or all of the bin.
PDialog {
    id: root

    required property int count // in the bin
    property var conversationId: 0 // 0: all of them
    property string name

    signal confirmed(conversationId: var)

    function ask(conversationId: var, title: string): void {
        root.conversationId = conversationId;
        name = title === "" ? qsTr("Untitled") : title;
        open();
        cancel.forceActiveFocus();
    }

    objectName: "bin.question"
    title: conversationId === 0 ? qsTr("Empty the bin?") : qsTr("Delete this conversation for good?")

    PText {
        width: parent.width
        wrapMode: Text.Wrap
        textFormat: Text.PlainText
        lineHeight: Typography.denseLineHeight
        color: Theme.inkSoft
        text: root.conversationId === 0 ? qsTr("%n conversation(s) are removed for good. Nothing brings them back.", "", root.count) : qsTr("“%1” is removed for good. Nothing brings it back.").arg(root.name)
    }

    actions: [
        PButton {
            id: cancel

            objectName: "bin.question.cancel"
            text: qsTr("Cancel")
            onClicked: root.close()
        },
        PButton {
            objectName: "bin.question.confirm"
            kind: PButton.Danger
            text: root.conversationId === 0 ? qsTr("Empty the bin") : qsTr("Delete now")
            onClicked: {
                root.close();
                root.confirmed(root.conversationId);
            }
        }
    ]
}
