/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "waveform/rohde_schwarz_header.h"

#include "scopedump/error.h"

#include <math.h>
#include <string.h>

/** Real ones have 16 to 70 kB, most of it a preview image. */
#define SIZE_MAX_BYTES (UINT64_C(4) << 20)

#define MISSING "a number is missing"

static const char *const names[SD_RS_PROPERTIES] = {
    [SD_RS_SOURCE_TYPE] = "SourceType",
    [SD_RS_RECORD_LENGTH] = "RecordLength",
    [SD_RS_TRACE_TYPE] = "TraceType",
    [SD_RS_X_START] = "XStart",
    [SD_RS_X_STOP] = "XStop",
    [SD_RS_HARDWARE_RECORD_LENGTH] = "SignalHardwareRecordLength",
    [SD_RS_INTERLEAVED_TRACE_COUNT] = "InterleavedTraceCount",
    [SD_RS_QUANTISATION_LEVELS] = "NofQuantisationLevels",
    [SD_RS_LEADING_SETTLING_SAMPLES] = "LeadingSettlingSamples",
    [SD_RS_VERTICAL_POSITION] = "VerticalPosition",
    [SD_RS_VERTICAL_SCALE] = "VerticalScale",
    [SD_RS_VERTICAL_OFFSET] = "VerticalOffset",
    [SD_RS_VIEW_UNIT] = "ViewUnit",
    [SD_RS_SOURCE] = "Source",
    [SD_RS_VERTICAL_DIVISION_COUNT] = "VerticalDivisionCount",
    [SD_RS_MULTI_CHANNEL_EXPORT] = "MultiChannelExport",
    [SD_RS_MULTI_VERTICAL_OFFSET] = "MultiChannelVerticalOffset",
    [SD_RS_MULTI_VERTICAL_POSITION] = "MultiChannelVerticalPosition",
    [SD_RS_MULTI_VERTICAL_SCALE] = "MultiChannelVerticalScale",
    [SD_RS_MULTI_EXPORT_STATE] = "MultiChannelExportState",
    [SD_RS_MULTI_VIEW_UNIT] = "MultiChannelViewUnit",
    [SD_RS_MULTI_INTERLEAVED_TRACE_COUNT] = "MultiChannelInterleavedTraceCount",
    [SD_RS_MULTI_SOURCE] = "MultiChannelSource",
    [SD_RS_SIGNAL_FORMAT] = "SignalFormat",
    [SD_RS_BYTE_ORDER] = "ByteOrder",
    [SD_RS_NUMBER_OF_ACQUISITIONS] = "NumberOfAcquisitions",
    [SD_RS_TIMESTAMP_STATE] = "TimestampState",
    [SD_RS_TIMESTAMP] = "Timestamp",
};

typedef struct {
    int line;    /**< 0: the property is not there. */
    uint64_t at; /**< Its end, in bytes. */
    char *value;
    char *unit;
    char *item[SD_RS_CHANNELS_MAX];
} property_values;

struct sd_rs_header {
    const sd_mapping *mapping;
    property_values property[SD_RS_PROPERTIES];
};

/** The place of the attribute @p name among the values of a property; NULL: it is not read. */
static char **place_of(property_values *values, const char *name)
{
    if (strcmp(name, "Value") == 0) {
        return &values->value;
    }
    if (strcmp(name, "UnitName") == 0) {
        return &values->unit;
    }
    bool is_item = strncmp(name, "I_", 2) == 0 && g_ascii_isdigit(name[2]) && name[3] == 0;
    int index = is_item ? g_ascii_digit_value(name[2]) : SD_RS_CHANNELS_MAX;
    return index < SD_RS_CHANNELS_MAX ? &values->item[index] : NULL;
}

/** How far the parser is, in bytes. */
static uint64_t find_position(const sd_rs_header *header, GMarkupParseContext *context, int *line)
{
    int character = 1;
    g_markup_parse_context_get_position(context, line, &character);
    return sd_mapping_find_character(header->mapping, (uint64_t)MAX(*line, 1) - 1,
                                     (uint64_t)MAX(character, 1) - 1);
}

/** Keeps the values of an element <Prop> whose name is in the table; of two, the first. */
static void start_element(GMarkupParseContext *context, const char *element,
                          const char **attribute_names, const char **attribute_values,
                          void *user_data, GError **error)
{
    (void)error;
    sd_rs_header *header = user_data;
    if (strcmp(element, "Prop") != 0) {
        return;
    }
    const char *name = "";
    for (size_t i = 0; attribute_names[i]; i++) {
        name = strcmp(attribute_names[i], "Name") == 0 ? attribute_values[i] : name;
    }
    for (size_t p = 0; p < SD_RS_PROPERTIES; p++) {
        property_values *values = &header->property[p];
        if (strcmp(name, names[p]) != 0 || values->line) {
            continue;
        }
        values->at = find_position(header, context, &values->line);
        for (size_t i = 0; attribute_names[i]; i++) {
            char **place = place_of(values, attribute_names[i]);
            if (place && !*place) {
                *place = g_strdup(attribute_values[i]);
            }
        }
    }
}

