pragma Singleton

import QtQuick

// How long things take, in milliseconds, and how they ease. With `reduced` nothing moves.
QtObject {
    property bool reduced: false

    readonly property int instant: reduced ? 0 : 80   // hover, press
    readonly property int quick: reduced ? 0 : 140    // menus, chevrons
    readonly property int calm: reduced ? 0 : 240     // folding, sliding
    readonly property int pulse: 1400                 // one breath of a busy mark

    readonly property int easing: Easing.OutCubic
    readonly property int easingBoth: Easing.InOutCubic
}
