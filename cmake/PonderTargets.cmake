# What every target of Ponder shares: warnings, sanitizers, the processor it must run on.

add_library(ponder_options INTERFACE)
set(ponder_warnings -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual)
target_compile_options(ponder_options INTERFACE
  "$<$<COMPILE_LANGUAGE:C,CXX>:${ponder_warnings};-march=x86-64-v2>"
  # What nvcc writes for its own launches is not -Wextra's business.
  "$<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=-Wall,-Wshadow,-march=x86-64-v2>")
target_include_directories(ponder_options INTERFACE ${CMAKE_SOURCE_DIR})
# Only libraries that are used are asked for by name: Qt Qml's CMake targets drag in Qt Network.
target_link_options(ponder_options INTERFACE -Wl,--as-needed)
if(PONDER_WERROR)
  target_compile_options(ponder_options INTERFACE
    $<$<COMPILE_LANGUAGE:C,CXX>:-Werror> $<$<COMPILE_LANGUAGE:CUDA>:-Werror=all-warnings>)
endif()
if(PONDER_SANITIZE)
  target_compile_options(ponder_options INTERFACE
    -fsanitize=${PONDER_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(ponder_options INTERFACE -fsanitize=${PONDER_SANITIZE})
endif()

# For targets with thousands of unrolled pointers, which all the checks of each take minutes to compile: link
# it after ponder_options. AddressSanitizer still looks at where they lead.
add_library(ponder_fewer_checks INTERFACE)
if(PONDER_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(ponder_fewer_checks INTERFACE -fno-sanitize=null,object-size,pointer-overflow)
  if(PONDER_FUZZ)
    target_compile_options(ponder_fewer_checks INTERFACE -fno-sanitize=fuzzer-no-link) # no fuzzer gets there
  endif()
endif()

# For code that waits for people and disks: two thirds of the time to compile, and no visible difference.
add_library(ponder_seldom_busy INTERFACE)
target_compile_options(ponder_seldom_busy INTERFACE $<$<CONFIG:Release>:-O1>)

# For code that is not looked at itself: AddressSanitizer alone, half the time to compile.
add_library(ponder_no_checks INTERFACE)
if(PONDER_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(ponder_no_checks INTERFACE -fno-sanitize=undefined)
  if(PONDER_FUZZ)
    target_compile_options(ponder_no_checks INTERFACE -fno-sanitize=fuzzer-no-link)
  endif()
endif()

# Compiles a library's sources in groups, since most of the time of one goes into the headers. So names in
# unnamed namespaces have to differ within a folder.
function(ponder_compile_together name)
  set_target_properties(${name} PROPERTIES UNITY_BUILD ${PONDER_UNITY} UNITY_BUILD_BATCH_SIZE 12)
  if(PONDER_UNITY AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${name} PRIVATE -Wno-subobject-linkage) # it takes a source that is included for a header
  endif()
endfunction()

# ponder_library(NAME SOURCES… [PUBLIC libs…] [PRIVATE libs…]): one static library a folder.
# Includes are written from the root of the project: #include "engine/file/gguf.h".
function(ponder_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC ponder_options ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
  ponder_compile_together(${name})
endfunction()

# ponder_test(NAME SOURCES… LIBRARIES…): a test program with doctest (engine and kernels: no Qt). Its main()
# is ponder_test_main's, compiled once.
function(ponder_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name} ${ARG_SOURCES} $<TARGET_OBJECTS:ponder_test_main>)
  target_link_libraries(${name} PRIVATE ponder_options ${ARG_LIBRARIES})
  target_compile_definitions(${name} PRIVATE
    PONDER_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
    PONDER_TEST_DATA="${CMAKE_SOURCE_DIR}/tests/data" PONDER_BINARY_DIR="${CMAKE_BINARY_DIR}")
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests
    AUTOMOC OFF)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT 300)
  if(PONDER_SANITIZE)
    target_compile_definitions(${name} PRIVATE PONDER_SANITIZED) # what takes time takes many times as long
    target_link_libraries(${name} PRIVATE ponder_no_checks) # what is tested has them
    # An allocation larger than the memory is refused with a null pointer, as without sanitizers. Copies of frames that
    # returned would be kept for each of an emulated kernel's threads, gigabytes of them.
    set_tests_properties(${name} PROPERTIES
      ENVIRONMENT "ASAN_OPTIONS=allocator_may_return_null=1:detect_stack_use_after_return=0")
  endif()
endfunction()

# ponder_test_again(NAME SUFFIX VARIABLE=VALUE…): runs a test program once more, as NAMESUFFIX, with more environment.
function(ponder_test_again name suffix)
  add_test(NAME ${name}${suffix} COMMAND ${name})
  get_test_property(${name} TIMEOUT timeout)
  get_test_property(${name} ENVIRONMENT environment)
  if(NOT environment)
    set(environment)
  endif()
  set_tests_properties(${name}${suffix} PROPERTIES
    TIMEOUT ${timeout} ENVIRONMENT "${environment};${ARGN}")
endfunction()

# ponder_qt_test(NAME SOURCES… LIBRARIES…): a test program with Qt Test, run without a display.
function(ponder_qt_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES" ${ARGN})
  qt_add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ponder_options Qt6::Test ${ARG_LIBRARIES})
  target_compile_definitions(${name} PRIVATE
    PONDER_SOURCE_DIR="${CMAKE_SOURCE_DIR}" PONDER_TEST_DATA="${CMAKE_SOURCE_DIR}/tests/data"
    PONDER_BINARY_DIR="${CMAKE_BINARY_DIR}")
  set_target_properties(${name} PROPERTIES QT_QML_MODULE_NO_IMPORT_SCAN TRUE
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT 300
    ENVIRONMENT "QT_QPA_PLATFORM=offscreen;QT_QUICK_BACKEND=software")
endfunction()

# ponder_python_test(NAME arguments…): NAME.py of this folder, with Python's standard library alone.
# Exit code 77 means skipped; the program's last line says why.
function(ponder_python_test name)
  add_test(NAME ${name} COMMAND python3 -B ${CMAKE_CURRENT_SOURCE_DIR}/${name}.py ${ARGN})
  set_tests_properties(${name} PROPERTIES TIMEOUT 300 SKIP_RETURN_CODE 77)
endfunction()
