pragma ComponentBehavior: Bound

import QtQuick
import Ponder.Theme

// Under an answer that ended early: how it ended, and what helps. A quiet line; a banner only where something failed.
Column {
    id: root

    required property string notice
    required property string noticeDetails
    required property bool failed
    required property bool canGoOn
    required property bool canTryAgain
    required property int remedy // MessageListModel.Remedy
    required property bool canAsk // now
    required property bool onProcessor
    required property bool roomLeft // in the context, to go on
    required property bool contextCanGrow
    required property bool first // nothing stands before the question

    readonly property bool goesOn: canGoOn && canAsk && roomLeft
    readonly property bool triesAgain: canTryAgain && canAsk
    readonly property bool lacksContext: remedy === MessageListModel.ShorterQuestion || (remedy === MessageListModel.MoreContext && !roomLeft)
    readonly property list<var> choices: [
        {
            name: "continue",
            shown: goesOn,
            text: remedy === MessageListModel.Processor && onProcessor ? qsTr("Continue on the processor") : qsTr("Continue")
        },
        {
            name: "edit",
            shown: remedy === MessageListModel.ShorterQuestion && canAsk,
            text: qsTr("Edit the question")
        },
        {
            name: "settings",
            shown: remedy === MessageListModel.OtherSystemPrompt || remedy === MessageListModel.LongerAnswer || (lacksContext && contextCanGrow),
            text: lacksContext ? qsTr("Longer context…") : qsTr("Settings…")
        },
        {
            name: "new",
            shown: (lacksContext && !first) || remedy === MessageListModel.OtherSystemPrompt,
            text: qsTr("Ask in a new conversation")
        },
        {
            name: "again",
            shown: triesAgain,
            text: qsTr("Try again")
        }
    ]

    signal goOnRequested
    signal editRequested
    signal settingsRequested
    signal newRequested
    signal tryAgainRequested

    function choose(name: string): void {
        switch (name) {
        case "continue":
            return goOnRequested();
        case "edit":
            return editRequested();
        case "settings":
            return settingsRequested();
        case "new":
            return newRequested();
        case "again":
            return tryAgainRequested();
        }
    }

    spacing: Metrics.s

    PBanner {
        objectName: "notice.failure"
        width: parent.width
        visible: root.failed
        kind: PBanner.Error
        text: root.notice
        details: root.noticeDetails
        closable: false
    }

    Flow {
        width: parent.width
        spacing: 0

        PText {
            objectName: "notice.words"
            visible: !root.failed
            width: Math.min(implicitWidth, root.width)
            height: Math.max(implicitHeight, Metrics.controlSmall)
            verticalAlignment: Text.AlignVCenter
            text: root.notice
            color: Theme.inkFaint
            font.pixelSize: Typography.small
            wrapMode: Text.Wrap
        }

        Repeater {
            model: root.choices.filter(choice => choice.shown)

            Row {
                id: choice

                required property var modelData
                required property int index

                PText {
                    visible: choice.index > 0 || !root.failed
                    height: Metrics.controlSmall
                    verticalAlignment: Text.AlignVCenter
                    leftPadding: Metrics.s
                    rightPadding: Metrics.s
                    text: "·"
                    color: Theme.inkFaint
                    Accessible.ignored: true
                }

                PLink {
                    objectName: "notice." + choice.modelData.name
                    text: choice.modelData.text
                    onClicked: root.choose(choice.modelData.name)
                }
            }
        }
    }
}
