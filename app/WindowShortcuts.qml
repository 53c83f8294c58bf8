import QtQuick
import Ponder.Chat
import Ponder.Library

// The keys of the whole window. What belongs to a view alone, the window does.
Item {
    id: root

    required property ChatViewModel chat
    required property LibraryViewModel library

    signal newRequested
    signal openRequested
    signal settingsRequested
    signal quitRequested
    signal modelsRequested
    signal focusRequested
    signal libraryToggled
    signal searchRequested
    signal neighbourRequested(step: int)
    signal findingRequested(step: int)
    signal doubtRequested(step: int)

    Shortcut {
        sequences: [StandardKey.New]
        onActivated: root.newRequested()
    }
    Shortcut {
        sequences: [StandardKey.Open]
        onActivated: root.openRequested()
    }
    Shortcut {
        sequence: "Ctrl+,"
        onActivated: root.settingsRequested()
    }
    Shortcut {
        sequences: [StandardKey.Quit]
        onActivated: root.quitRequested()
    }
    Shortcut {
        sequence: "Ctrl+Shift+C"
        onActivated: root.chat.copyLastAnswer()
    }
    Shortcut {
        sequence: "Ctrl+M"
        onActivated: root.modelsRequested()
    }
    Shortcut {
        sequence: "Ctrl+L"
        onActivated: root.focusRequested()
    }
    Shortcut {
        sequence: "Ctrl+B"
        onActivated: root.libraryToggled()
    }
    Shortcut {
        sequence: "Ctrl+R"
        onActivated: root.chat.answerAgain(root.chat.messages.count - 1)
    }
    Shortcut {
        sequence: "Esc"
        enabled: root.chat.generatingHere
        onActivated: root.chat.stop()
    }
    Shortcut {
        sequences: [StandardKey.Undo]
        enabled: root.library.removedTitle !== ""
        onActivated: root.library.undoRemove()
    }
    Shortcut {
        sequence: "F8"
        onActivated: root.findingRequested(1)
    }
    Shortcut {
        sequence: "Shift+F8"
        onActivated: root.findingRequested(-1)
    }
    Shortcut {
        sequence: "F7"
        onActivated: root.doubtRequested(1)
    }
    Shortcut {
        sequence: "Shift+F7"
        onActivated: root.doubtRequested(-1)
    }
    Shortcut {
        sequence: "Alt+Down"
        onActivated: root.neighbourRequested(1)
    }
    Shortcut {
        sequence: "Alt+Up"
        onActivated: root.neighbourRequested(-1)
    }
    Shortcut {
        sequences: [StandardKey.Find]
        onActivated: root.searchRequested()
    }
}
