import QtQuick
import QtQuick.Templates as T

// A button that is only an icon. `text` is its accessible name and its tool tip.
T.Button {
    id: root

    required property string iconPath
    property bool primary: false
    property bool small: false
    property bool round: false
    property bool filled: false
    property color iconColor: Theme.inkSoft
    property string toolTip: text

    implicitWidth: small ? Metrics.controlSmall : Metrics.control
    implicitHeight: implicitWidth
    padding: 0
    focusPolicy: Qt.TabFocus
    hoverEnabled: true
    font.family: Typography.sans
    font.pixelSize: Typography.ui
    font.hintingPreference: Font.PreferNoHinting
    Accessible.role: checkable ? Accessible.CheckBox : Accessible.Button
    Accessible.name: text
    Keys.onReturnPressed: click()
    Keys.onEnterPressed: click()

    contentItem: Item {
        PIcon {
            anchors.centerIn: parent
            path: root.iconPath
            size: root.small ? Metrics.iconSmall : Metrics.icon
            filled: root.filled
            color: !root.enabled ? Theme.inkOff : root.primary ? Theme.accentInk : root.checked ? Theme.accent : root.hovered ? Theme.ink : root.iconColor
        }
    }

    background: Rectangle {
        radius: root.round ? height / 2 : Metrics.radius
        color: root.primary ? (!root.enabled ? Theme.press : root.down ? Theme.accentPress : root.hovered ? Theme.accentHover : Theme.accent) : root.down ? Theme.press : root.hovered && root.enabled ? Theme.hover : root.checked ? Theme.accentTint : "transparent"

        Behavior on color {
            ColorAnimation {
                duration: Motion.instant
            }
        }

        PFocusRing {
            control: root
            shown: root.visualFocus
            radius: parent.radius + Metrics.focusRing + 1
        }
    }

    PToolTip {
        text: root.toolTip
        visible: root.hovered && root.toolTip !== "" && !root.down
    }
}
