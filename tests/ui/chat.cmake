# From the settings to the chat and the library: on an engine that follows a script, and a database in memory.

ponder_ui_test(settings/tst_ChatTemplateViewModel ponder_ui_chat ponder_ui_library)
ponder_ui_test(settings/tst_DeviceListModel ponder_ui_settings)
ponder_ui_test(settings/tst_SettingsViewModel ponder_ui_settings)
ponder_ui_test(settings/tst_SystemHints ponder_ui_chat)
ponder_ui_test(settings/tst_WindowPlace ponder_ui_settings)
ponder_ui_test(models/tst_DeviceViewModel ponder_ui_chat ponder_ui_library)
ponder_ui_test(models/tst_ModelPath ponder_ui_models)
ponder_ui_test(composer/tst_QuestionText ponder_ui_composer)
ponder_ui_test(chat/tst_AnswerEnding ponder_ui_chat ponder_ui_library)
ponder_ui_test(chat/tst_ChatViewModel ponder_ui_chat ponder_ui_library)
ponder_ui_test(chat/tst_ConversationSettings ponder_ui_chat ponder_ui_library)
ponder_ui_test(chat/tst_MessageListModel ponder_ui_chat)
ponder_ui_test(chat/tst_TokenStatisticsSize ponder_ui_chat)
ponder_ui_test(library/tst_ConversationListModel ponder_ui_library)

foreach(feature Settings Composer Chat Library)
  string(TOLOWER ${feature} folder)
  ponder_qt_test(tst_${feature}Quick SOURCES chat_quick.cpp LIBRARIES Qt6::QuickTest)
  ponder_use_qml(tst_${feature}Quick ${PONDER_WINDOW_MODULES})
  target_compile_definitions(tst_${feature}Quick PRIVATE
    QUICK_TEST_SOURCE_DIR="${CMAKE_CURRENT_SOURCE_DIR}/${folder}")
endforeach()
