pragma Singleton

import QtQuick

// Numbers as the window writes them everywhere: grouped, and with the sign for fractions, as the language does.
QtObject {
    function whole(value: real): string {
        return grouped(Math.round(value), 0);
    }

    // Tokens a second: whole, with one decimal below ten.
    function rate(value: real): string {
        return grouped(value, value < 10 ? 1 : 0);
    }

    function grouped(value: real, decimals: int): string {
        return Number(value).toLocaleString(Qt.locale(), "f", decimals);
    }
}
