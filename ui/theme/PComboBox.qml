pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T

// One of several. `label` is its accessible name.
T.ComboBox {
    id: root

    property string label

    implicitWidth: 180
    implicitHeight: Metrics.control
    leftPadding: Metrics.m
    rightPadding: Metrics.control
    hoverEnabled: true
    font.family: Typography.sans
    font.pixelSize: Typography.ui
    font.hintingPreference: Font.PreferNoHinting
    Accessible.role: Accessible.ComboBox
    Accessible.name: label

    contentItem: PText {
        text: root.displayText
        font: root.font
        color: root.enabled ? Theme.ink : Theme.inkOff
        elide: Text.ElideRight
        verticalAlignment: Text.AlignVCenter
        Accessible.ignored: true
    }

    indicator: PIcon {
        x: root.width - width - Metrics.s
        y: (root.height - height) / 2
        size: Metrics.iconSmall
        path: Icons.chevronDown
    }

    background: Rectangle {
        radius: Metrics.radius
        color: Theme.raised
        border.width: Metrics.hair
        border.color: root.hovered ? Theme.inkFaint : Theme.line

        PFocusRing {
            control: root
            shown: root.visualFocus
        }
    }

    delegate: PMenuItem {
        required property var model
        required property int index

        width: ListView.view?.width ?? 0
        text: model[root.textRole] ?? model.modelData ?? ""
        checkable: true
        checked: root.currentIndex === index
        highlighted: root.highlightedIndex === index
    }

    popup: T.Popup {
        y: root.height + Metrics.xs
        width: root.width
        implicitHeight: Math.min(contentItem.implicitHeight + 2 * padding, 320)
        padding: Metrics.xs

        contentItem: ListView {
            implicitHeight: contentHeight
            model: root.delegateModel
            currentIndex: root.highlightedIndex
            clip: true
            T.ScrollBar.vertical: PScrollBar {}
        }

        background: PCard {
            elevation: 2
            radius: Metrics.radius + Metrics.xxs
        }
    }
}
