pragma Singleton

import QtQuick

// The icons, drawn for Ponder: SVG paths on a grid of 24, stroked with round ends by PIcon.
QtObject {
    readonly property string add: "M12 5 V19 M5 12 H19"
    readonly property string alert: "M12 4 L21 19.5 H3 Z M12 10 V14 M12 16.9 V17"
    readonly property string arrowDown: "M12 5 V19 M6 13 L12 19 L18 13"
    readonly property string arrowUp: "M12 19 V5 M6 11 L12 5 L18 11"
    readonly property string attach: "M19.5 11 L12 18.5 A4.6 4.6 0 0 1 5.5 12 L13 4.5 A3.1 3.1 0 0 1 17.4 8.9 L10 16.3 A1.6 1.6 0 0 1 7.7 14 L14.5 7.2"
    readonly property string branch: "M7 4 V20 M7 14 C7 9.5 17 13.5 17 8 M17 8 V4"
    readonly property string check: "M5 12.5 L10 17.5 L19 7"
    readonly property string chevronDown: "M6 9.5 L12 15.5 L18 9.5"
    readonly property string chevronLeft: "M14.5 6 L8.5 12 L14.5 18"
    readonly property string chevronRight: "M9.5 6 L15.5 12 L9.5 18"
    readonly property string chevronUp: "M6 14.5 L12 8.5 L18 14.5"
    readonly property string chip: "M8 6 H16 A2 2 0 0 1 18 8 V16 A2 2 0 0 1 16 18 H8 A2 2 0 0 1 6 16 V8 A2 2 0 0 1 8 6 Z M10.5 10.5 H13.5 V13.5 H10.5 Z M10 6 V3 M14 6 V3 M10 21 V18 M14 21 V18 M6 10 H3 M6 14 H3 M21 10 H18 M21 14 H18"
    readonly property string close: "M6 6 L18 18 M18 6 L6 18"
    readonly property string copy: "M10 8.5 H18 A1.5 1.5 0 0 1 19.5 10 V18.5 A1.5 1.5 0 0 1 18 20 H10 A1.5 1.5 0 0 1 8.5 18.5 V10 A1.5 1.5 0 0 1 10 8.5 Z M15.5 8.5 V5.5 A1.5 1.5 0 0 0 14 4 H6 A1.5 1.5 0 0 0 4.5 5.5 V14 A1.5 1.5 0 0 0 6 15.5 H8.5"
    readonly property string edit: "M4.5 19.5 L5.5 15 L16 4.5 L19.5 8 L9 18.5 Z M13.5 7 L17 10.5"
    readonly property string file: "M13.5 3.5 H7 A1.5 1.5 0 0 0 5.5 5 V19 A1.5 1.5 0 0 0 7 20.5 H17 A1.5 1.5 0 0 0 18.5 19 V8.5 Z M13.5 3.5 V8.5 H18.5"
    readonly property string folder: "M3.5 18 V6.5 A1.5 1.5 0 0 1 5 5 H9.5 L12 7.5 H19 A1.5 1.5 0 0 1 20.5 9 V18 A1.5 1.5 0 0 1 19 19.5 H5 A1.5 1.5 0 0 1 3.5 18 Z"
    readonly property string info: "M12 3.5 A8.5 8.5 0 1 1 11.99 3.5 Z M12 11 V16.5 M12 7.6 V7.7"
    readonly property string lock: "M7 10.5 H17 A1.5 1.5 0 0 1 18.5 12 V19 A1.5 1.5 0 0 1 17 20.5 H7 A1.5 1.5 0 0 1 5.5 19 V12 A1.5 1.5 0 0 1 7 10.5 Z M8 10.5 V7.5 A4 4 0 0 1 16 7.5 V10.5 M12 14.5 V16.5"
    readonly property string moon: "M19.5 14.2 A8 8 0 1 1 9.8 4.5 A6.4 6.4 0 0 0 19.5 14.2 Z"
    readonly property string more: "M5.8 11.5 A0.5 0.5 0 1 1 5.79 11.5 Z M12.3 11.5 A0.5 0.5 0 1 1 12.29 11.5 Z M18.8 11.5 A0.5 0.5 0 1 1 18.79 11.5 Z"
    readonly property string newChat: "M19.5 12.5 V18 A1.5 1.5 0 0 1 18 19.5 H6 A1.5 1.5 0 0 1 4.5 18 V6 A1.5 1.5 0 0 1 6 4.5 H11.5 M10 14 L10.6 11.2 L17.6 4.2 L19.8 6.4 L12.8 13.4 Z"
    readonly property string outline: "M5 6.5 H19 M9 12 H19 M9 17.5 H19 M5 12 H5.1 M5 17.5 H5.1"
    readonly property string regenerate: "M19 12 A7 7 0 1 1 16.6 6.7 M17.2 3 V7.2 H13"
    readonly property string search: "M10.5 4 A6.5 6.5 0 1 1 10.49 4 Z M15.3 15.3 L20 20"
    readonly property string send: arrowUp
    readonly property string settings: "M4 7.5 H12.5 M17.5 7.5 H20 M15 5 A2.5 2.5 0 1 1 14.99 5 Z M4 16.5 H6.5 M11.5 16.5 H20 M9 14 A2.5 2.5 0 1 1 8.99 14 Z"
    readonly property string sideBar: "M5 5 H19 A1.5 1.5 0 0 1 20.5 6.5 V17.5 A1.5 1.5 0 0 1 19 19 H5 A1.5 1.5 0 0 1 3.5 17.5 V6.5 A1.5 1.5 0 0 1 5 5 Z M9.5 5 V19"
    readonly property string stop: "M8 6.5 H16 A1.5 1.5 0 0 1 17.5 8 V16 A1.5 1.5 0 0 1 16 17.5 H8 A1.5 1.5 0 0 1 6.5 16 V8 A1.5 1.5 0 0 1 8 6.5 Z"
    readonly property string sun: "M12 8 A4 4 0 1 1 11.99 8 Z M12 2.5 V4.5 M12 19.5 V21.5 M2.5 12 H4.5 M19.5 12 H21.5 M5.3 5.3 L6.7 6.7 M17.3 17.3 L18.7 18.7 M5.3 18.7 L6.7 17.3 M17.3 6.7 L18.7 5.3"
    readonly property string thought: "M9 18 H15 M10 20.8 H14 M9 18 C9 15.5 6 14 6 10 A6 6 0 0 1 18 10 C18 14 15 15.5 15 18"
    readonly property string trash: "M4.5 7 H19.5 M9.5 7 V4.5 H14.5 V7 M6.5 7 L7.3 18.6 A1.5 1.5 0 0 0 8.8 20 H15.2 A1.5 1.5 0 0 0 16.7 18.6 L17.5 7 M10 11 V16 M14 11 V16"
}
