import QtQuick
import Ponder.Theme

// What one can do with a step so that the model goes on from there, as a new branch.
PMenu {
    id: root

    signal editRequested
    signal goOnRequested(words: string) // the thought up to the end of the step, and these words
    signal answerRequested

    PMenuItem {
        text: qsTr("Edit and go on from here")
        keys: "F2"
        iconPath: Icons.edit
        onTriggered: root.editRequested()
    }

    PMenuSeparator {}

    PMenuItem {
        objectName: "step.goOn"
        text: qsTr("Go on from the end of this step")
        iconPath: Icons.branch
        onTriggered: root.goOnRequested("")
    }

    PMenuItem {
        text: qsTr("Check this step")
        iconPath: Icons.check
        onTriggered: root.goOnRequested(qsTr("Wait, let me check this step again, carefully."))
    }

    PMenuItem {
        text: qsTr("Try another way")
        iconPath: Icons.regenerate
        onTriggered: root.goOnRequested(qsTr("Alternatively, let me try another way."))
    }

    PMenuItem {
        text: qsTr("Answer now")
        iconPath: Icons.send
        onTriggered: root.answerRequested()
    }
}
