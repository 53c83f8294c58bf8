import QtQuick
import Ponder.Theme

// Under an answer: copy it, try again, its versions; and on the right which model wrote it, and how fast.
Item {
    id: root

    required property bool growing
    required property bool hovered // the answer
    required property bool last
    required property bool copyable
    required property bool canRegenerate
    required property int siblingIndex
    required property int siblingCount
    required property string modelName
    required property int tokens
    required property real tokensPerSecond

    readonly property bool shown: !growing && (last || hovered || copyButton.activeFocus || againButton.activeFocus)
    readonly property real room: Math.max(0, width - buttons.x - buttons.width - Metrics.m) // pixels, for the caption

    signal copyRequested
    signal regenerateRequested
    signal siblingStepped(step: int)

    height: Metrics.controlSmall
    opacity: growing ? 0 : 1

    Row {
        id: buttons

        x: -Metrics.xs
        anchors.verticalCenter: parent.verticalCenter

        CopyButton {
            id: copyButton

            objectName: "answer.copy"
            opacity: root.shown ? 1 : 0
            enabled: root.copyable
            text: copied ? qsTr("Copied") : qsTr("Copy the answer")
            onClicked: root.copyRequested()
        }

        PIconButton {
            id: againButton

            objectName: "answer.regenerate"
            opacity: root.shown ? 1 : 0
            small: true
            enabled: root.canRegenerate
            iconColor: Theme.inkFaint
            iconPath: Icons.regenerate
            text: qsTr("Try again")
            onClicked: root.regenerateRequested()
        }

        SiblingSwitcher {
            siblingIndex: root.siblingIndex
            siblingCount: root.siblingCount
            onStepped: step => root.siblingStepped(step)
        }
    }

    // The name gives way first, then the figures.
    Row {
        objectName: "answer.caption"
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        opacity: root.shown ? 1 : 0

        PText {
            objectName: "answer.model"
            readonly property real space: root.room - figures.width

            visible: root.modelName !== "" && space > 60
            width: Math.min(implicitWidth, space)
            text: figures.text === "" ? root.modelName : root.modelName + " · "
            color: Theme.inkFaint
            font.pixelSize: Typography.caption
            elide: Text.ElideMiddle
        }

        PText {
            id: figures

            objectName: "answer.figures"
            width: Math.min(implicitWidth, root.room)
            color: Theme.inkFaint
            font.pixelSize: Typography.caption
            font.features: {
                "tnum": 1
            }
            elide: Text.ElideRight
            text: {
                const parts = [];
                if (root.tokens > 0)
                    parts.push(root.tokens === 1 ? qsTr("1 token") : qsTr("%1 tokens").arg(Figures.whole(root.tokens)));
                if (root.tokensPerSecond > 0)
                    parts.push(qsTr("%1 tokens/s").arg(Figures.rate(root.tokensPerSecond)));
                return parts.join(" · ");
            }
        }
    }
}
