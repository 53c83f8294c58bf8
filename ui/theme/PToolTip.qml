import QtQuick
import QtQuick.Templates as T

// A few words beside the pointer, after a moment's rest.
T.ToolTip {
    id: root

    x: parent ? Math.round((parent.width - implicitWidth) / 2) : 0
    y: -implicitHeight - Metrics.xs
    implicitWidth: contentWidth + leftPadding + rightPadding
    implicitHeight: contentHeight + topPadding + bottomPadding
    contentWidth: Math.min(label.implicitWidth, 320)
    contentHeight: label.implicitHeight
    horizontalPadding: Metrics.s
    verticalPadding: Metrics.xs + 1
    margins: Metrics.s
    delay: 600
    closePolicy: T.Popup.CloseOnEscape | T.Popup.CloseOnPressOutsideParent

    contentItem: PText {
        id: label

        text: root.text
        color: Theme.paper
        font.pixelSize: Typography.caption
        wrapMode: Text.Wrap
    }

    background: Rectangle {
        color: Theme.ink
        opacity: 0.95
        radius: Metrics.radiusSmall
    }

    enter: Transition {
        NumberAnimation {
            property: "opacity"
            from: 0
            to: 1
            duration: Motion.quick
        }
    }
    exit: Transition {
        NumberAnimation {
            property: "opacity"
            to: 0
            duration: Motion.instant
        }
    }
}
