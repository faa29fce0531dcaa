# SPDX-License-Identifier: GPL-2.0-or-later
# SOURCE becomes the man page MAN and the page HTML, with the style sheet STYLE in it.
execute_process(COMMAND ${SCDOC} INPUT_FILE ${SOURCE} OUTPUT_FILE ${MAN} COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${MANDOC} -T html -O fragment ${MAN} OUTPUT_VARIABLE body
                COMMAND_ERROR_IS_FATAL ANY)
foreach(page scopedump scopedump-fields)
    string(REGEX REPLACE "<b>${page}</b>(\\([0-9]\\))" "<a href=\"${page}.html\"><b>${page}</b>\\1</a>" body "${body}")
endforeach()
file(READ ${STYLE} style)
get_filename_component(title ${HTML} NAME_WE)
file(WRITE ${HTML} "<!DOCTYPE html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\"/>
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>
<title>${title}</title>
<style>
${style}</style>
</head>
<body>
${body}</body>
</html>
")