sd_rs_header *sd_rs_header_new(const sd_mapping *mapping, GError **error)
{
    static const GMarkupParser parser = {.start_element = start_element};
    if (mapping->size > SIZE_MAX_BYTES) {
        g_set_error(
            error, SD_ERROR, SD_ERROR_DAMAGED,
            "%s: a header file of Rohde & Schwarz has some ten kilobytes, but this one ends "
            "at byte %" G_GUINT64_FORMAT,
            mapping->name, mapping->size);
        return NULL;
    }
    sd_rs_header *header = g_new0(sd_rs_header, 1);
    header->mapping = mapping;
    g_autoptr(GMarkupParseContext) context =
        g_markup_parse_context_new(&parser, G_MARKUP_DEFAULT_FLAGS, header, NULL);
    g_autoptr(GError) cause = NULL;
    /* One letter in another character set, as in the name of a unit, is no reason to refuse. */
    g_autofree char *text = g_utf8_make_valid((const char *)mapping->data, (gssize)mapping->size);
    if (!g_markup_parse_context_parse(context, text, -1, &cause) ||
        !g_markup_parse_context_end_parse(context, &cause)) {
        int line = 1;
        g_set_error(error, SD_ERROR, SD_ERROR_DAMAGED,
                    "%s: the XML header is cut or damaged: %s (byte %" G_GUINT64_FORMAT ")",
                    mapping->name, cause->message, find_position(header, context, &line));
        sd_rs_header_free(header);
        return NULL;
    }
    return header;
}

void sd_rs_header_free(sd_rs_header *header)
{
    for (size_t p = 0; p < SD_RS_PROPERTIES; p++) {
        g_free(header->property[p].value);
        g_free(header->property[p].unit);
        for (size_t i = 0; i < SD_RS_CHANNELS_MAX; i++) {
            g_free(header->property[p].item[i]);
        }
    }
    g_free(header);
}

const char *sd_rs_header_text(const sd_rs_header *header, sd_rs_property property, int index)
{
    const property_values *values = &header->property[property];
    return index == SD_RS_VALUE ? values->value : values->item[index];
}

bool sd_rs_header_is(const sd_rs_header *header, sd_rs_property property, int index,
                     const char *end)
{
    const char *text = sd_rs_header_text(header, property, index);
    return text && g_str_has_suffix(text, end);
}

const char *sd_rs_header_unit(const sd_rs_header *header, sd_rs_property property)
{
    return header->property[property].unit;
}

bool sd_rs_header_number(const sd_rs_header *header, sd_rs_property property, int index,
                         double *number, GError **error)
{
    const char *text = sd_rs_header_text(header, property, index);
    if (!text) {
        sd_rs_header_fail(header, property, SD_ERROR_DAMAGED, error, MISSING);
        return false;
    }
    char *end = NULL;
    *number = g_ascii_strtod(text, &end);
    if (end == text || *end || !isfinite(*number)) {
        sd_rs_header_fail(header, property, SD_ERROR_DAMAGED, error, "\"%s\" is no number", text);
        return false;
    }
    return true;
}

bool sd_rs_header_count(const sd_rs_header *header, sd_rs_property property, uint64_t least,
                        uint64_t *count, GError **error)
{
    const char *text = sd_rs_header_text(header, property, SD_RS_VALUE);
    if (!text) {
        sd_rs_header_fail(header, property, SD_ERROR_DAMAGED, error, MISSING);
        return false;
    }
    guint64 value = 0;
    if (!g_ascii_string_to_unsigned(text, 10, least, UINT64_MAX, &value, NULL)) {
        sd_rs_header_fail(header, property, SD_ERROR_DAMAGED, error,
                          "\"%s\" is no whole number from %" G_GUINT64_FORMAT " up", text, least);
        return false;
    }
    *count = value;
    return true;
}

void sd_rs_header_fail(const sd_rs_header *header, sd_rs_property property, int code,
                       GError **error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    const property_values *values = &header->property[property];
    if (values->line) {
        g_set_error(error, SD_ERROR, code,
                    "%s: %s (property %s, line %d, before byte %" G_GUINT64_FORMAT ")",
                    header->mapping->name, message, names[property], values->line, values->at);
    } else {
        g_set_error(error, SD_ERROR, code,
                    "%s: %s (there is no property %s up to the end at byte %" G_GUINT64_FORMAT ")",
                    header->mapping->name, message, names[property], header->mapping->size);
    }
}
