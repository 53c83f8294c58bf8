pragma ComponentBehavior: Bound

import QtQuick
import Ponder.Theme
import Ponder.Thought

// One row of the message list, in the middle of it and no wider than one reads with ease.
Item {
    id: root

    required property int index
    required property int author
    required property int messageState
    required property real messageId
    required property string text // of a question; an answer's grows, and comes from chat.messages
    required property string beginning // of either
    required property bool hasText
    required property real thoughtSeconds
    required property int thoughtTokens
    required property var steps // JSON array
    required property int tokens
    required property real tokensPerSecond
    required property string modelName
    required property string notice
    required property string noticeDetails
    required property bool canGoOn
    required property bool canTryAgain
    required property int remedy
    required property int contextTokens
    required property int siblingIndex
    required property int siblingCount

    required property ChatViewModel chat
    required property bool foldsThoughts
    readonly property ThoughtPane thoughtPane: (loader.item as AnswerDelegate)?.thoughtPane ?? null
    readonly property bool last: index === chat.messages.count - 1
    readonly property bool editing: (loader.item as QuestionDelegate)?.editing ?? false

    objectName: "message." + index
    implicitHeight: loader.height + Metrics.l
    Accessible.role: Accessible.ListItem
    // The parts of a message are read one by one: its name need only say which it is.
    Accessible.name: (author === MessageListModel.Person ? qsTr("Question: %1") : qsTr("Answer: %1")).arg(beginning)

    signal editRequested(row: int)
    signal editingEnded
    signal settingsRequested(remedy: int)

    function beginEditing(): void {
        const question = loader.item as QuestionDelegate;
        if (question && chat.canAsk)
            question.beginEditing();
    }

    Loader {
        id: loader

        anchors.horizontalCenter: parent.horizontalCenter
        width: Math.min(Metrics.readingWidth, root.width - 2 * Metrics.xl)
        sourceComponent: root.author === MessageListModel.Person ? question : answer
    }

    Component {
        id: question

        QuestionDelegate {
            text: root.text
            siblingIndex: root.siblingIndex
            siblingCount: root.siblingCount
            canEdit: root.chat.canAsk
            unanswered: root.last && root.chat.canAsk
            onCopyRequested: root.chat.copyMessage(root.index)
            onEditingEnded: root.editingEnded()
            onEdited: text => root.chat.editQuestion(root.index, text)
            onAnswerRequested: root.chat.answerAgain(root.index)
            onSiblingStepped: step => root.chat.showSibling(root.index, step)
        }
    }

    Component {
        id: answer

        AnswerDelegate {
            chat: root.chat
            messages: root.chat.messages
            row: root.index
            message: root
            roomLeft: root.contextTokens === 0 || root.contextTokens < root.chat.contextLength
            contextCanGrow: root.chat.contextCanGrow
            first: root.index <= 1
            onProcessor: root.chat.onProcessor
            canRegenerate: root.chat.canAsk
            foldsThoughts: root.foldsThoughts
            last: root.last
            page: root.ListView.view
            onCopyRequested: root.chat.copyMessage(root.index)
            onRegenerateRequested: root.chat.answerAgain(root.index)
            onGoOnRequested: root.chat.goOn(root.index)
            onEditRequested: root.editRequested(root.index - 1)
            onSettingsRequested: root.settingsRequested(root.remedy)
            onNewRequested: root.chat.askAnew(root.index)
            onSiblingStepped: step => root.chat.showSibling(root.index, step)
            onSteerRequested: (thought, answerNow) => {
                root.chat.steer(root.index, thought, answerNow);
                root.editingEnded(); // the row will be another's
            }
        }
    }
}
