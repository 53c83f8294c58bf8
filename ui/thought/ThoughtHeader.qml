pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import Ponder.Theme

// The line that is always there: what the thought is doing or took, the way through its steps, and
// the fold.
T.AbstractButton {
    id: root

    required property ThoughtViewModel thought
    property int current: -1 // step
    property bool outlined: false // the outline is shown, not the steps

    signal previousRequested
    signal nextRequested
    signal stepRequested(int step)
    signal outlineRequested

    readonly property bool thinking: thought.phase === ThoughtViewModel.Thinking

    implicitHeight: 40
    hoverEnabled: true
    focusPolicy: Qt.StrongFocus
    text: thought.headline
    Accessible.role: Accessible.Button
    Accessible.name: text
    Accessible.description: thought.expanded ? qsTr("Fold the thought") : qsTr("Unfold the thought")
    onClicked: thought.toggle()
    Keys.onReturnPressed: thought.toggle()
    Keys.onEnterPressed: thought.toggle()

    background: Rectangle {
        radius: Metrics.radius
        color: root.down ? Theme.press : root.hovered ? Theme.hover : "transparent"

        PFocusRing {
            control: root
            shown: root.visualFocus
        }
    }

    contentItem: Item {
        PBusy {
            id: pulse

            visible: root.thinking
            x: Metrics.m + 5
            anchors.verticalCenter: parent.verticalCenter
            color: Theme.thoughtAccent
        }

        PIcon {
            visible: !root.thinking
            x: Metrics.m
            anchors.verticalCenter: parent.verticalCenter
            path: Icons.thought
            color: Theme.thoughtAccent
        }

        PText {
            anchors.left: parent.left
            anchors.leftMargin: Metrics.m + Metrics.icon + Metrics.s
            anchors.right: outline.visible ? outline.left : fold.left
            anchors.rightMargin: Metrics.s
            anchors.verticalCenter: parent.verticalCenter
            text: root.text
            color: Theme.thoughtInk
            font.pixelSize: Typography.small
            font.weight: Font.Medium
            font.features: {
                "tnum": 1
            }
            elide: Text.ElideRight
            Accessible.ignored: true
        }

        PIconButton {
            id: outline

            objectName: "thought.outline"
            visible: root.thought.expanded && root.thought.outline.moveCount > 1
            anchors.right: steps.visible ? steps.left : fold.left
            anchors.rightMargin: Metrics.xs
            anchors.verticalCenter: parent.verticalCenter
            small: true
            checkable: true
            checked: root.outlined
            iconPath: Icons.outline
            iconColor: root.outlined ? Theme.thoughtAccent : Theme.thoughtFaint
            text: root.outlined ? qsTr("Show the steps") : qsTr("Show the outline")
            onClicked: root.outlineRequested()
        }

        StepSwitcher {
            id: steps

            visible: root.thought.expanded && root.thought.steps.stepCount > 1
            anchors.right: fold.left
            anchors.rightMargin: Metrics.s
            anchors.verticalCenter: parent.verticalCenter
            steps: root.thought.steps
            current: root.current
            onPreviousRequested: root.previousRequested()
            onNextRequested: root.nextRequested()
            onStepRequested: step => root.stepRequested(step)
        }

        PIcon {
            id: fold

            anchors.right: parent.right
            anchors.rightMargin: Metrics.m
            anchors.verticalCenter: parent.verticalCenter
            path: Icons.chevronDown
            size: Metrics.iconSmall
            color: Theme.thoughtFaint
            rotation: root.thought.expanded ? 180 : 0

            Behavior on rotation {
                NumberAnimation {
                    duration: Motion.quick
                    easing.type: Motion.easing
                }
            }
        }
    }
}
