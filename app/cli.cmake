# ponder-cli: the engine on the terminal. Needs no Qt.
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)

add_executable(ponder-cli
  analyse_input.cpp answer_printer.cpp cli.cpp cli_analyse.cpp cli_bench.cpp cli_chat.cpp cli_device.cpp cli_inspect.cpp cli_io.cpp cli_logits.cpp
  cli_selfcheck.cpp cli_template.cpp cli_tokenize.cpp inspect_print.cpp inspect_report.cpp line_editor.cpp
  terminal_text.cpp)
ponder_compile_together(ponder-cli)
target_compile_definitions(ponder-cli PRIVATE PONDER_VERSION="${PROJECT_VERSION}")
target_link_libraries(ponder-cli PRIVATE
  ponder_options ponder_seldom_busy ponder_offline ponder_engine ponder_kernels_selfcheck CLI11::CLI11 nlohmann_json::nlohmann_json)
install(TARGETS ponder-cli RUNTIME)
