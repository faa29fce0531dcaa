# SPDX-License-Identifier: GPL-2.0-or-later
# Which Wireshark is there, and where it looks for extcaps, plugins and profiles.
#
# SCOPEDUMP_WIRESHARK_VERSION      e.g. 4.0; empty if there is none
# SCOPEDUMP_WIRESHARK_EXTCAP_DIR, SCOPEDUMP_WIRESHARK_PLUGIN_DIR, SCOPEDUMP_WIRESHARK_PROFILE_DIR
#                                  destinations for install(); the plugin folder has the subfolders
#                                  epan and wiretap
set(SCOPEDUMP_WIRESHARK_OLDEST 4.0)
set(SCOPEDUMP_WIRESHARK_NEWEST 4.6)

option(SCOPEDUMP_USER_INSTALL "Install where Wireshark looks for this user alone, not for all" OFF)
foreach(kind EXTCAP PLUGIN PROFILE)
    string(TOLOWER ${kind} name)
    set(SCOPEDUMP_WIRESHARK_${kind}_DIR "" CACHE PATH
        "Wireshark's ${name} folder; empty: as its own files say, or as SCOPEDUMP_USER_INSTALL does")
endforeach()

find_package(Wireshark CONFIG QUIET
             HINTS "/usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/wireshark/cmake")
set(SCOPEDUMP_WIRESHARK_VERSION "")
if(Wireshark_FOUND)
    set(SCOPEDUMP_WIRESHARK_VERSION "${Wireshark_MAJOR_VERSION}.${Wireshark_MINOR_VERSION}")
elseif(NOT CMAKE_CROSSCOMPILING)
    # enough to know the folders, not to build the plugin
    find_program(TSHARK_PROGRAM tshark)
    if(TSHARK_PROGRAM)
        execute_process(COMMAND ${TSHARK_PROGRAM} --version OUTPUT_VARIABLE said ERROR_QUIET)
        if(said MATCHES "Wireshark\\) ([0-9]+\\.[0-9]+)")
            set(SCOPEDUMP_WIRESHARK_VERSION "${CMAKE_MATCH_1}")
        endif()
    endif()
endif()

if(SCOPEDUMP_PLUGIN AND NOT Wireshark_FOUND)
    message(FATAL_ERROR
            "Wireshark's development files are missing. Debian and Ubuntu: run "
            "packaging/install-dependencies. To build the program without the Wireshark plugin: "
            "-DSCOPEDUMP_PLUGIN=OFF")
elseif(SCOPEDUMP_PLUGIN AND SCOPEDUMP_WIRESHARK_VERSION VERSION_LESS SCOPEDUMP_WIRESHARK_OLDEST)
    message(FATAL_ERROR
            "Wireshark ${Wireshark_VERSION} is too old for the plugin, which needs "
            "${SCOPEDUMP_WIRESHARK_OLDEST} or later. To build the program without it: "
            "-DSCOPEDUMP_PLUGIN=OFF")
elseif(SCOPEDUMP_PLUGIN AND SCOPEDUMP_WIRESHARK_VERSION VERSION_GREATER SCOPEDUMP_WIRESHARK_NEWEST)
    message(WARNING
            "Wireshark ${Wireshark_VERSION} is newer than this source, which knows "
            "${SCOPEDUMP_WIRESHARK_OLDEST} to ${SCOPEDUMP_WIRESHARK_NEWEST}. The dissector is built "
            "with it all the same; if that fails, look for a newer scopedump, or build the program "
            "alone with -DSCOPEDUMP_PLUGIN=OFF")
endif()

# What lies under the prefix stays relative to it: so it can be staged, packed and moved.
function(set_wireshark_folder kind folder)
    set(variable SCOPEDUMP_WIRESHARK_${kind}_DIR)
    if(${variable})
        set(folder "${${variable}}")
    endif()
    string(FIND "${folder}" "${CMAKE_INSTALL_PREFIX}/" place)
    if(place EQUAL 0)
        file(RELATIVE_PATH folder "${CMAKE_INSTALL_PREFIX}" "${folder}")
    endif()
    set(${variable} "${folder}" PARENT_SCOPE)
endfunction()

if(SCOPEDUMP_USER_INSTALL)
    if("$ENV{XDG_CONFIG_HOME}" STREQUAL "")
        set(config "$ENV{HOME}/.config/wireshark")
    else()
        set(config "$ENV{XDG_CONFIG_HOME}/wireshark")
    endif()
    set(library "$ENV{HOME}/.local/lib/wireshark")
    set_wireshark_folder(PROFILE "${config}/profiles")
    set_wireshark_folder(PLUGIN "${library}/plugins/${SCOPEDUMP_WIRESHARK_VERSION}")
    # Extcaps moved in 4.4, to where a folder of programs belongs.
    if(SCOPEDUMP_WIRESHARK_VERSION VERSION_LESS 4.4)
        set_wireshark_folder(EXTCAP "${config}/extcap")
    else()
        set_wireshark_folder(EXTCAP "${library}/extcap")
    endif()
elseif(Wireshark_FOUND)
    set_wireshark_folder(PROFILE "${Wireshark_INSTALL_PREFIX}/share/wireshark/profiles")
    set_wireshark_folder(PLUGIN "${Wireshark_PLUGIN_INSTALL_DIR}")
    set_wireshark_folder(EXTCAP "${Wireshark_EXTCAP_INSTALL_DIR}")
else()
    message(STATUS "Without Wireshark's development files its folders are taken to be under "
                   "${CMAKE_INSTALL_FULL_LIBDIR}/wireshark")
    set_wireshark_folder(PROFILE "${CMAKE_INSTALL_FULL_DATADIR}/wireshark/profiles")
    set_wireshark_folder(EXTCAP "${CMAKE_INSTALL_FULL_LIBDIR}/wireshark/extcap")
endif()
