import QtQuick
import QtQuick.Templates as T
import Ponder.Theme

// Where one writes: Enter asks, Shift+Enter starts a line, Escape stops the answer.
PCard {
    id: root

    required property ChatViewModel chat
    readonly property alias input: input
    readonly property bool canSend: chat.canAsk && input.text.trim() !== ""
    readonly property int mostLines: 8

    // Keys that mean the conversation, not the text: pages up and down.
    signal pageRequested(direction: int)

    function takeFocus(): void {
        input.forceActiveFocus();
    }

    function send(): void {
        if (canSend)
            chat.ask(input.text);
    }

    objectName: "composer"
    implicitHeight: field.height + tools.height + Metrics.s
    elevation: 1
    border.color: input.activeFocus ? Theme.accent : Theme.line
    Accessible.role: Accessible.Grouping
    Accessible.name: qsTr("Message")

    Component.onCompleted: input.text = chat.draft

    Connections {
        target: root.chat
        function onDraftChanged(): void {
            if (input.text !== root.chat.draft)
                input.text = root.chat.draft;
        }
        function onConversationChanged(): void {
            root.takeFocus();
        }
    }

    Flickable {
        id: field

        readonly property real lineHeight: metrics.height

        width: parent.width
        height: Math.min(contentHeight, Math.ceil(root.mostLines * lineHeight) + input.topPadding + input.bottomPadding)
        contentHeight: input.implicitHeight
        clip: true
        boundsBehavior: Flickable.StopAtBounds
        T.ScrollBar.vertical: PScrollBar {}

        T.TextArea.flickable: PTextArea {
            id: input

            objectName: "composer.input"
            leftPadding: Metrics.l
            rightPadding: Metrics.l
            topPadding: Metrics.m + Metrics.xxs
            bottomPadding: Metrics.xs
            placeholderText: qsTr("Ask something")
            label: qsTr("Your message")
            onTextChanged: root.chat.draft = text

            Keys.onPressed: event => {
                switch (event.key) {
                case Qt.Key_Return:
                case Qt.Key_Enter:
                    if (event.modifiers & (Qt.ShiftModifier | Qt.AltModifier))
                        return;
                    root.send();
                    break;
                case Qt.Key_Escape:
                    if (!root.chat.generating)
                        return;
                    root.chat.stop();
                    break;
                case Qt.Key_PageUp:
                case Qt.Key_PageDown:
                    root.pageRequested(event.key === Qt.Key_PageUp ? -1 : 1);
                    break;
                default:
                    return;
                }
                event.accepted = true;
            }
        }

        FontMetrics {
            id: metrics
            font: input.font
        }
    }

    Item {
        id: tools

        anchors.bottom: parent.bottom
        anchors.bottomMargin: Metrics.s
        width: parent.width
        height: Metrics.control

        PText {
            id: hint

            objectName: "composer.hint"
            anchors.left: parent.left
            anchors.leftMargin: Metrics.l
            anchors.right: button.left
            anchors.rightMargin: Metrics.m
            anchors.verticalCenter: parent.verticalCenter
            text: root.chat.generatingHere ? qsTr("Esc stops") : root.chat.obstacle !== "" ? root.chat.obstacle : input.activeFocus ? qsTr("Enter sends · Shift+Enter starts a new line") : ""
            color: Theme.inkFaint
            font.pixelSize: Typography.caption
            elide: Text.ElideRight
        }

        PIconButton {
            id: button

            readonly property bool stops: root.chat.generating

            objectName: stops ? "composer.stop" : "composer.send"
            anchors.right: parent.right
            anchors.rightMargin: Metrics.s
            anchors.verticalCenter: parent.verticalCenter
            primary: true
            round: true
            enabled: stops || root.canSend
            iconPath: stops ? Icons.stop : Icons.send
            text: stops ? qsTr("Stop") : qsTr("Send")
            onClicked: stops ? root.chat.stop() : root.send()
        }
    }

    TapHandler {
        onTapped: root.takeFocus()
    }
    HoverHandler {
        cursorShape: Qt.IBeamCursor
    }
}
