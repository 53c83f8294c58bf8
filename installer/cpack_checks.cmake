# Read by cpack before it makes a package. Without these it would make one that names no library.
if(CPACK_GENERATOR STREQUAL "DEB")
  foreach(tool dpkg-shlibdeps file)
    find_program(PONDER_TOOL_${tool} ${tool})
    if(NOT PONDER_TOOL_${tool})
      message(FATAL_ERROR "A Debian package cannot be made without ${tool}: './dev package' installs it.")
    endif()
  endforeach()
endif()
