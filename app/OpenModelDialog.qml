import QtQuick
import QtQuick.Dialogs
import QtCore

// Picks a model file: the desktop's own dialog where there is one, Qt's otherwise.
FileDialog {
    id: root

    required property string startFile

    signal chosen(url: url)

    title: qsTr("Open a model file")
    acceptLabel: qsTr("Open")
    nameFilters: [qsTr("Models (*.gguf)"), qsTr("All files (*)")]
    currentFolder: startFile !== "" ? "file://" + startFile.substring(0, startFile.lastIndexOf("/"))
                                    : StandardPaths.writableLocation(StandardPaths.HomeLocation)
    onAccepted: chosen(selectedFile)
}
