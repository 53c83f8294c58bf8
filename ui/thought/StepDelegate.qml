pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import Ponder.Markdown
import Ponder.Theme

// One row: a step, its number on the rail, its text beside it; or the continuation of a step that is very long, which
// has no number.
Item {
    id: root

    required property int index
    required property int number
    required property bool continued
    required property bool continues
    required property string text
    required property string fence
    required property string summary
    required property double startSeconds
    required property double endSeconds
    required property int tokens
    property bool current: false
    property bool growing: false
    property bool last: false

    signal chosen

    readonly property int rail: 44

    implicitHeight: words.implicitHeight + (continues ? 0 : Metrics.m + Metrics.xxs)
    Accessible.role: Accessible.ListItem
    Accessible.name: (continued ? qsTr("Step %1, continued: %2") : qsTr("Step %1: %2")).arg(number).arg(summary)

    Rectangle {
        x: root.rail / 2 + 4
        y: root.continued ? 0 : 23
        width: Metrics.hair
        height: root.height - y - (root.continues ? 0 : 1)
        visible: !root.last || root.growing
        color: Theme.thoughtLine
    }

    T.AbstractButton {
        id: mark

        visible: !root.continued
        x: root.rail / 2 - 8
        width: 24
        height: 22
        hoverEnabled: true
        focusPolicy: Qt.NoFocus
        Accessible.role: Accessible.Button
        Accessible.name: qsTr("Go to step %1").arg(root.number)
        onClicked: root.chosen()

        contentItem: PText {
            text: root.number
            color: root.current || mark.hovered ? Theme.thoughtAccent : Theme.thoughtFaint
            font.pixelSize: Typography.caption - 1
            font.weight: root.current ? Font.DemiBold : Font.Normal
            font.features: Typography.tabular
            horizontalAlignment: Text.AlignHCenter
            verticalAlignment: Text.AlignVCenter
            Accessible.ignored: true
        }

        background: Rectangle {
            radius: Metrics.radiusSmall
            color: root.current ? Theme.thoughtLine : mark.hovered ? Theme.hover : "transparent"
        }

        Loader {
            active: mark.hovered && root.endSeconds >= 0

            sourceComponent: PToolTip {
                readonly property string time: qsTr("%1 s").arg((root.endSeconds - root.startSeconds).toFixed(1))

                visible: true
                text: root.tokens < 0 ? time : qsTr("%1 · %2 tokens").arg(time).arg(root.tokens)
            }
        }
    }

    StepText {
        id: step

        source: root.text
        fence: root.fence
    }

    RichText {
        id: words

        x: root.rail + Metrics.xs
        y: 2
        width: root.width - x - Metrics.l
        html: step.html
        plain: root.text
        fontSize: Typography.ui
        lineHeight: 1
        codeGround: Theme.thoughtLine
        extraStyle: "th { font-weight: 600; padding: 1px 14px 1px 0px; } td { padding: 1px 14px 1px 0px; }"
        color: Theme.thoughtInk
    }
}
