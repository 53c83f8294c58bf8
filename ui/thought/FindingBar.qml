pragma ComponentBehavior: Bound

import QtQuick
import Ponder.Theme

// One line under the headline that says what was found, a way from one finding to the next, and the list of them.
// Nothing was found: nothing is shown.
Item {
    id: root

    required property ThoughtViewModel thought
    property int current: -1 // finding

    signal findingRequested(int finding)

    readonly property FindingListModel findings: thought.findings

    function step(by: int): void {
        const next = current < 0 && by < 0 ? findings.count - 1 : current + by;
        if (findings.count > 0)
            findingRequested((next + findings.count) % findings.count);
    }

    visible: findings.count > 0
    implicitHeight: visible ? Metrics.controlSmall + Metrics.xs : 0

    Rectangle {
        id: dot

        x: Metrics.m + 6
        anchors.verticalCenter: words.verticalCenter
        width: 7
        height: 7
        radius: 3.5
        color: Theme.finding(root.findings.weight)
    }

    PButton {
        id: words

        objectName: "thought.findings"
        x: Metrics.m + Metrics.icon + Metrics.s - leftPadding
        width: Math.min(implicitWidth, buttons.x - x)
        height: Metrics.controlSmall
        leftPadding: Metrics.xs
        rightPadding: Metrics.xs
        kind: PButton.Quiet
        Accessible.name: root.findings.summary
        onClicked: list.open()

        contentItem: PText {
            text: root.findings.summary
            color: Theme.thoughtInk
            font.pixelSize: Typography.caption
            elide: Text.ElideRight
            verticalAlignment: Text.AlignVCenter
            Accessible.ignored: true
        }

        PPopover {
            id: list

            title: qsTr("Findings")
            y: words.height + Metrics.xs
            width: Math.min(460, root.width - words.x)
            height: Math.min(findingList.contentHeight + 2 * padding, 320)
            padding: Metrics.xs
            onOpened: findingList.forceActiveFocus()

            contentItem: FindingList {
                id: findingList

                findings: list.visible ? root.findings : null
                currentIndex: Math.max(root.current, 0)
                onChosen: finding => {
                    root.findingRequested(finding);
                    list.close();
                }
            }
        }
    }

    Row {
        id: buttons

        anchors.right: parent.right
        anchors.rightMargin: Metrics.s + Metrics.icon
        anchors.verticalCenter: words.verticalCenter

        PIconButton {
            small: true
            iconPath: Icons.arrowUp
            iconColor: Theme.thoughtFaint
            text: qsTr("Previous finding (Shift+F8)")
            onClicked: root.step(-1)
        }

        PIconButton {
            objectName: "thought.nextFinding"
            small: true
            iconPath: Icons.arrowDown
            iconColor: Theme.thoughtFaint
            text: qsTr("Next finding (F8)")
            onClicked: root.step(1)
        }
    }
}
