pragma Singleton

import QtQuick

// The colours, each with its light and its dark value side by side. Text colours reach 4.5:1 on
// every surface that they are meant for (tests/ui/tst_Theme.qml measures it).
QtObject {
    id: root

    enum Scheme {
        System,
        Light,
        Dark
    }

    // What the reader asked for; System follows the desktop while the program runs.
    property int scheme: Theme.System
    readonly property bool dark: scheme === Theme.System ? Application.styleHints.colorScheme === Qt.ColorScheme.Dark : scheme === Theme.Dark

    // Surfaces: warm paper, or a warm near-black.
    readonly property color paper: dark ? "#191816" : "#faf8f4"      // the page that one reads on
    readonly property color margin: dark ? "#131211" : "#f2eee6"     // side bar, status line
    readonly property color raised: dark ? "#22211e" : "#fffefc"     // composer, cards, menus
    readonly property color sunken: dark ? "#121110" : "#f4f0e8"     // code, quotes, wells
    readonly property color bubble: dark ? "#292722" : "#eee9df"     // what the person wrote
    readonly property color hover: dark ? "#14ffffff" : "#0d1c1a17"  // laid over any surface
    readonly property color press: dark ? "#21ffffff" : "#1a1c1a17"
    readonly property color scrim: dark ? "#99000000" : "#591c1a17"

    // Ink.
    readonly property color ink: dark ? "#e2ddd3" : "#1f1d1a"
    readonly property color inkSoft: dark ? "#b8b1a5" : "#56514a"    // labels, secondary text
    readonly property color inkFaint: dark ? "#999287" : "#6b655c"   // captions, times, hints
    readonly property color inkOff: dark ? "#5d5850" : "#b3aca0"     // disabled

    // Lines.
    readonly property color hairline: dark ? "#2f2d29" : "#e5dfd4"
    readonly property color line: dark ? "#454139" : "#cfc7b9"

    // The one accent: a deep teal, as of ink in a fountain pen.
    readonly property color accent: dark ? "#74b9c4" : "#1d5f6c"
    readonly property color accentHover: dark ? "#8ac7d1" : "#174f5a"
    readonly property color accentPress: dark ? "#5fa6b1" : "#113f48"
    readonly property color accentInk: dark ? "#0c2025" : "#fdfcfa"
    readonly property color accentTint: dark ? "#1b3237" : "#e0edee" // selected rows, chips
    readonly property color selection: dark ? "#2d525a" : "#c5dfe2"  // selected text

    // Thought: a quiet heather, so that thinking never looks like the answer.
    readonly property color thought: dark ? "#201e27" : "#f3f1f6"
    readonly property color thoughtInk: dark ? "#c3bdd1" : "#4b4658"
    readonly property color thoughtFaint: dark ? "#9a93ad" : "#6a637b"
    readonly property color thoughtLine: dark ? "#37333f" : "#e0dce8"
    readonly property color thoughtAccent: dark ? "#b3a4d8" : "#66548f"

    // What went well or wrong.
    readonly property color danger: dark ? "#f19a8b" : "#a2372a"
    readonly property color dangerTint: dark ? "#3a211d" : "#f8e8e4"
    readonly property color warning: dark ? "#e2b763" : "#805300"
    readonly property color warningTint: dark ? "#35290f" : "#f8eed9"
    readonly property color success: dark ? "#8cc79a" : "#2b6a3c"
    readonly property color successTint: dark ? "#1b3021" : "#e3f1e6"
    // How loudly a finding of that weight (Weight: 1 hint, 2 rounding, 3 wrong) is marked in a thought.
    function finding(weight: int): color {
        return weight >= 3 ? danger : weight === 2 ? warning : weight === 1 ? thoughtAccent : "transparent";
    }

    // How unsure the model was of a token, from sure to unsure (TokenTrace): under its words, and in the strip.
    readonly property list<color> doubt: dark ? ["#201e27", "#2c2a3c", "#4a3f5e", "#7a5470", "#b0695f"] : ["#f3f1f6", "#e6e2f0", "#d3c6e3", "#e3b9c4", "#eba08f"]

    readonly property color shadow: dark ? "#80000000" : "#241c1a17"
}
