import QtQuick
import Ponder.Composer
import Ponder.Models
import Ponder.Theme

// The conversation: its messages, or a welcome, over the composer.
Item {
    id: root

    required property ChatViewModel chat
    required property ModelViewModel model
    required property bool foldsThoughts
    readonly property bool empty: chat.conversationId === 0 && chat.messages.count === 0

    signal openModelRequested
    signal settingsRequested(remedy: int) // MessageListModel.Remedy
    signal templateSettingsRequested

    readonly property alias messages: list

    function takeFocus(): void {
        composer.takeFocus();
    }

    Welcome {
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        anchors.bottom: notices.top
        visible: root.empty
        model: root.model
        onExampleChosen: text => {
            if (root.chat.canAsk)
                root.chat.ask(text);
            else
                root.chat.composer.draft = text;
            root.takeFocus();
        }
        onOpenRequested: root.openModelRequested()
    }

    MessageList {
        id: list

        objectName: "messageList"
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        anchors.bottom: notices.top
        visible: !root.empty
        chat: root.chat
        foldsThoughts: root.foldsThoughts
        onSettingsRequested: remedy => root.settingsRequested(remedy)
        onEditingEnded: root.takeFocus()
    }

    Column {
        id: notices

        anchors.horizontalCenter: parent.horizontalCenter
        anchors.bottom: composer.top
        bottomPadding: modelNotice.visible || templateNotice.visible || chatNotice.visible ? Metrics.s : 0
        width: composer.width
        spacing: Metrics.s

        PBanner {
            id: modelNotice

            objectName: "notice.model"
            width: parent.width
            visible: text !== ""
            kind: PBanner.Error
            text: root.model.problem
            detail: root.model.problemFile
            details: root.model.problemDetails
            actionText: root.model.canOpenAllTheSame ? qsTr("Open it all the same") : qsTr("Choose another file…")
            onActionTriggered: root.model.canOpenAllTheSame ? root.model.openAllTheSame() : root.openModelRequested()
            onClosed: root.model.dismissProblem()
        }

        PBanner {
            id: templateNotice

            objectName: "notice.template"
            width: parent.width
            visible: text !== ""
            kind: PBanner.Warning
            text: root.model.notice
            actionText: qsTr("Chat template…")
            onActionTriggered: root.templateSettingsRequested()
            onClosed: root.model.dismissNotice()
        }

        PBanner {
            id: chatNotice

            objectName: "notice.chat"
            width: parent.width
            visible: text !== ""
            kind: PBanner.Error
            text: root.chat.problem
            details: root.chat.problemDetails
            onClosed: root.chat.dismissProblem()
        }
    }

    Composer {
        id: composer

        anchors.horizontalCenter: parent.horizontalCenter
        anchors.bottom: parent.bottom
        anchors.bottomMargin: Metrics.m
        width: Math.min(Metrics.readingWidth + 2 * Metrics.l, root.width - 2 * Metrics.l)
        composer: root.chat.composer
        answering: root.chat.generatingHere
        answeringElsewhere: root.chat.answeringElsewhere
        onSent: text => root.chat.ask(text)
        onStopRequested: root.chat.stop()
        onShowAnsweringRequested: root.chat.showAnswering()
        onPageRequested: direction => list.page(direction)
    }
}
