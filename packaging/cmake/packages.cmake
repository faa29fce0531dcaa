# SPDX-License-Identifier: GPL-2.0-or-later
# CPack: a Debian package, a tarball of what is installed, and one of the source.
# packaging/make-packages makes all three.
set(CPACK_PACKAGE_NAME scopedump)
set(CPACK_PACKAGE_VERSION "${SCOPEDUMP_VERSION}")
set(CPACK_PACKAGE_CONTACT "" CACHE STRING "Who answers for the packages: Name <address>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Ethernet frames from oscilloscope records, for Wireshark")
set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE")
set(CPACK_STRIP_FILES ON)
set(CPACK_GENERATOR "DEB;TGZ")
set(CPACK_PACKAGE_FILE_NAME
    "scopedump-${SCOPEDUMP_VERSION}-${CMAKE_SYSTEM_PROCESSOR}-wireshark-${SCOPEDUMP_WIRESHARK_VERSION}")
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

# The release tells the packages for Debian 12 and 13 apart, which are for different Wiresharks: an
# upgrade of the system brings the one for its own.
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
if(EXISTS /etc/os-release)
    file(STRINGS /etc/os-release os_release)
    if(os_release MATCHES "(^|;)ID=\"?(debian|ubuntu)" AND
       os_release MATCHES "(^|;)VERSION_ID=\"?([0-9.]+)")
        string(APPEND CPACK_DEBIAN_PACKAGE_RELEASE "~deb${CMAKE_MATCH_2}")
    endif()
endif()
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
# The plugin's dependency on libwireshark, found here, is that on the right Wireshark: its number
# changes whenever that of the plugin folder does.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# What is loaded when it is needed (library.cmake) is not found here. HDF5 brings some thirty libraries
# for a network along: who has no such files can do without.
string(JOIN ", " CPACK_DEBIAN_PACKAGE_DEPENDS ${PCAP_PACKAGE} ${ZIP_PACKAGE})
string(JOIN ", " CPACK_DEBIAN_PACKAGE_RECOMMENDS "wireshark | tshark" ${HDF5_PACKAGE})
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"Turns an oscilloscope record of a QSGMII, SGMII, 1000BASE-X or 2500BASE-X
line into the Ethernet frames of each lane, as a capture interface of
Wireshark and as a program for the command line. Damaged symbols are marked
on the octets that they hit, and a report tells what is wrong with the line.

Baud, threshold, polarity, kind of link, lane order and speeds are found from
the signal. Files of Keysight, Rigol, Rohde & Schwarz, Siglent, Tektronix and
Teledyne LeCroy oscilloscopes are read, and CSV, HDF5, MATLAB and NumPy.")

set(CPACK_SOURCE_GENERATOR TGZ)
set(CPACK_SOURCE_PACKAGE_FILE_NAME "scopedump-${SCOPEDUMP_VERSION}")
set(CPACK_SOURCE_IGNORE_FILES
    "/\\\\.git/" "/\\\\.git$" "/\\\\.cache/" "^${PROJECT_SOURCE_DIR}/build(-[^/]*)?/" "/__pycache__/" "\\\\.sw.$")

string(TIMESTAMP SCOPEDUMP_PACKAGE_DATE "%a, %d %b %Y %H:%M:%S +0000" UTC)
configure_file("${CMAKE_CURRENT_LIST_DIR}/finish_package.cmake.in" finish_package.cmake @ONLY)
set(CPACK_PRE_BUILD_SCRIPTS "${CMAKE_CURRENT_BINARY_DIR}/finish_package.cmake")
include(CPack)
