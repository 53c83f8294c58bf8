import QtQuick
import QtQuick.Templates as T

// A small surface that opens from a control and closes on a click elsewhere or Escape.
T.Popup {
    id: root

    property string title

    implicitWidth: contentWidth + leftPadding + rightPadding
    implicitHeight: contentHeight + topPadding + bottomPadding
    contentWidth: contentItem?.implicitWidth ?? 0
    contentHeight: contentItem?.implicitHeight ?? 0
    padding: Metrics.l
    margins: Metrics.s
    focus: true
    closePolicy: T.Popup.CloseOnEscape | T.Popup.CloseOnPressOutsideParent

    background: PCard {
        elevation: 2
        radius: Metrics.radius + Metrics.xs
        Accessible.role: Accessible.PopupMenu
        Accessible.name: root.title
    }

    enter: Transition {
        NumberAnimation {
            property: "opacity"
            from: 0
            to: 1
            duration: Motion.quick
            easing.type: Motion.easing
        }
    }
    // It goes at once: while it faded it would take the keys, and shortcuts would be lost.
}
