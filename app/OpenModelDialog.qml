pragma ComponentBehavior: Bound

import QtCore
import QtQuick
import Ponder.Models
import Ponder.Theme

// Picks a model file. Ponder's own, so that it is there without a desktop portal, and shows only
// what can be opened: folders, and GGUF and safetensors files with their size. A split GGUF opens by
// any of its parts, a Hugging Face folder by any file in it.
PDialog {
    id: root

    required property string startFile // absolute path; its folder is shown first; may be empty
    property string path: "/" // the folder on show
    property string problem // what is wrong with the words that were typed; empty: nothing
    property list<string> endings: ["gguf", "safetensors"] // of the files that can be opened
    property string nothingHere: qsTr("No model files (GGUF or safetensors) in this folder.")

    readonly property url home: StandardPaths.writableLocation(StandardPaths.HomeLocation)

    signal chosen(url: url)

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
        problem = "";
    }

    function goUp(): void {
        if (path !== "/")
            goTo(folderAbove(path));
    }

    function choose(url: url): void {
        close();
        chosen(url);
    }

    // A whole path, typed or pasted: a file is opened, a folder is shown, and of anything else it is said why not.
    function follow(words: string): void {
        const place = ModelPath.look(words, path, endings);
        if (place.file) {
            choose(urlOf(place.path));
        } else if (place.problem !== "") {
            path = place.path;
            problem = place.problem; // the words stay, to be mended
        } else {
            goTo(place.path);
            list.takeFocus();
        }
    }

    objectName: "openModel"
    title: qsTr("Open a model file")
    width: Math.min(640, (parent?.width ?? 0) - 2 * Metrics.l)
    onAboutToShow: {
        // A folder may have gone since.
        goTo(ModelPath.look(startFile !== "" ? folderAbove(startFile) : pathOf(home), "/", endings).path);
        list.takeFocus();
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
            enabled: list.canActivate
            onClicked: list.activateCurrent()
        }
    ]

    Item {
        width: parent.width
        height: Metrics.control

        PIconButton {
            id: up

            objectName: "openModel.up"
            iconPath: Icons.chevronUp
            text: qsTr("Folder above")
            enabled: root.path !== "/"
            onClicked: root.goUp()
        }

        PIconButton {
            id: homeButton

            anchors.left: up.right
            iconPath: Icons.folder
            text: qsTr("Home folder")
            onClicked: root.goTo(root.pathOf(root.home))
        }

        PTextField {
            id: pathField

            objectName: "openModel.path"
            anchors.left: homeButton.right
            anchors.leftMargin: Metrics.s
            anchors.right: parent.right
            label: qsTr("Folder or file")
            onAccepted: root.follow(text)
            onTextEdited: root.problem = ""
        }
    }

    PBanner {
        objectName: "openModel.problem"
        width: parent.width
        visible: text !== ""
        kind: PBanner.Warning
        text: root.problem
        closable: false
    }

    ModelFileList {
        id: list

        width: parent.width
        height: Math.max(96, Math.min(360, (root.parent?.height ?? 600) - 290))
        folder: root.urlOf(root.path)
        showHidden: hidden.checked
        order: order.currentIndex
        endings: root.endings
        nothingHere: root.nothingHere
        onFolderChosen: url => root.goTo(root.pathOf(url))
        onFileChosen: url => root.choose(url)
        onAboveRequested: root.goUp()
    }

    Item {
        width: parent.width
        height: Metrics.control

        PCheckBox {
            id: hidden

            objectName: "openModel.hidden"
            anchors.verticalCenter: parent.verticalCenter
            text: qsTr("Hidden folders")
        }

        PText {
            anchors.right: order.left
            anchors.rightMargin: Metrics.s
            anchors.verticalCenter: parent.verticalCenter
            text: qsTr("Sorted by")
            color: Theme.inkSoft
            font.pixelSize: Typography.small
            Accessible.ignored: true
        }

        PComboBox {
            id: order

            objectName: "openModel.order"
            anchors.right: parent.right
            width: 150
            label: qsTr("Sorted by")
            model: [qsTr("Name"), qsTr("Newest first"), qsTr("Largest first")]
        }
    }
}
