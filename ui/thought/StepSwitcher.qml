pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import Ponder.Theme

// "‹ 3 of 12 ›": to the step before and after, and a list of all of them.
Row {
    id: root

    required property StepListModel steps
    property int current: -1 // step

    signal previousRequested
    signal nextRequested
    signal stepRequested(int step)

    PIconButton {
        small: true
        iconPath: Icons.arrowUp
        iconColor: Theme.thoughtFaint
        text: qsTr("Previous step")
        enabled: root.current > 0
        onClicked: root.previousRequested()
    }

    PButton {
        id: place

        height: Metrics.controlSmall
        leftPadding: Metrics.xs
        rightPadding: Metrics.xs
        kind: PButton.Quiet
        font.pixelSize: Typography.caption
        text: root.current >= 0 ? qsTr("Step %1 of %2").arg(root.current + 1).arg(root.steps.stepCount) : qsTr("%1 steps").arg(root.steps.stepCount)
        onClicked: outline.open()

        PPopover {
            id: outline

            title: qsTr("Steps of the thought")
            y: place.height + Metrics.xs
            x: place.width - width
            width: 380
            height: Math.min(contents.contentHeight + 2 * padding, 360)
            padding: Metrics.xs
            onOpened: contents.forceActiveFocus()

            contentItem: ListView {
                id: contents

                clip: true
                model: outline.visible ? root.steps.outline : null
                currentIndex: root.current
                keyNavigationEnabled: true
                boundsBehavior: Flickable.StopAtBounds
                T.ScrollBar.vertical: PScrollBar {}
                Keys.onReturnPressed: choose()
                Keys.onEnterPressed: choose() // the keypad's

                function choose(): void {
                    root.stepRequested(currentIndex);
                    outline.close();
                }

                delegate: PListItem {
                    id: entry

                    required property int index
                    required property int number
                    required property string summary

                    width: ListView.view.width
                    height: Metrics.control
                    text: number + ".  " + summary
                    font.pixelSize: Typography.small
                    highlighted: ListView.isCurrentItem
                    onClicked: {
                        root.stepRequested(entry.index);
                        outline.close();
                    }
                }
            }
        }
    }

    PIconButton {
        small: true
        iconPath: Icons.arrowDown
        iconColor: Theme.thoughtFaint
        text: qsTr("Next step")
        enabled: root.current + 1 < root.steps.stepCount
        onClicked: root.nextRequested()
    }
}
