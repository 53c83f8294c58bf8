import QtQuick
import Ponder.Composer
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
    property bool unfolded: false // all of a long question is shown
    readonly property TextViewer viewer: viewer.item as TextViewer // null until it is needed

    signal copyRequested
    signal edited(text: string)
    signal editingEnded // what one types next belongs elsewhere
    signal answerRequested
    signal siblingStepped(step: int)

    function beginEditing(): void {
        editing = true;
        asked.text = text;
        editor.forceActiveFocus();
        editor.cursorPosition = editor.length;
    }

    function endEditing(): void {
        editing = false;
        editor.focus = false; // else Tab would lead back to what is not to be seen
        editingEnded();
    }

    // Not while it cannot be asked: the words would be lost.
    function finishEditing(): void {
        if (!canEdit)
            return;
        const words = asked.text;
        const changed = !asked.blank && words.trim() !== text;
        endEditing();
        if (changed)
            edited(words);
    }

    function takeEnter(event: var): void {
        if (event.modifiers & (Qt.ShiftModifier | Qt.AltModifier))
            event.accepted = false;
        else
            finishEditing();
    }

    implicitHeight: (editing ? editCard.height : bubble.height) + tools.height + Metrics.xs

    LongText {
        id: whole

        text: root.text
    }

    QuestionText {
        id: asked
    }

    HoverHandler {
        id: hover
    }

    Rectangle {
        id: bubble

        anchors.right: parent.right
        visible: !root.editing
        width: Math.min(Math.max(words.implicitWidth, more.visible ? more.width + 2 * Metrics.l : 0), root.width * 0.82)
        height: words.implicitHeight + (more.visible ? more.height + Metrics.xs : 0)
        radius: Metrics.radiusLarge
        color: Theme.bubble

        TextEdit {
            id: words

            objectName: "question.words"
            width: parent.width
            padding: Metrics.m
            leftPadding: Metrics.l
            rightPadding: Metrics.l
            text: root.unfolded && whole.fitsField ? root.text : whole.preview
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
            Accessible.name: qsTr("You asked: %1").arg(whole.preview)
        }

        PLink {
            id: more

            objectName: "question.more"
            x: Metrics.l
            anchors.bottom: parent.bottom
            anchors.bottomMargin: Metrics.s
            visible: whole.cut
            text: root.unfolded ? qsTr("Show less") : qsTr("Show all %1").arg(whole.extent)
            onClicked: {
                if (whole.fitsField) {
                    root.unfolded = !root.unfolded;
                } else {
                    viewer.active = true;
                    root.viewer.show(root.text);
                }
            }
        }
    }

    PCard {
        id: editCard

        visible: root.editing
        width: parent.width
        height: editor.implicitHeight + (texts.visible ? texts.height + Metrics.s : 0) + buttons.height + Metrics.m
        border.color: Theme.accent

        QuestionField {
            id: editor

            objectName: "question.editor"
            question: asked
            width: parent.width
            leftPadding: Metrics.l
            rightPadding: Metrics.l
            label: qsTr("The question, to be asked anew")
            Keys.onShortcutOverride: event => event.accepted = event.key === Qt.Key_Escape && root.editing
            Keys.onEscapePressed: root.endEditing()
            Keys.onReturnPressed: event => root.takeEnter(event)
            Keys.onEnterPressed: event => root.takeEnter(event) // the keypad's
        }

        PastedTexts {
            id: texts

            x: Metrics.l
            anchors.top: editor.bottom
            width: parent.width - 2 * Metrics.l
            question: asked
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
                onClicked: root.endEditing()
            }

            PButton {
                objectName: "question.askAgain"
                kind: PButton.Primary
                text: qsTr("Ask again")
                enabled: root.canEdit && !asked.blank
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
            text: qsTr("Try again")
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

    Loader {
        id: viewer

        active: false
        sourceComponent: TextViewer {
            title: qsTr("Question")
        }
    }
}
