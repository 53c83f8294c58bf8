pragma Singleton

import QtQuick

// Two families, six sizes. Inter for everything that is read, JetBrains Mono for code.
QtObject {
    id: root

    // The reader's text zoom; every size follows it.
    property real zoom: 1

    readonly property string sans: interRegular.name
    readonly property string mono: monoRegular.name

    readonly property int caption: Math.round(12 * zoom)
    readonly property int small: Math.round(13 * zoom)
    readonly property int ui: Math.round(14 * zoom)
    readonly property int body: Math.round(15 * zoom)     // answers
    readonly property int title: Math.round(18 * zoom)
    readonly property int display: Math.round(28 * zoom)
    readonly property int code: Math.round(13 * zoom)

    // No ligatures: "->", "!=" and "2x4" stay what was written. For text of people, models and files.
    readonly property var literal: ({
            "calt": 0,
            "liga": 0,
            "clig": 0,
            "dlig": 0
        })
    readonly property var tabular: ({
            "calt": 0,
            "liga": 0,
            "clig": 0,
            "dlig": 0,
            "tnum": 1
        })

    // Multiples of the font's own line, which is 1.21 times its size.
    readonly property real readingLineHeight: 1.28
    readonly property real denseLineHeight: 1.12

    // Headings of a document, level 1 to 6.
    function heading(level: int): int {
        const sizes = [23, 20, 17, 15, 15, 15];
        return Math.round(sizes[Math.max(1, Math.min(level, 6)) - 1] * zoom);
    }

    readonly property FontLoader interRegular: FontLoader {
        source: "fonts/Inter-Regular.otf"
    }
    readonly property FontLoader interItalic: FontLoader {
        source: "fonts/Inter-Italic.otf"
    }
    readonly property FontLoader interMedium: FontLoader {
        source: "fonts/Inter-Medium.otf"
    }
    readonly property FontLoader interSemiBold: FontLoader {
        source: "fonts/Inter-SemiBold.otf"
    }
    readonly property FontLoader interSemiBoldItalic: FontLoader {
        source: "fonts/Inter-SemiBoldItalic.otf"
    }
    readonly property FontLoader monoRegular: FontLoader {
        source: "fonts/JetBrainsMono-Regular.ttf"
    }
    readonly property FontLoader monoBold: FontLoader {
        source: "fonts/JetBrainsMono-Bold.ttf"
    }
}
