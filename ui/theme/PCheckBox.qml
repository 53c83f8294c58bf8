import QtQuick
import QtQuick.Templates as T

// A box to tick; read-only ones show a task of a list.
T.CheckBox {
    id: root

    implicitWidth: indicator.width + (text === "" ? 0 : spacing + contentItem.implicitWidth)
    implicitHeight: Math.max(Metrics.controlSmall, contentItem.implicitHeight)
    spacing: Metrics.s
    padding: 0
    hoverEnabled: true
    font.family: Typography.sans
    font.pixelSize: Typography.ui
    font.hintingPreference: Font.PreferNoHinting
    Accessible.role: Accessible.CheckBox
    Accessible.name: text

    indicator: Rectangle {
        y: (root.height - height) / 2
        implicitWidth: 18
        implicitHeight: 18
        radius: Metrics.radiusSmall
        color: root.checked ? (root.enabled ? Theme.accent : Theme.inkOff) : Theme.raised
        border.width: root.checked ? 0 : Metrics.hair
        border.color: root.hovered ? Theme.inkFaint : Theme.line

        PIcon {
            anchors.centerIn: parent
            visible: root.checked
            path: Icons.check
            size: 14
            weight: 2.2
            color: Theme.accentInk
        }

        PFocusRing {
            control: root
            shown: root.visualFocus
            radius: Metrics.radiusSmall + 3
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
