import QtQuick
import QtQuick.Templates as T

// On or off, at once.
T.Switch {
    id: root

    implicitWidth: indicator.width + (text === "" ? 0 : spacing + contentItem.implicitWidth)
    implicitHeight: Math.max(Metrics.controlSmall, contentItem.implicitHeight)
    spacing: Metrics.m
    padding: 0
    hoverEnabled: true
    font.family: Typography.sans
    font.pixelSize: Typography.ui
    font.hintingPreference: Font.PreferNoHinting
    Accessible.role: Accessible.CheckBox
    Accessible.name: text

    indicator: Rectangle {
        y: (root.height - height) / 2
        implicitWidth: 38
        implicitHeight: 22
        radius: height / 2
        color: !root.enabled ? Theme.press : root.checked ? Theme.accent : root.hovered ? Theme.inkFaint : Theme.inkOff

        Behavior on color {
            ColorAnimation {
                duration: Motion.quick
            }
        }

        Rectangle {
            x: 3 + (parent.width - width - 6) * root.visualPosition
            y: 3
            width: 16
            height: 16
            radius: 8
            color: root.checked ? Theme.accentInk : Theme.raised

            Behavior on x {
                enabled: !root.down
                NumberAnimation {
                    duration: Motion.quick
                    easing.type: Motion.easing
                }
            }
        }

        PFocusRing {
            control: root
            shown: root.visualFocus
            radius: parent.radius + 3
        }
    }

    contentItem: PText {
        leftPadding: root.indicator.width + root.spacing
        text: root.text
        font: root.font
        color: root.enabled ? Theme.ink : Theme.inkOff
        wrapMode: Text.Wrap
        verticalAlignment: Text.AlignVCenter
        Accessible.ignored: true
    }
}
