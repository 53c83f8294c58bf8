pragma ComponentBehavior: Bound

import QtQuick
import Ponder.Theme

// How sure the model was along the whole thought, with its legend; a click leads to the place. The button lays the same
// colours under the words.
Item {
    id: root

    required property ThoughtViewModel thought
    property bool inspecting: false

    signal offsetRequested(int offset)
    signal inspectRequested

    visible: thought.trace.available
    implicitHeight: visible ? Metrics.controlSmall : 0

    ConfidenceStrip {
        id: strip

        objectName: "thought.confidence"
        x: Metrics.m
        width: legend.x - x - Metrics.m
        height: 8
        anchors.verticalCenter: parent.verticalCenter
        trace: root.thought.trace
        colours: Theme.doubt
        Accessible.role: Accessible.Graphic
        Accessible.name: qsTr("How sure the model was along the thought")

        Rectangle {
            anchors.fill: parent
            anchors.margins: -1
            color: "transparent"
            radius: 2
            border.width: Metrics.hair
            border.color: Theme.thoughtLine
        }

        TapHandler {
            onTapped: point => root.offsetRequested(strip.offsetAt(point.position.x))
        }

        HoverHandler {
            cursorShape: Qt.PointingHandCursor
        }
    }

    Row {
        id: legend

        anchors.right: inspect.left
        anchors.rightMargin: Metrics.s
        anchors.verticalCenter: parent.verticalCenter
        spacing: Metrics.xs

        PText {
            text: qsTr("sure")
            color: Theme.thoughtFaint
            font.pixelSize: Typography.caption - 1
        }

        Row {
            anchors.verticalCenter: parent.verticalCenter

            Repeater {
                model: Theme.doubt

                Rectangle {
                    required property color modelData

                    width: 9
                    height: 8
                    color: modelData
                }
            }
        }

        PText {
            text: qsTr("unsure")
            color: Theme.thoughtFaint
            font.pixelSize: Typography.caption - 1
        }
    }

    PIconButton {
        id: inspect

        objectName: "thought.inspect"
        anchors.right: parent.right
        anchors.rightMargin: Metrics.s + Metrics.icon
        anchors.verticalCenter: parent.verticalCenter
        small: true
        checkable: true
        checked: root.inspecting
        iconPath: Icons.search
        iconColor: root.inspecting ? Theme.thoughtAccent : Theme.thoughtFaint
        text: root.inspecting ? qsTr("Hide the words' alternatives") : qsTr("Show each word's alternatives (F7: next doubtful place)")
        onClicked: root.inspectRequested()
    }
}
