# SPDX-License-Identifier: GPL-2.0-or-later
# Shared libraries that are loaded when they are first needed: core/include/scopedump/library.h.

# Of the first library that pkg_check_modules(KIND ...) found, sets KIND_SONAME, the name by which it
# is loaded, empty if it is not a shared one, and KIND_PACKAGE, the Debian package with it, or empty.
function(find_shared_library kind)
    set(${kind}_SONAME "" PARENT_SCOPE)
    set(${kind}_PACKAGE "" PARENT_SCOPE)
    if(NOT ${kind}_FOUND)
        return()
    endif()
    list(GET ${kind}_LINK_LIBRARIES 0 library)
    execute_process(COMMAND ${CMAKE_OBJDUMP} -p "${library}" OUTPUT_VARIABLE headers ERROR_QUIET)
    if(NOT headers MATCHES "SONAME +([^ \n]+)")
        return()
    endif()
    set(soname "${CMAKE_MATCH_1}")
    set(${kind}_SONAME "${soname}" PARENT_SCOPE)
    find_program(DPKG_QUERY_PROGRAM dpkg-query)
    if(DPKG_QUERY_PROGRAM)
        execute_process(COMMAND ${DPKG_QUERY_PROGRAM} -S "*/${CMAKE_LIBRARY_ARCHITECTURE}/${soname}"
                        OUTPUT_VARIABLE owner ERROR_QUIET)
        if(owner MATCHES "^([^:, ]+)")
            set(${kind}_PACKAGE "${CMAKE_MATCH_1}" PARENT_SCOPE)
        endif()
    endif()
endfunction()

# Lets the one source of the target that names the library's functions have its headers, and the two
# names in LIBRARY_SONAME and LIBRARY_PACKAGE.
function(load_when_needed kind target source)
    target_include_directories(${target} SYSTEM PRIVATE ${${kind}_INCLUDE_DIRS})
    set_source_files_properties(${source} PROPERTIES COMPILE_DEFINITIONS
        "LIBRARY_SONAME=\"${${kind}_SONAME}\";LIBRARY_PACKAGE=\"${${kind}_PACKAGE}\"")
endfunction()
