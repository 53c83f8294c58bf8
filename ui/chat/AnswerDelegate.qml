import QtQuick
import Ponder.Markdown
import Ponder.Theme
import Ponder.Thought

// What the model thought and answered, and under it what it took and what can be done with it.
Column {
    id: root

    required property ChatViewModel chat
    required property MessageListModel messages
    required property int row // of messages
    required property var message // the MessageDelegate, which has the roles of MessageListModel
    required property bool roomLeft // in the context, to go on
    required property bool contextCanGrow
    required property bool first // no other question stands before
    required property bool onProcessor // the model computes there now
    required property bool canRegenerate
    required property bool foldsThoughts
    required property bool last
    required property Flickable page // the list that shows this

    readonly property alias thoughtPane: pane
    readonly property real messageId: message.messageId
    readonly property int messageState: message.messageState // MessageListModel.State
    readonly property bool growing: messageState === MessageListModel.Waiting || messageState === MessageListModel.Thinking || messageState === MessageListModel.Answering
    readonly property bool cutShort: messageState === MessageListModel.Interrupted || messageState === MessageListModel.Failed

    signal copyRequested
    signal regenerateRequested
    signal goOnRequested
    signal editRequested
    signal settingsRequested
    signal newRequested
    signal siblingStepped(step: int)
    signal steerRequested(thought: string, answerNow: bool)

    property bool made: false

    // The whole of what there is. What comes later is added by messages.grown.
    function read(): void {
        thoughtModel.text = messages.thoughtOf(row);
        words.source = messages.textOf(row);
        inspect();
    }
    // Outline and findings, as far as the answer is. The question stands in the row before.
    function inspect(): void {
        if (!thoughtModel.empty)
            thoughtModel.read(messages.textOf(row), row > 0 ? messages.textOf(row - 1) : "");
        wantTokens();
    }
    // What was kept of the tokens is fetched when somebody looks at the thought.
    function wantTokens(): void {
        if (!growing && thoughtModel.expanded && !thoughtModel.trace.available)
            chat.findTokens(messageId);
    }

    spacing: Metrics.m
    Component.onCompleted: {
        made = true;
        read();
    }
    onMessageIdChanged: if (made)
        read()
    onGrowingChanged: if (made && !growing)
        inspect()

    Connections {
        target: root.chat

        function onTokensFound(id: real, statistics: var): void {
            if (id === root.messageId && !root.growing)
                thoughtModel.loadTrace(statistics);
        }
    }

    // While the thought grows its outline follows in a few seconds; reading 30,000 tokens takes 0.05 s of another thread.
    Timer {
        interval: 4000
        repeat: true
        running: root.messageState === MessageListModel.Thinking
        onTriggered: root.inspect()
    }

    Connections {
        target: root.messages

        function onGrown(row: int, thought: string, steps: var, text: string): void {
            if (row !== root.row)
                return;
            thoughtModel.append(thought, steps);
            words.append(text);
        }
        function onRewritten(row: int): void {
            if (row === root.row)
                root.read();
        }
    }

    Row {
        visible: root.messageState === MessageListModel.Waiting
        spacing: Metrics.s

        PBusy {
            anchors.verticalCenter: parent.verticalCenter
        }

        PText {
            text: qsTr("Reading the question")
            color: Theme.inkFaint
            font.pixelSize: Typography.small
        }
    }

    ThoughtPane {
        id: pane

        objectName: "answer.thought"
        width: parent.width
        page: root.page
        canSteer: root.canRegenerate
        onAnswerRequested: {
            const top = words.mapToItem(root.page.contentItem, 0, 0).y - Metrics.xl;
            const lowest = root.page.originY + root.page.contentHeight - root.page.height;
            root.page.contentY = Math.max(root.page.originY, Math.min(top, lowest));
        }
        onSteerRequested: (thought, answerNow) => root.steerRequested(thought, answerNow)
        thought: ThoughtViewModel {
            id: thoughtModel

            seconds: root.message.thoughtSeconds
            tokens: root.message.thoughtTokens
            stepRecords: root.message.steps
            foldAutomatically: root.foldsThoughts
            onExpandedChanged: root.wantTokens()
            phase: root.messageState === MessageListModel.Thinking ? ThoughtViewModel.Thinking : root.message.hasText ? ThoughtViewModel.Done : root.cutShort || root.messageState === MessageListModel.Waiting ? ThoughtViewModel.Stopped : ThoughtViewModel.Unanswered
        }
    }

    MarkdownView {
        id: words

        objectName: "answer.text"
        width: parent.width
        visible: root.message.hasText
    }

    Loader {
        width: parent.width
        visible: active
        active: !root.growing && thoughtModel.difference !== ""

        sourceComponent: AnswerDifference {
            objectName: "answer.difference"
            sentence: thoughtModel.difference
            onPlaceRequested: pane.goToLastValue()
        }
    }

    Loader {
        width: parent.width
        visible: active
        active: !root.growing && root.message.notice !== ""

        sourceComponent: AnswerNotice {
            objectName: "answer.notice"
            notice: root.message.notice
            noticeDetails: root.message.noticeDetails
            failed: root.messageState === MessageListModel.Failed
            canGoOn: root.message.canGoOn
            canTryAgain: root.message.canTryAgain
            remedy: root.message.remedy
            canAsk: root.canRegenerate
            onProcessor: root.onProcessor
            roomLeft: root.roomLeft
            contextCanGrow: root.contextCanGrow
            first: root.first
            onGoOnRequested: root.goOnRequested()
            onEditRequested: root.editRequested()
            onSettingsRequested: root.settingsRequested()
            onNewRequested: root.newRequested()
            onTryAgainRequested: root.regenerateRequested()
        }
    }

    AnswerTools {
        width: parent.width
        growing: root.growing
        hovered: hover.hovered
        last: root.last
        copyable: root.message.hasText
        canRegenerate: root.canRegenerate
        siblingIndex: root.message.siblingIndex
        siblingCount: root.message.siblingCount
        modelName: root.message.modelName
        tokens: root.message.tokens
        tokensPerSecond: root.message.tokensPerSecond
        onCopyRequested: root.copyRequested()
        onRegenerateRequested: root.regenerateRequested()
        onSiblingStepped: step => root.siblingStepped(step)
    }

    HoverHandler {
        id: hover
    }
}
