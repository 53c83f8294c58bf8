import QtQuick
import Ponder.Theme

// Where a question is typed. A large text that is pasted goes beside the words: a text field would take seconds
// to lay it out, and again for every letter.
PTextArea {
    id: root

    required property QuestionText question

    function pasteBeside(selection: bool): bool {
        if (!question.paste(selection))
            return false;
        if (!selection)
            remove(selectionStart, selectionEnd);
        return true;
    }

    onTextChanged: question.typed = text

    Component.onCompleted: text = question.typed

    Connections {
        target: root.question
        function onTypedChanged(): void {
            if (root.text !== root.question.typed)
                root.text = root.question.typed;
        }
    }

    Keys.onPressed: event => {
        if (event.matches(StandardKey.Paste) && root.pasteBeside(false))
            event.accepted = true;
    }

    MouseArea {
        anchors.fill: parent
        acceptedButtons: Qt.MiddleButton
        cursorShape: Qt.IBeamCursor
        onPressed: mouse => mouse.accepted = root.pasteBeside(true)
    }
}
