import QtQuick
import QtQuick.Templates as T
import Ponder.Chat
import Ponder.Library
import Ponder.Models
import Ponder.Settings
import Ponder.Theme

// The window: conversations on the left, the one at hand on the right.
T.ApplicationWindow {
    id: root

    required property ChatViewModel chat
    required property ModelViewModel model
    required property DeviceViewModel device
    required property LibraryViewModel library
    required property SettingsViewModel settings
    required property StorageViewModel storage
    required property OfflineViewModel offline
    required property SystemHints hints

    function startNew(): void {
        chat.startNew();
        page.takeFocus();
    }

    function showLibrary(shown: bool): void {
        settings.sidebarVisible = shown;
        if (!shown)
            page.takeFocus();
    }

    objectName: "mainWindow"
    width: 1180
    height: 780
    minimumWidth: 480
    minimumHeight: 420
    color: Theme.paper
    title: chat.title === "" ? qsTr("Ponder") : qsTr("%1 — Ponder").arg(chat.title)

    Component.onCompleted: page.takeFocus()

    Binding {
        target: Theme
        property: "scheme"
        value: root.settings.theme
    }

    WindowShortcuts {
        chat: root.chat
        library: root.library
        onNewRequested: root.startNew()
        onOpenRequested: openDialog.open()
        onSettingsRequested: settingsDialog.open()
        onQuitRequested: root.close()
        onModelsRequested: picker.toggle()
        onFocusRequested: page.takeFocus()
        onLibraryToggled: root.showLibrary(!root.settings.sidebarVisible)
        onNeighbourRequested: step => pane.openNeighbour(step)
        onFindingRequested: step => page.messages.stepFinding(step)
        onDoubtRequested: step => page.messages.stepDoubt(step)
        onSearchRequested: {
            root.settings.sidebarVisible = true;
            pane.takeSearchFocus();
        }
    }

    LibraryPane {
        id: pane

        readonly property bool shown: root.settings.sidebarVisible

        x: shown ? 0 : -width
        width: Math.min(Metrics.sideBar, root.width * 0.45)
        height: parent.height
        visible: x > -width
        library: root.library
        currentId: root.chat.conversationId
        onNewRequested: root.startNew()
        onOpened: conversationId => root.chat.open(conversationId)
        onHideRequested: root.showLibrary(false)
        onSettingsRequested: settingsDialog.open()

        Behavior on x {
            NumberAnimation {
                duration: Motion.calm
                easing.type: Motion.easing
            }
        }
    }

    Connections {
        target: root.library
        function onRestored(conversationId): void {
            root.chat.open(conversationId);
        }
    }

    Item {
        id: main

        anchors.left: pane.right
        anchors.right: parent.right
        height: parent.height

        Item {
            id: header

            width: parent.width
            height: Metrics.xxxl + Metrics.xs

            Row {
                id: headerLeft

                x: Metrics.s
                anchors.verticalCenter: parent.verticalCenter
                visible: !pane.shown

                PIconButton {
                    objectName: "header.showLibrary"
                    iconPath: Icons.sideBar
                    text: qsTr("Show the conversations (Ctrl+B)")
                    onClicked: root.showLibrary(true)
                }

                PIconButton {
                    objectName: "header.new"
                    iconPath: Icons.newChat
                    text: qsTr("New conversation (Ctrl+N)")
                    onClicked: root.startNew()
                }
            }

            PText {
                objectName: "header.title"
                anchors.left: headerLeft.visible ? headerLeft.right : parent.left
                anchors.leftMargin: headerLeft.visible ? Metrics.s : Metrics.xl
                anchors.right: picker.left
                anchors.rightMargin: Metrics.l
                anchors.verticalCenter: parent.verticalCenter
                text: root.chat.title
                color: Theme.inkSoft
                font.weight: Font.Medium
                elide: Text.ElideRight
                Accessible.role: Accessible.Heading
            }

            ModelPicker {
                id: picker

                anchors.right: parent.right
                anchors.rightMargin: Metrics.m
                anchors.verticalCenter: parent.verticalCenter
                room: header.width - (headerLeft.visible ? headerLeft.x + headerLeft.width : 0) - 2 * Metrics.m
                model: root.model
                onOpenRequested: openDialog.open()
            }
        }

        Notices {
            id: notices

            anchors.top: header.bottom
            anchors.horizontalCenter: parent.horizontalCenter
            width: Math.min(Metrics.readingWidth + 2 * Metrics.l, parent.width - 2 * Metrics.l)
            storage: root.storage
            hints: root.hints
        }

        ChatPage {
            id: page

            anchors.top: notices.bottom
            anchors.bottom: status.top
            width: parent.width
            chat: root.chat
            model: root.model
            foldsThoughts: root.settings.foldsThoughts
            onOpenModelRequested: openDialog.open()
            onSettingsRequested: remedy => {
                if (remedy === MessageListModel.OtherSystemPrompt)
                    settingsDialog.openAtSystemPrompt();
                else if (remedy === MessageListModel.LongerAnswer)
                    settingsDialog.openAtLongestAnswer();
                else
                    settingsDialog.openAtContext();
            }
            onTemplateSettingsRequested: settingsDialog.openAtTemplate()
        }

        StatusLine {
            id: status

            anchors.bottom: parent.bottom
            width: parent.width
            chat: root.chat
            model: root.model
            offline: root.offline
            onDeviceSettingsRequested: settingsDialog.openAtDevice()
            onDeviceRetryRequested: root.device.tryAgain()
        }
    }

    DropTarget {
        anchors.fill: parent
        onFileDropped: url => root.model.openUrl(url)
    }

    OpenModelDialog {
        id: openDialog

        startFile: root.model.path
        onChosen: url => root.model.openUrl(url)
    }

    TemplateDialog {
        model: root.model
        onAboutToShow: settingsDialog.close()
    }

    SettingsDialog {
        id: settingsDialog

        settings: root.settings
        modelReady: root.model.ready
        recommendedTemperature: root.model.recommendedTemperature
        recommendedTopP: root.model.recommendedTopP
        devices: root.device.devices
        deviceStanding: root.device.standing
        deviceReason: root.device.reason
        chatTemplate: root.model.chatTemplate
        onDevicesWanted: root.device.look()
        onReopenModelRequested: root.model.reopen()
        onClosed: page.takeFocus()
    }
}
