pragma Singleton

import QtQuick

// How long things take, in milliseconds, and how they ease. With `reduced` nothing moves.
QtObject {
    id: root

    property bool reduced: false

    readonly property int instant: reduced ? 0 : 80   // hover, press
    readonly property int quick: reduced ? 0 : 140    // menus, chevrons
    readonly property int calm: reduced ? 0 : 240     // folding, sliding

    // One breath for all busy marks, so that two cost no more frames than one; and in steps, since every
    // frame takes time from the answer where the processor draws, and a mark of eight pixels needs no sixty a second.
    property int breathing: 0 // how many marks show it now
    readonly property int breathSteps: 9
    property int breathStep: 0
    readonly property real breath: 0.65 + 0.35 * Math.cos(2 * Math.PI * breathStep / breathSteps)
    readonly property Timer breaths: Timer {
        interval: 160
        repeat: true
        running: root.breathing > 0 && !root.reduced
        onTriggered: root.breathStep = (root.breathStep + 1) % root.breathSteps
        onRunningChanged: root.breathStep = 0
    }

    readonly property int easing: Easing.OutCubic
    readonly property int easingBoth: Easing.InOutCubic
}
