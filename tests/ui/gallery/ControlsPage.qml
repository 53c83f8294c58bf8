pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Ponder.Theme

Rectangle {
    id: root

    property bool dark: false

    width: 980
    height: 760
    color: Theme.paper
    Component.onCompleted: Theme.scheme = dark ? Theme.Dark : Theme.Light

    ColumnLayout {
        anchors.fill: parent
        anchors.margins: Metrics.xl
        spacing: Metrics.l

        PText {
            text: "Ponder"
            font.pixelSize: Typography.display
            font.weight: Font.DemiBold
            font.letterSpacing: -0.6
        }

        PText {
            text: "A calm place to watch a model think."
            color: Theme.inkSoft
            font.pixelSize: Typography.body
        }

        RowLayout {
            spacing: Metrics.m
            PButton {
                text: "Primary"
                kind: PButton.Primary
            }
            PButton {
                text: "Plain"
                iconPath: Icons.folder
            }
            PButton {
                text: "Quiet"
                kind: PButton.Quiet
                iconPath: Icons.edit
            }
            PButton {
                text: "Delete"
                kind: PButton.Danger
                iconPath: Icons.trash
            }
            PButton {
                text: "Disabled"
                enabled: false
            }
            PButton {
                text: "Disabled"
                kind: PButton.Primary
                enabled: false
            }
            PButton {
                id: focused
                text: "Focused"
                Component.onCompleted: forceActiveFocus(Qt.TabFocusReason)
            }
            PIconButton {
                iconPath: Icons.send
                text: "Send"
                primary: true
                round: true
            }
            PIconButton {
                iconPath: Icons.stop
                text: "Stop"
                primary: true
                round: true
                filled: true
            }
            PIconButton {
                iconPath: Icons.copy
                text: "Copy"
            }
            PIconButton {
                iconPath: Icons.lock
                text: "Lock"
                checked: true
            }
            PBusy {}
        }

        RowLayout {
            spacing: Metrics.m
            PTextField {
                placeholderText: "Search"
                iconPath: Icons.search
            }
            PTextField {
                text: "Some text"
                clearable: true
            }
            PComboBox {
                model: ["System", "Light", "Dark"]
                label: "Scheme"
            }
            PSpinBox {
                value: 42
                label: "Count"
            }
        }

        RowLayout {
            spacing: Metrics.l
            PSwitch {
                text: "Fold thoughts"
                checked: true
            }
            PSwitch {
                text: "Off"
            }
            PCheckBox {
                text: "Ticked"
                checked: true
            }
            PCheckBox {
                text: "Not ticked"
            }
            PSlider {
                value: 0.6
                label: "Temperature"
            }
        }

        RowLayout {
            spacing: Metrics.l

            ColumnLayout {
                spacing: 2
                PListItem {
                    text: "A sum and its carries"
                    detail: "Today, 14:02"
                    highlighted: true
                    Layout.preferredWidth: 240
                }
                PListItem {
                    text: "Tables of trigonometry, and more text"
                    actionsShown: true
                    Layout.preferredWidth: 240
                    actions: PIconButton {
                        small: true
                        iconPath: Icons.more
                        text: "More"
                    }
                }
                PListItem {
                    text: "Plain row"
                    iconPath: Icons.chip
                }
            }

            ColumnLayout {
                PBanner {
                    kind: PBanner.Error
                    Layout.preferredWidth: 620
                    text: "The model could not be opened"
                    detail: "The file ends in the middle of tensor blk.12.attn_q.weight. Download it again."
                    actionText: "Choose another"
                }
                PBanner {
                    kind: PBanner.Warning
                    Layout.preferredWidth: 620
                    text: "This model needs 14 GiB and 9 GiB are free."
                }
                PBanner {
                    kind: PBanner.Success
                    Layout.preferredWidth: 620
                    text: "Saved."
                }
                PBanner {
                    Layout.preferredWidth: 620
                    text: "Nothing leaves this machine."
                }
            }
        }

        Flow {
            Layout.fillWidth: true
            spacing: Metrics.m

            Repeater {
                model: Object.keys(Icons).filter(name => typeof Icons[name] === "string" && name !== "objectName")

                Column {
                    id: cell
                    required property string modelData
                    width: 74
                    PIcon {
                        path: Icons[cell.modelData]
                        size: 22
                        color: Theme.ink
                    }
                    PText {
                        text: cell.modelData
                        font.pixelSize: 10
                        color: Theme.inkFaint
                    }
                }
            }
        }

        Flow {
            Layout.fillWidth: true
            spacing: 0

            Repeater {
                model: ["paper", "margin", "raised", "sunken", "bubble", "hairline", "line", "accent", "accentTint", "selection", "thought", "thoughtLine", "thoughtAccent", "dangerTint", "warningTint", "successTint"]

                Rectangle {
                    required property string modelData
                    width: 58
                    height: 30
                    color: Theme[modelData]
                }
            }
        }

        Item {
            Layout.fillHeight: true
        }
    }
}
