pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import Ponder.Theme

// What was found, each with its place and a sentence that says why.
ListView {
    id: root

    property FindingListModel findings: null

    signal chosen(int finding)

    model: findings
    clip: true
    keyNavigationEnabled: true
    boundsBehavior: Flickable.StopAtBounds
    Accessible.role: Accessible.List
    Accessible.name: qsTr("Findings")
    T.ScrollBar.vertical: PScrollBar {}
    Keys.onReturnPressed: chosen(currentIndex)
    Keys.onEnterPressed: chosen(currentIndex) // the keypad's

    delegate: T.ItemDelegate {
        id: entry

        required property int index
        required property int weight
        required property string name
        required property string message
        required property int step

        readonly property string where: step < 0 ? qsTr("Answer") : qsTr("Step %1").arg(step + 1)

        width: ListView.view.width
        implicitHeight: content.implicitHeight + topPadding + bottomPadding
        topPadding: Metrics.xs + Metrics.xxs
        bottomPadding: Metrics.xs + Metrics.xxs
        hoverEnabled: true
        Accessible.role: Accessible.ListItem
        Accessible.name: qsTr("%1, %2: %3").arg(where).arg(name).arg(message)
        onClicked: root.chosen(index)

        background: Rectangle {
            radius: Metrics.radius
            color: entry.ListView.isCurrentItem ? Theme.accentTint : entry.hovered ? Theme.hover : "transparent"
        }

        contentItem: Item {
            id: content

            implicitHeight: column.implicitHeight

            Rectangle {
                x: Metrics.s
                y: 6
                width: 7
                height: 7
                radius: 3.5
                color: Theme.finding(entry.weight)
            }

            Column {
                id: column

                x: Metrics.xl
                width: parent.width - x - Metrics.s
                spacing: Metrics.xxs

                PText {
                    width: parent.width
                    text: qsTr("%1 · %2").arg(entry.where).arg(entry.name)
                    font.pixelSize: Typography.caption
                    color: Theme.inkFaint
                    elide: Text.ElideRight
                    Accessible.ignored: true
                }

                PText {
                    width: parent.width
                    text: entry.message
                    textFormat: Text.PlainText
                    font.pixelSize: Typography.small
                    wrapMode: Text.Wrap
                    maximumLineCount: 3
                    elide: Text.ElideRight
                    Accessible.ignored: true
                }
            }
        }
    }
}
