#include "ui/thought/step_begins.h"

#include <string>

#include "engine/reasoning/step_splitter.h"

namespace ponder {

QList<StepBegin> stepBeginsOf(const QString& thought)
{
    const std::string utf8 = thought.toStdString();
    QList<StepBegin> begins;
    std::size_t byte = 0;
    qsizetype unit = 0;
    for (const std::size_t begin : stepBegins(utf8)) {
        for (; byte < begin; ++byte) {
            const auto value = static_cast<unsigned char>(utf8[byte]);
            const bool goesOn
                = (value & 0xC0U) == 0x80U; // a character's first byte counts for all of it
            unit += goesOn ? 0 : value >= 0xF0U ? 2 : 1;
        }
        begins.append(StepBegin{.offset = unit});
    }
    return begins;
}

} // namespace ponder

#include "moc_step_begins.cpp"
