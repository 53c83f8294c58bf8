pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import Qt.labs.folderlistmodel
import Ponder.Theme

// The folders and model files of one folder. Letters that are typed lead to the next name that begins with
// them, Backspace to the folder above.
Rectangle {
    id: root

    required property url folder
    required property list<string> endings // of the files to show
    required property string nothingHere
    property bool showHidden: false
    property int order: ModelFileList.ByName
    property string problem: "" // stands in the place of what cannot be shown

    readonly property bool canActivate: list.currentIndex >= 0 && files.count > 0
    readonly property bool empty: files.status === FolderListModel.Ready && files.count === 0

    enum Order {
        ByName,
        ByDate,
        BySize
    }

    signal folderChosen(url: url)
    signal fileChosen(url: url)
    signal aboveRequested

    function takeFocus(): void {
        list.forceActiveFocus();
    }

    function activate(index: int): void {
        if (index < 0 || index >= files.count)
            return;
        const url = files.get(index, "fileUrl");
        if (files.isFolder(index))
            folderChosen(url);
        else
            fileChosen(url);
    }

    function activateCurrent(): void {
        activate(list.currentIndex);
    }

    // From the row after the current one on, so that the same letter goes through all that begin with it.
    function typeAhead(letters: string): void {
        const fresh = typed.letters === "" || /^(.)\1*$/.test(typed.letters + letters);
        typed.letters += letters;
        typed.restart();
        const wanted = (/^(.)\1+$/.test(typed.letters) ? typed.letters[0] : typed.letters).toLocaleLowerCase();
        for (let i = 0; i < files.count; ++i) {
            const row = (list.currentIndex + i + (fresh ? 1 : 0)) % files.count;
            if (files.get(row, "fileName").toLocaleLowerCase().startsWith(wanted)) {
                list.currentIndex = row;
                return;
            }
        }
    }

    function sizeOf(bytes: real): string {
        return Qt.locale().formattedDataSize(bytes, 1, Locale.DataSizeSIFormat);
    }

    radius: Metrics.radius
    color: Theme.sunken
    onFolderChanged: list.currentIndex = 0
    onOrderChanged: list.currentIndex = 0

    Timer {
        id: typed

        property string letters

        interval: 1000
        onTriggered: letters = ""
    }

    FolderListModel {
        id: files

        folder: root.folder
        nameFilters: root.endings.map(ending => "*." + ending)
        showDirsFirst: true
        showOnlyReadable: true
        showHidden: root.showHidden
        caseSensitive: false
        sortCaseSensitive: false
        sortField: root.order === ModelFileList.ByDate ? FolderListModel.Time : root.order === ModelFileList.BySize ? FolderListModel.Size : FolderListModel.Name
    }

    ListView {
        id: list

        objectName: "openModel.list"
        anchors.fill: parent
        anchors.margins: Metrics.xs
        clip: true
        model: files
        currentIndex: 0
        boundsBehavior: Flickable.StopAtBounds
        activeFocusOnTab: true
        Accessible.role: Accessible.List
        Accessible.name: qsTr("Files")
        Keys.onReturnPressed: root.activate(currentIndex)
        Keys.onEnterPressed: root.activate(currentIndex)
        Keys.onPressed: event => {
            if (event.key === Qt.Key_Backspace)
                root.aboveRequested();
            else if (event.key === Qt.Key_Home)
                list.currentIndex = 0;
            else if (event.key === Qt.Key_End)
                list.currentIndex = files.count - 1;
            else if (/^[^\s\x00-\x1f\x7f]/.test(event.text) && !(event.modifiers & (Qt.ControlModifier | Qt.AltModifier | Qt.MetaModifier)))
                root.typeAhead(event.text);
            else
                return;
            event.accepted = true;
        }
        T.ScrollBar.vertical: PScrollBar {}

        delegate: PListItem {
            required property int index
            required property string fileName
            required property bool fileIsDir
            required property double fileSize
            required property date fileModified

            width: ListView.view.width
            highlighted: ListView.isCurrentItem
            iconPath: fileIsDir ? Icons.folder : Icons.chip
            text: fileName
            detail: {
                const parts = fileIsDir ? [] : [root.sizeOf(fileSize)];
                if (root.order === ModelFileList.ByDate)
                    parts.push(fileModified.toLocaleDateString(Qt.locale(), Locale.ShortFormat));
                return parts.join(" · ");
            }
            focusPolicy: Qt.NoFocus
            onClicked: {
                list.currentIndex = index;
                list.forceActiveFocus();
            }
            onDoubleClicked: root.activate(index)
        }
    }

    PText {
        objectName: "openModel.empty"
        anchors.centerIn: parent
        width: parent.width - 2 * Metrics.xl
        visible: text !== ""
        horizontalAlignment: Text.AlignHCenter
        wrapMode: Text.Wrap
        text: !root.empty ? "" : root.problem !== "" ? root.problem : root.nothingHere
        color: Theme.inkFaint
    }
}
