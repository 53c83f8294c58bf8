import QtQuick
import QtQuick.Templates as T
import Ponder.Theme

// Where one writes: Enter asks, Shift+Enter starts a line, Escape stops the answer.
PCard {
    id: root

    required property ComposerViewModel composer
    required property bool answering // in the conversation on the screen
    required property string answeringElsewhere // the conversation's title; empty: none
    readonly property alias input: input
    readonly property bool canSend: composer.canSend && !written.blank
    readonly property int maximumLines: 8

    // Keys that mean the conversation, not the text: pages up and down.
    signal pageRequested(direction: int)
    signal sent(text: string)
    signal stopRequested
    signal showAnsweringRequested

    function takeFocus(): void {
        input.forceActiveFocus();
    }

    function send(): void {
        if (canSend)
            sent(written.text);
    }

    objectName: "composer"
    implicitHeight: (texts.visible ? texts.height + Metrics.m : 0) + field.height + tools.height + Metrics.s
    elevation: 1
    border.color: input.activeFocus ? Theme.accent : Theme.line
    Accessible.role: Accessible.Grouping
    Accessible.name: qsTr("Message")

    Component.onCompleted: written.text = composer.draft

    QuestionText {
        id: written

        onTextChanged: root.composer.draft = text
    }

    Connections {
        target: root.composer
        function onDraftChanged(): void {
            written.text = root.composer.draft;
        }
        function onConversationChanged(): void {
            root.takeFocus();
        }
    }

    PastedTexts {
        id: texts

        x: Metrics.l
        y: Metrics.m
        width: parent.width - 2 * Metrics.l
        question: written
    }

    Flickable {
        id: field

        readonly property real lineHeight: metrics.height

        y: texts.visible ? texts.y + texts.height : 0
        width: parent.width
        height: Math.min(contentHeight, Math.ceil(root.maximumLines * lineHeight) + input.topPadding + input.bottomPadding)
        contentHeight: input.implicitHeight
        clip: true
        boundsBehavior: Flickable.StopAtBounds
        T.ScrollBar.vertical: PScrollBar {}

        T.TextArea.flickable: QuestionField {
            id: input

            objectName: "composer.input"
            question: written
            leftPadding: Metrics.l
            rightPadding: Metrics.l
            topPadding: Metrics.m + Metrics.xxs
            bottomPadding: Metrics.xs
            placeholderText: qsTr("Ask something")
            label: qsTr("Your message")
            Keys.onPressed: event => {
                switch (event.key) {
                case Qt.Key_Return:
                case Qt.Key_Enter:
                    if (event.modifiers & (Qt.ShiftModifier | Qt.AltModifier))
                        return;
                    root.send();
                    break;
                case Qt.Key_Escape:
                    if (!root.answering)
                        return;
                    root.stopRequested();
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
            width: Math.min(implicitWidth, button.x - x - Metrics.m - (showIt.visible ? showIt.width + Metrics.s : 0))
            anchors.verticalCenter: parent.verticalCenter
            text: root.answering ? qsTr("Esc stops") : root.composer.obstacle !== "" ? root.composer.obstacle : input.activeFocus ? qsTr("Enter sends · Shift+Enter starts a new line") : ""
            color: Theme.inkFaint
            font.pixelSize: Typography.caption
            elide: Text.ElideRight
        }

        PLink {
            id: showIt

            objectName: "composer.showAnswering"
            anchors.left: hint.right
            anchors.leftMargin: Metrics.s
            anchors.verticalCenter: parent.verticalCenter
            visible: root.answeringElsewhere !== ""
            font.pixelSize: Typography.caption
            text: qsTr("Show it")
            Accessible.name: qsTr("Show the conversation that is being answered")
            onClicked: root.showAnsweringRequested()
        }

        PIconButton {
            id: button

            readonly property bool stops: root.answering

            objectName: stops ? "composer.stop" : "composer.send"
            anchors.right: parent.right
            anchors.rightMargin: Metrics.s
            anchors.verticalCenter: parent.verticalCenter
            primary: true
            round: true
            enabled: stops || root.canSend
            iconPath: stops ? Icons.stop : Icons.send
            text: stops ? qsTr("Stop") : qsTr("Send")
            onClicked: stops ? root.stopRequested() : root.send()
        }
    }

    TapHandler {
        onTapped: root.takeFocus()
    }
    HoverHandler {
        cursorShape: Qt.IBeamCursor
    }
}
