import QtQuick
import QtQuick.Templates as T

// A number within bounds. `label` is its accessible name.
T.Slider {
    id: root

    property string label

    implicitWidth: 200
    implicitHeight: Metrics.controlSmall
    padding: Metrics.s
    hoverEnabled: true
    Accessible.role: Accessible.Slider
    Accessible.name: label

    handle: Rectangle {
        x: root.leftPadding + root.visualPosition * (root.availableWidth - width)
        y: (root.height - height) / 2
        implicitWidth: 16
        implicitHeight: 16
        radius: 8
        color: Theme.raised
        border.width: 2
        border.color: !root.enabled ? Theme.inkOff : root.pressed ? Theme.accentPress : root.hovered ? Theme.accentHover : Theme.accent

        PFocusRing {
            control: root
            shown: root.visualFocus
            radius: parent.radius + 3
        }
    }

    background: Rectangle {
        x: root.leftPadding
        y: (root.height - height) / 2
        width: root.availableWidth
        height: 4
        radius: 2
        color: Theme.hairline

        Rectangle {
            width: root.visualPosition * parent.width
            height: parent.height
            radius: 2
            color: root.enabled ? Theme.accent : Theme.inkOff
        }
    }
}
