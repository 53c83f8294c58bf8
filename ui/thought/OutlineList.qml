pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import Ponder.Theme

// A long thought in a few lines: attempts, which fold, and in them moves, each with its first words, its time and what
// was found in it.
ListView {
    id: root

    required property OutlineModel outline

    signal stepChosen(int step)

    function choose(row: int): void {
        if (outline.isAttempt(row))
            outline.toggle(row);
        else
            stepChosen(outline.firstStepOf(row));
    }

    model: outline
    clip: true
    topMargin: Metrics.xs
    bottomMargin: Metrics.xs
    boundsBehavior: Flickable.StopAtBounds
    activeFocusOnTab: true
    keyNavigationEnabled: true
    Accessible.role: Accessible.Tree
    Accessible.name: qsTr("Outline of the thought")
    T.ScrollBar.vertical: PScrollBar {}
    Keys.onReturnPressed: choose(currentIndex)
    Keys.onEnterPressed: choose(currentIndex) // the keypad's
    Keys.onSpacePressed: choose(currentIndex)

    // Where one reads is where the outline opens.
    function showStep(step: int): void {
        currentIndex = outline.rowOfStep(step);
        if (currentIndex >= 0)
            positionViewAtIndex(currentIndex, ListView.Contain);
    }

    delegate: T.ItemDelegate {
        id: entry

        required property int index
        required property int attempt
        required property bool isAttempt
        required property bool folded
        required property string kind
        required property string title
        required property int firstStep
        required property int lastStep
        required property double seconds
        required property int tokens
        required property int weight
        required property string values

        readonly property string range: firstStep === lastStep ? qsTr("step %1").arg(firstStep + 1) : qsTr("steps %1–%2").arg(firstStep + 1).arg(lastStep + 1)
        readonly property string cost: {
            const parts = [range];
            if (seconds >= 0)
                parts.push(qsTr("%1 s").arg(seconds.toFixed(seconds < 10 ? 1 : 0)));
            if (tokens >= 0)
                parts.push(qsTr("%1 tokens").arg(tokens));
            return parts.join(" · ");
        }

        width: ListView.view.width
        implicitHeight: isAttempt ? 30 : 26
        hoverEnabled: true
        Accessible.role: Accessible.TreeItem
        Accessible.name: isAttempt ? qsTr("Attempt %1, %2: %3").arg(attempt).arg(cost).arg(title) : qsTr("%1, %2: %3").arg(kind).arg(cost).arg(title)
        Accessible.description: weight > 0 ? qsTr("with findings") : ""
        onClicked: {
            root.currentIndex = index;
            root.choose(index);
        }

        background: Rectangle {
            radius: Metrics.radiusSmall
            color: entry.hovered ? Theme.hover : "transparent"
            border.width: entry.ListView.isCurrentItem && root.activeFocus ? Metrics.focusRing : 0
            border.color: Theme.thoughtAccent
        }

        contentItem: Item {
            PIcon {
                id: fold

                visible: entry.isAttempt
                x: Metrics.m
                anchors.verticalCenter: parent.verticalCenter
                path: entry.folded ? Icons.chevronRight : Icons.chevronDown
                size: Metrics.iconSmall
                color: Theme.thoughtFaint
            }

            Rectangle {
                visible: entry.weight > 0
                x: entry.isAttempt ? Metrics.m + Metrics.iconSmall + Metrics.s : Metrics.m + 4
                anchors.verticalCenter: parent.verticalCenter
                width: 7
                height: 7
                radius: 3.5
                color: Theme.finding(entry.weight)
            }

            PText {
                id: what

                x: entry.isAttempt ? Metrics.m + Metrics.iconSmall + Metrics.s + (entry.weight > 0 ? 13 : 0) : Metrics.m + Metrics.iconSmall + Metrics.s
                width: entry.isAttempt ? implicitWidth : 76
                anchors.verticalCenter: parent.verticalCenter
                text: entry.isAttempt ? qsTr("Attempt %1").arg(entry.attempt) : entry.kind
                color: Theme.thoughtAccent
                font.pixelSize: Typography.caption
                font.weight: entry.isAttempt ? Font.DemiBold : Font.Medium
                elide: Text.ElideRight
                Accessible.ignored: true
            }

            PText {
                anchors.left: what.right
                anchors.leftMargin: Metrics.s
                anchors.right: named.visible ? named.left : end.left
                anchors.rightMargin: Metrics.m
                anchors.verticalCenter: parent.verticalCenter
                text: entry.title
                textFormat: Text.PlainText
                color: entry.isAttempt ? Theme.thoughtFaint : Theme.thoughtInk
                font.pixelSize: Typography.small
                elide: Text.ElideRight
                Accessible.ignored: true
            }

            Rectangle {
                id: named

                visible: entry.values !== "" && (!entry.isAttempt || entry.folded)
                anchors.right: end.left
                anchors.rightMargin: Metrics.m
                anchors.verticalCenter: parent.verticalCenter
                width: Math.min(value.implicitWidth + 2 * Metrics.s, 160)
                height: 18
                radius: 9
                color: Theme.thoughtLine

                PText {
                    id: value

                    anchors.centerIn: parent
                    width: Math.min(implicitWidth, 160 - 2 * Metrics.s)
                    text: entry.values
                    textFormat: Text.PlainText
                    color: Theme.thoughtInk
                    font.pixelSize: Typography.caption - 1
                    elide: Text.ElideMiddle
                    Accessible.ignored: true
                }
            }

            PText {
                id: end

                anchors.right: parent.right
                anchors.rightMargin: Metrics.l
                anchors.verticalCenter: parent.verticalCenter
                text: entry.cost
                color: Theme.thoughtFaint
                font.pixelSize: Typography.caption - 1
                font.features: Typography.tabular
                Accessible.ignored: true
            }
        }
    }
}
