import QtQuick
import Ponder.Markdown
import Ponder.Theme
import Ponder.Thought

// What the model thought and answered, and under it what it took and what can be done with it.
Column {
    id: root

    required property string text
    required property string thought
    required property int messageState // MessageListModel.State
    required property real thoughtSeconds
    required property int thoughtTokens
    required property var steps // JSON array
    required property int tokens
    required property real tokensPerSecond
    required property string modelName
    required property string notice
    required property string noticeDetails
    required property bool canGoOn
    required property bool onProcessor // the model computes there now
    required property int siblingIndex
    required property int siblingCount
    required property bool canRegenerate
    required property bool foldsThoughts
    required property bool last
    required property Flickable page // the list that shows this

    readonly property bool growing: messageState === MessageListModel.Waiting || messageState === MessageListModel.Thinking || messageState === MessageListModel.Answering
    readonly property bool cutShort: messageState === MessageListModel.Interrupted || messageState === MessageListModel.Failed

    signal copyRequested
    signal regenerateRequested
    signal goOnRequested
    signal siblingStepped(step: int)

    spacing: Metrics.m

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
        objectName: "answer.thought"
        width: parent.width
        page: root.page
        thought: ThoughtViewModel {
            text: root.thought
            seconds: root.thoughtSeconds
            tokens: root.thoughtTokens
            stepRecords: root.steps
            foldAutomatically: root.foldsThoughts
            phase: root.messageState === MessageListModel.Thinking ? ThoughtViewModel.Thinking : root.cutShort && root.text === "" ? ThoughtViewModel.Stopped : ThoughtViewModel.Done
        }
    }

    MarkdownView {
        objectName: "answer.text"
        width: parent.width
        visible: root.text !== ""
        source: root.text
    }

    PBanner {
        objectName: "answer.notice"
        visible: !root.growing && root.notice !== ""
        width: parent.width
        kind: root.messageState === MessageListModel.Failed ? PBanner.Error : root.messageState === MessageListModel.Interrupted ? PBanner.Info : PBanner.Warning
        text: root.notice
        details: root.noticeDetails
        closable: false
        actionText: !root.cutShort || !root.canRegenerate ? "" : !root.canGoOn ? qsTr("Regenerate") : root.onProcessor ? qsTr("Go on on the processor") : qsTr("Go on")
        onActionTriggered: root.canGoOn ? root.goOnRequested() : root.regenerateRequested()
    }

    Item {
        id: tools

        readonly property bool shown: !root.growing && (root.last || hover.hovered || copyButton.activeFocus || againButton.activeFocus)

        width: parent.width
        height: Metrics.controlSmall
        opacity: root.growing ? 0 : 1

        Row {
            x: -Metrics.xs
            anchors.verticalCenter: parent.verticalCenter

            CopyButton {
                id: copyButton

                objectName: "answer.copy"
                opacity: tools.shown ? 1 : 0
                enabled: root.text !== ""
                text: copied ? qsTr("Copied") : qsTr("Copy the answer")
                onClicked: root.copyRequested()
            }

            PIconButton {
                id: againButton

                objectName: "answer.regenerate"
                opacity: tools.shown ? 1 : 0
                small: true
                enabled: root.canRegenerate
                iconColor: Theme.inkFaint
                iconPath: Icons.regenerate
                text: qsTr("Answer again")
                onClicked: root.regenerateRequested()
            }

            SiblingSwitcher {
                siblingIndex: root.siblingIndex
                siblingCount: root.siblingCount
                onStepped: step => root.siblingStepped(step)
            }
        }

        PText {
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            opacity: tools.shown ? 1 : 0
            color: Theme.inkFaint
            font.pixelSize: Typography.caption
            font.features: {
                "tnum": 1
            }
            text: {
                const parts = [];
                if (root.modelName !== "")
                    parts.push(root.modelName);
                if (root.tokens > 0)
                    parts.push(qsTr("%L1 tokens").arg(root.tokens));
                if (root.tokensPerSecond > 0)
                    parts.push(qsTr("%L1 tokens/s").arg(root.tokensPerSecond.toFixed(root.tokensPerSecond < 10 ? 1 : 0)));
                return parts.join(" · ");
            }
        }
    }

    HoverHandler {
        id: hover
    }
}
