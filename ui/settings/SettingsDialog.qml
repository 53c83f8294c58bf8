pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import Ponder.Theme

// What can be set. Everything takes effect and is kept at once.
PDialog {
    id: root

    required property SettingsViewModel settings
    required property real recommendedTemperature
    required property real recommendedTopP
    required property bool modelReady
    required property DeviceListModel devices
    required property string deviceStanding
    required property string deviceReason
    required property ChatTemplateViewModel chatTemplate

    signal reopenModelRequested
    signal devicesWanted

    // At the choice of the device.
    function openAtDevice(): void {
        open();
        Qt.callLater(deviceRows.takeFocus);
    }

    function openAt(field: Item): void {
        open();
        Qt.callLater(() => field.forceActiveFocus(Qt.TabFocusReason));
    }
    function openAtContext(): void {
        openAt(contextField);
    }
    function openAtLongestAnswer(): void {
        openAt(longestField);
    }
    function openAtSystemPrompt(): void {
        openAt(prompt);
    }
    // At the choice of the chat template.
    function openAtTemplate(): void {
        open();
        Qt.callLater(templateRows.takeFocus);
    }

    objectName: "settings"
    title: qsTr("Settings")
    onAboutToShow: devicesWanted()
    width: Math.min(600, (parent?.width ?? 0) - 2 * Metrics.l)

    actions: PButton {
        objectName: "settings.close"
        kind: PButton.Primary
        text: qsTr("Done")
        onClicked: root.close()
    }

    Flickable {
        id: flick

        // What the keyboard reaches is seen.
        readonly property Item focused: Window.activeFocusItem

        onFocusedChanged: {
            let inside = focused;
            while (inside && inside !== page)
                inside = inside.parent;
            if (!inside)
                return;
            const middle = focused.mapToItem(page, 0, focused.height / 2).y;
            if (middle < contentY || middle > contentY + height)
                contentY = Math.max(0, Math.min(middle - height / 2, contentHeight - height));
        }

        width: parent.width
        height: Math.min(page.implicitHeight, (root.parent?.height ?? 600) - 190)
        contentHeight: page.implicitHeight
        clip: true
        boundsBehavior: Flickable.StopAtBounds
        T.ScrollBar.vertical: PScrollBar {}

        Column {
            id: page

            width: parent.width - Metrics.m
            spacing: Metrics.m

            PBanner {
                width: parent.width
                visible: text !== ""
                kind: PBanner.Error
                text: root.settings.problem
                details: root.settings.problemDetails
                closable: false
            }

            SectionTitle {
                text: qsTr("Appearance")
            }

            SettingsRow {
                title: qsTr("Theme")

                PComboBox {
                    objectName: "settings.theme"
                    label: qsTr("Theme")
                    model: [qsTr("As the system"), qsTr("Light"), qsTr("Dark")]
                    currentIndex: root.settings.theme
                    onActivated: index => root.settings.theme = index
                }
            }

            SettingsRow {
                title: qsTr("Fold thoughts")
                detail: qsTr("when the answer begins")

                PSwitch {
                    objectName: "settings.foldsThoughts"
                    Accessible.name: qsTr("Fold thoughts when the answer begins")
                    checked: root.settings.foldsThoughts
                    onToggled: root.settings.foldsThoughts = checked
                }
            }

            SectionTitle {
                text: qsTr("Answers")
            }

            SettingsRow {
                title: qsTr("As the model's makers recommend")
                detail: root.modelReady ? qsTr("temperature %L1, top-p %L2").arg(Number(root.recommendedTemperature.toFixed(2))).arg(Number(root.recommendedTopP.toFixed(2))) : ""

                PSwitch {
                    objectName: "settings.recommended"
                    Accessible.name: qsTr("Sample as the model's makers recommend")
                    checked: root.settings.recommendedSampling
                    onToggled: root.settings.recommendedSampling = checked
                }
            }

            SamplingRows {
                width: parent.width
                settings: root.settings
                visible: !root.settings.recommendedSampling
            }

            SettingsRow {
                title: qsTr("Seed")
                detail: qsTr("automatic: another one for every answer")

                PSpinBox {
                    label: qsTr("Seed")
                    leastText: qsTr("Automatic")
                    from: -1
                    to: 2147483647
                    value: root.settings.seed
                    onValueModified: root.settings.seed = value
                }
            }

            SettingsRow {
                title: qsTr("Longest answer")
                detail: qsTr("tokens, thought included")

                PSpinBox {
                    id: longestField

                    objectName: "settings.longestAnswer"
                    label: qsTr("Longest answer in tokens")
                    leastText: qsTr("No limit")
                    from: 0
                    to: 1000000
                    stepSize: 256
                    value: root.settings.maxTokens
                    onValueModified: root.settings.maxTokens = value
                }
            }

            PText {
                text: qsTr("System prompt")
            }

            Rectangle {
                width: parent.width
                height: Math.max(80, prompt.implicitHeight)
                radius: Metrics.radius
                color: Theme.raised
                border.width: prompt.activeFocus ? Metrics.focusRing : Metrics.hair
                border.color: prompt.activeFocus ? Theme.accent : Theme.line

                PTextArea {
                    id: prompt

                    objectName: "settings.systemPrompt"
                    width: parent.width
                    font.pixelSize: Typography.ui
                    label: qsTr("System prompt")
                    placeholderText: qsTr("Said to the model before every conversation")
                    text: root.settings.systemPrompt
                    onEditingFinished: root.settings.systemPrompt = text
                }
            }

            SectionTitle {
                text: qsTr("Model")
            }

            DeviceRows {
                id: deviceRows

                width: parent.width
                settings: root.settings
                devices: root.devices
                standing: root.deviceStanding
                reason: root.deviceReason
            }

            TemplateRows {
                id: templateRows

                width: parent.width
                visible: root.modelReady
                chatTemplate: root.chatTemplate
            }

            SettingsRow {
                title: qsTr("Context")
                detail: qsTr("tokens; automatic: as much as the model allows and the memory holds")

                PSpinBox {
                    id: contextField

                    objectName: "settings.context"
                    label: qsTr("Context length in tokens")
                    leastText: qsTr("Automatic")
                    from: 0
                    to: 1048576
                    stepSize: 1024
                    value: root.settings.contextLength
                    onValueModified: root.settings.contextLength = value
                }
            }

            SettingsRow {
                title: qsTr("Threads")

                PSpinBox {
                    label: qsTr("Threads")
                    leastText: qsTr("All cores")
                    from: 0
                    to: 256
                    value: root.settings.threads
                    onValueModified: root.settings.threads = value
                }
            }

            PButton {
                visible: root.modelReady
                text: qsTr("Open the model again with these")
                onClicked: root.reopenModelRequested()
            }
        }
    }

    component SectionTitle: PText {
        width: parent?.width ?? 0
        topPadding: Metrics.s
        color: Theme.accent
        font.pixelSize: Typography.small
        font.weight: Font.DemiBold
        Accessible.role: Accessible.Heading
    }
}
