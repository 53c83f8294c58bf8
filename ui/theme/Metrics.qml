pragma Singleton

import QtQuick

// Distances, in pixels: a scale of four, and the few sizes that recur.
QtObject {
    readonly property int hair: 1
    readonly property int xxs: 2
    readonly property int xs: 4
    readonly property int s: 8
    readonly property int m: 12
    readonly property int l: 16
    readonly property int xl: 24
    readonly property int xxl: 32
    readonly property int xxxl: 48

    readonly property int radiusSmall: 5   // buttons in a row, inline code, menu items
    readonly property int radius: 8        // buttons, fields, code blocks
    readonly property int radiusLarge: 14  // composer, bubbles, dialogs

    readonly property int control: 34      // height of a button or a field
    readonly property int controlSmall: 28 // of one in a tool row
    readonly property int icon: 18
    readonly property int iconSmall: 15
    readonly property int focusRing: 2

    readonly property int readingWidth: 740 // a comfortable line of about 85 characters
    readonly property int sideBar: 272
    readonly property int dialogWidth: 460
}
