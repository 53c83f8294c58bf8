import QtQuick
import Ponder.Theme

// What the person asked: a quiet bubble on the right, with what can be done about it under it.
Item {
    id: root

    required property string text
    required property int siblingIndex
    required property int siblingCount
    required property bool canEdit
    required property bool unanswered // the last message, and nothing is on its way
    property bool editing: false

    signal copyRequested
    signal edited(text: string)
    signal answerRequested
    signal siblingStepped(step: int)

    function beginEditing(): void {
        editing = true;
        editor.text = text;
        editor.forceActiveFocus();
        editor.cursorPosition = editor.length;
    }

    function finishEditing(): void {
        editing = false;
        if (editor.text.trim() !== "" && editor.text.trim() !== text)
            edited(editor.text);
    }

    implicitHeight: (editing ? editCard.height : bubble.height) + tools.height + Metrics.xs

    HoverHandler {
        id: hover
    }

    Rectangle {
        id: bubble

        anchors.right: parent.right
        visible: !root.editing
        width: Math.min(words.implicitWidth, root.width * 0.82)
        height: words.implicitHeight
        radius: Metrics.radiusLarge
        color: Theme.bubble

        TextEdit {
            id: words

            width: parent.width
            padding: Metrics.m
            leftPadding: Metrics.l
            rightPadding: Metrics.l
            text: root.text
            textFormat: TextEdit.PlainText
            wrapMode: TextEdit.Wrap
            readOnly: true
            selectByMouse: true
            color: Theme.ink
            selectionColor: Theme.selection
            selectedTextColor: Theme.ink
            font.family: Typography.sans
            font.pixelSize: Typography.body
            font.features: Typography.literal
            Accessible.name: qsTr("You asked: %1").arg(root.text)
        }
    }

    PCard {
        id: editCard

        visible: root.editing
        width: parent.width
        height: editor.implicitHeight + buttons.height + Metrics.m
        border.color: Theme.accent

        PTextArea {
            id: editor

            objectName: "question.editor"
            width: parent.width
            leftPadding: Metrics.l
            rightPadding: Metrics.l
            label: qsTr("The question, to be asked anew")
            Keys.onEscapePressed: root.editing = false
            Keys.onReturnPressed: event => {
                if (event.modifiers & Qt.ShiftModifier)
                    event.accepted = false;
                else
                    root.finishEditing();
            }
        }

        Row {
            id: buttons

            anchors.right: parent.right
            anchors.bottom: parent.bottom
            anchors.margins: Metrics.s
            spacing: Metrics.s

            PButton {
                kind: PButton.Quiet
                text: qsTr("Cancel")
                onClicked: root.editing = false
            }

            PButton {
                kind: PButton.Primary
                text: qsTr("Ask again")
                enabled: editor.text.trim() !== ""
                onClicked: root.finishEditing()
            }
        }
    }

    Row {
        id: tools

        readonly property bool shown: hover.hovered || root.siblingCount > 1 || root.unanswered || copyButton.activeFocus || editButton.activeFocus

        anchors.right: parent.right
        anchors.bottom: parent.bottom
        height: Metrics.controlSmall
        opacity: shown && !root.editing ? 1 : 0

        Behavior on opacity {
            NumberAnimation {
                duration: Motion.quick
            }
        }

        PButton {
            objectName: "question.answer"
            visible: root.unanswered
            height: Metrics.controlSmall
            kind: PButton.Quiet
            iconPath: Icons.regenerate
            text: qsTr("Answer this")
            onClicked: root.answerRequested()
        }

        SiblingSwitcher {
            siblingIndex: root.siblingIndex
            siblingCount: root.siblingCount
            onStepped: step => root.siblingStepped(step)
        }

        CopyButton {
            id: copyButton

            objectName: "question.copy"
            onClicked: root.copyRequested()
        }

        PIconButton {
            id: editButton

            objectName: "question.edit"
            small: true
            enabled: root.canEdit
            iconColor: Theme.inkFaint
            iconPath: Icons.edit
            text: qsTr("Edit and ask again")
            onClicked: root.beginEditing()
        }
    }
}
