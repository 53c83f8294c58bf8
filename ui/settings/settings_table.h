#pragma once

// Every setting, a row each. SettingsViewModel makes of a row a property with its getter, its setter and its signal,
// and keeps the value in the storage under the row's name. A new setting is a row here and a control in
// SettingsDialog.qml.
//
//     SWITCH(name, Name, default)
//     NUMBER(type, name, Name, default, minimum, maximum)    a stored number out of range is brought into it
//     TEXT(name, Name, valid)                                valid: from the stored text to the one that counts
//
// A stored value of another type counts as the default. It is a macro and not a file of its own, because moc
// reads no file inside of a class.

// clang-format off
#define PONDER_SETTINGS(SWITCH, NUMBER, TEXT)                                                                    \
    NUMBER(Theme,  theme,               Theme,               SystemTheme, SystemTheme, DarkTheme)                \
    /* Thoughts fold by themselves when the answer begins. */                                                    \
    SWITCH(        foldsThoughts,       FoldsThoughts,       true)                                               \
    SWITCH(        sidebarVisible,      SidebarVisible,      true)                                               \
    /* Sample as the model's makers recommend: temperature to repetitionPenalty do not count. What they          \
       recommend is in engine/generate/sampling_advice.cpp. */                                                   \
    SWITCH(        recommendedSampling, RecommendedSampling, true)                                               \
    NUMBER(double, temperature,         Temperature,         kDefaultTemperature, 0, 2)                          \
    NUMBER(double, topP,                TopP,                kDefaultTopP, 0, 1)                                 \
    NUMBER(int,    topK,                TopK,                0, 0, 1000)                                         \
    NUMBER(double, minP,                MinP,                0, 0, 1)                                            \
    NUMBER(double, repetitionPenalty,   RepetitionPenalty,   1, 1, 2)                                            \
    /* -1: another one for every answer. */                                                                      \
    NUMBER(int,    seed,                Seed,                -1, -1, 2147483647)                                 \
    /* Tokens of thought and answer together; 0: until the model ends or the context is full. */                 \
    NUMBER(int,    maxTokens,           MaxTokens,           0, 0, 16777216)                                     \
    TEXT(          systemPrompt,        SystemPrompt,        anyText)                                            \
    /* 0: all cores. Counts from the next time a model is opened, as contextLength does. */                      \
    NUMBER(int,    threads,             Threads,             0, 0, 1024)                                         \
    /* Tokens; 0: as much as the model allows and the machine holds. */                                          \
    NUMBER(int,    contextLength,       ContextLength,       0, 0, 16777216)                                     \
    /* Where models compute: "auto", "cpu", "cuda:1". Anything else counts as "auto". */                         \
    TEXT(          device,              Device,              knownDevice)
// clang-format on
