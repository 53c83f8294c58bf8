import QtQuick
import Ponder.Library
import Ponder.Settings
import Ponder.Theme

// What the person should know of this computer: its disk, its fonts, its graphics card.
Column {
    id: root

    required property StorageViewModel storage
    required property SystemHints hints

    spacing: Metrics.s

    PBanner {
        objectName: "notice.storageProblem"
        width: parent.width
        visible: text !== ""
        kind: PBanner.Error
        text: root.storage.problem
        details: root.storage.problemDetails
        closable: false
        actionText: root.storage.failed ? qsTr("Try again") : root.storage.canGoOn ? qsTr("Go on without keeping") : ""
        onActionTriggered: root.storage.failed ? root.storage.retry() : root.storage.goOnWithoutKeeping()
    }

    PBanner {
        objectName: "notice.storage"
        width: parent.width
        visible: text !== ""
        kind: PBanner.Warning
        text: root.storage.notice
        onClosed: root.storage.dismissNotice()
    }

    PBanner {
        objectName: "notice.hint"
        width: parent.width
        visible: text !== ""
        kind: PBanner.Info
        text: root.hints.text
        detail: root.hints.detail
        details: root.hints.details
        onClosed: root.hints.dismiss()
    }
}
