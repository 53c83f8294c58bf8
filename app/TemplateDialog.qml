import QtQuick
import Ponder.Models
import Ponder.Settings

// Picks a chat template of one's own for the model that is open, when the settings ask for it.
OpenModelDialog {
    id: root

    required property ModelViewModel model

    objectName: "openTemplate"
    title: qsTr("Choose a chat template")
    endings: ["jinja", "jinja2", "j2", "txt"]
    nothingHere: qsTr("No templates (Jinja or text files) in this folder.")
    startFile: model.chatTemplate.file || model.path
    onChosen: url => model.chatTemplate.chooseFile(url)

    Connections {
        target: root.model.chatTemplate
        function onFileWanted(): void {
            root.open();
        }
    }
}
