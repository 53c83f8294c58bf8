pragma ComponentBehavior: Bound

import QtCore
import QtQuick
import QtQuick.Templates as T
import Qt.labs.folderlistmodel
import Ponder.Theme

// Picks a model file. Ponder's own, so that it is there without a desktop portal, and shows only
// what can be opened: folders, and GGUF and safetensors files with their size. A split GGUF opens by
// any of its parts, a Hugging Face folder by any file in it.
PDialog {
    id: root

    required property string startFile // absolute path; its folder is shown first; may be empty
    property string path: "/" // the folder on show

    signal chosen(url: url)

    function sizeOf(bytes: real): string {
        return Qt.locale().formattedDataSize(bytes, 1, Locale.DataSizeSIFormat);
    }

    function urlOf(path: string): url {
        return "file://" + encodeURI(path).replace(/[?#]/g, encodeURIComponent);
    }

    function pathOf(url: var): string {
        return decodeURIComponent(url.toString().replace(/^file:\/\//, ""));
    }

    function folderAbove(file: string): string {
        return file.substring(0, file.lastIndexOf("/")) || "/";
    }

    function goTo(folderPath: string): void {
        path = folderPath;
        pathField.text = folderPath;
        list.currentIndex = 0;
    }

    function activate(index: int): void {
        if (index < 0 || index >= folder.count)
            return;
        const url = folder.get(index, "fileUrl");
        if (folder.isFolder(index)) {
            goTo(pathOf(url));
        } else {
            close();
            chosen(url);
        }
    }

    objectName: "openModel"
    title: qsTr("Open a model file")
    width: Math.min(640, (parent?.width ?? 0) - 2 * Metrics.l)
    onAboutToShow: {
        goTo(startFile !== "" ? folderAbove(startFile) : pathOf(folder.home));
        list.forceActiveFocus();
    }

    actions: [
        PButton {
            text: qsTr("Cancel")
            onClicked: root.close()
        },
        PButton {
            objectName: "openModel.open"
            kind: PButton.Primary
            text: qsTr("Open")
            enabled: list.currentIndex >= 0 && folder.count > 0
            onClicked: root.activate(list.currentIndex)
        }
    ]

    FolderListModel {
        id: folder

        readonly property url home: StandardPaths.writableLocation(StandardPaths.HomeLocation)

        folder: root.urlOf(root.path)
        nameFilters: ["*.gguf", "*.GGUF", "*.safetensors"]
        showDirsFirst: true
        showOnlyReadable: true
        caseSensitive: false
        sortCaseSensitive: false
    }

    Item {
        width: parent.width
        height: Metrics.control

        PIconButton {
            id: up

            objectName: "openModel.up"
            iconPath: Icons.chevronUp
            text: qsTr("Folder above")
            enabled: root.path !== "/"
            onClicked: root.goTo(root.folderAbove(root.path))
        }

        PIconButton {
            id: home

            anchors.left: up.right
            iconPath: Icons.folder
            text: qsTr("Home folder")
            onClicked: root.goTo(root.pathOf(folder.home))
        }

        PTextField {
            id: pathField

            objectName: "openModel.path"
            anchors.left: home.right
            anchors.leftMargin: Metrics.s
            anchors.right: parent.right
            label: qsTr("Folder or file")
            // A whole path, typed or pasted: a file is opened, a folder is shown.
            onAccepted: {
                if (/\.(gguf|safetensors)$/i.test(text)) {
                    root.close();
                    root.chosen(root.urlOf(text));
                } else {
                    root.goTo(text.replace(/(.)\/+$/, "$1"));
                    list.forceActiveFocus();
                }
            }
        }
    }

    Rectangle {
        width: parent.width
        height: Math.min(360, (root.parent?.height ?? 600) - 240)
        radius: Metrics.radius
        color: Theme.sunken

        ListView {
            id: list

            objectName: "openModel.list"
            anchors.fill: parent
            anchors.margins: Metrics.xs
            clip: true
            model: folder
            currentIndex: 0
            boundsBehavior: Flickable.StopAtBounds
            activeFocusOnTab: true
            Accessible.role: Accessible.List
            Accessible.name: qsTr("Files")
            Keys.onReturnPressed: root.activate(currentIndex)
            Keys.onEnterPressed: root.activate(currentIndex)
            Keys.onPressed: event => {
                if (event.key === Qt.Key_Backspace && up.enabled) {
                    root.goTo(root.folderAbove(root.path));
                    event.accepted = true;
                }
            }
            T.ScrollBar.vertical: PScrollBar {}

            delegate: PListItem {
                required property int index
                required property string fileName
                required property bool fileIsDir
                required property double fileSize

                width: ListView.view.width
                highlighted: ListView.isCurrentItem
                iconPath: fileIsDir ? Icons.folder : Icons.chip
                text: fileName
                detail: fileIsDir ? "" : root.sizeOf(fileSize)
                focusPolicy: Qt.NoFocus
                onClicked: {
                    list.currentIndex = index;
                    list.forceActiveFocus();
                }
                onDoubleClicked: root.activate(index)
            }

            PText {
                anchors.centerIn: parent
                visible: folder.status === FolderListModel.Ready && folder.count === 0
                text: qsTr("No model files (GGUF or safetensors) in this folder.")
                color: Theme.inkFaint
            }
        }
    }
}
