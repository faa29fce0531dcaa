/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rohde & Schwarz RTO/RTP: NAME.Wfm.bin holds the samples, both channels of a row side by side, and
 * NAME.bin says in XML what they mean. volts = code x VerticalScale x StepFactor /
 * NofQuantisationLevels + VerticalOffset - VerticalPosition x VerticalScale.
 */
#include "file_format.h"
#include "header.h"
#include "quantise.h"

#include <string.h>

#define PAYLOAD_SUFFIX      ".Wfm.bin"
#define PAYLOAD_HEADER_SIZE 8
#define DIVISIONS           10 /* StepFactor: the codes span so many vertical divisions */
#define CHANNELS            4

static const struct {
    const char *name;
    uint32_t code;
    unsigned levels; /* NofQuantisationLevels as oscilloscopes write it */
} payload_formats[] = {
    [GEN_S8] = {"INT8BIT", 0, 253},
    [GEN_S16] = {"INT16BIT", 1, 64768},
    [GEN_F32] = {"FLOAT", 4, 253},
};

/* A property with one value, as text. */
static void add_text(GString *xml, const char *name, const char *value)
{
    /* Lines end in two carriage returns and a line feed, as in files of the oscilloscopes. */
    g_string_append_printf(xml,
                           "\t\t<Prop Avail=\"0\" ValueKey=\"\" Name=\"%s\" Version=\"2\" "
                           "Value=\"%s\" UserValue=\"\"/>\r\r\n",
                           name, value);
}

/* A property with one number. UserValue and Default are there, and mean nothing. */
static void add_number(GString *xml, const char *name, double value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    g_string_append_printf(xml,
                           "\t\t<Prop Avail=\"0\" ValueKey=\"\" Name=\"%s\" Value=\"%s\" "
                           "UserValue=\"1000\" Step=\"1\" Default=\"1000\" StepFactor=\"%d\" "
                           "Resolution=\"0\" Format=\"0\"/>\r\r\n",
                           name, g_ascii_dtostr(text, sizeof text, value), DIVISIONS);
}

/* A property with a value for each of the four channels of the instrument. */
static void add_list(GString *xml, const char *name, const char *const *values)
{
    g_string_append_printf(xml,
                           "\t\t<Prop Avail=\"0\" ValueKey=\"\" Name=\"%s\" StepFactor=\"%d\" "
                           "Size=\"%d\"",
                           name, DIVISIONS, CHANNELS);
    for (unsigned i = 0; i < CHANNELS; i++)
        g_string_append_printf(xml, " I_%u=\"%s\"", i, values[i]);
    g_string_append(xml, "/>\r\r\n");
}

static void add_number_list(GString *xml, const char *name, const double *numbers)
{
    char texts[CHANNELS][G_ASCII_DTOSTR_BUF_SIZE];
    const char *values[CHANNELS];
    for (unsigned i = 0; i < CHANNELS; i++)
        values[i] = g_ascii_dtostr(texts[i], sizeof texts[i], numbers[i]);
    add_list(xml, name, values);
}

static void add_acquisition(GString *xml, const gen_options *options)
{
    double interval = 1 / options->sample_rate;
    double samples = (double)options->samples, extra = (double)options->precharge;
    add_text(xml, "SourceType", "eRS_SIGNAL_SOURCE_TYPE_SOURCE");
    add_number(xml, "Resolution", interval);
    add_number(xml, "RecordLength", samples);
    add_number(xml, "HWRecordLength", samples);
    add_text(xml, "TraceType", "eRS_TRACE_TYPE_NORMAL");
    add_text(xml, "BaseUnit", "eRS_UNIT_LEVEL_V");
    add_number(xml, "XStart", GEN_START);
    add_number(xml, "XStop", GEN_START + samples * interval);
    add_number(xml, "SignalRecordLength", samples);
    add_number(xml, "HardwareXStart", GEN_START - extra * interval);
    add_number(xml, "HardwareXStop", GEN_START + (samples + extra) * interval);
    add_number(xml, "SignalHardwareRecordLength", samples + 2 * extra);
    add_number(xml, "InterleavedTraceCount", 1);
    add_number(xml, "NofQuantisationLevels", payload_formats[options->sample_format].levels);
    add_number(xml, "SignalResolution", interval);
    add_number(xml, "LeadingSettlingSamples", extra);
}

/* The second leg stands a division higher on the screen. */
static void add_vertical(GString *xml, const gen_writer *writer)
{
    const gen_options *options = writer->options;
    double division =
        gen_file_scale(options) * payload_formats[options->sample_format].levels / DIVISIONS;
    if (options->sample_format == GEN_F32)
        division = gen_file_amplitude(options) / 8;
    bool both = writer->channels == 2;
    unsigned only = writer->first_leg;
    double positions[CHANNELS] = {0}, scales[CHANNELS] = {0}, offsets[CHANNELS] = {0};
    const char *states[CHANNELS], *sources[CHANNELS];
    for (unsigned i = 0; i < CHANNELS; i++) {
        bool on = both && i < 2;
        positions[i] = on ? i : 0;
        scales[i] = on ? division : 0;
        offsets[i] = on ? options->offset + positions[i] * division : 0;
        states[i] = on ? "eRS_ONOFF_ON" : "eRS_ONOFF_OFF";
        sources[i] = !on      ? "eRS_SIGNAL_SOURCE_NONE"
                     : i == 0 ? "eRS_SIGNAL_SOURCE_CH1_TR1"
                              : "eRS_SIGNAL_SOURCE_CH2_TR1";
    }
    add_number(xml, "VerticalPosition", only);
    add_number(xml, "VerticalScale", division);
    add_number(xml, "VerticalOffset", options->offset + only * division);
    add_text(xml, "Source", only == 0 ? "eRS_SIGNAL_SOURCE_CH1_TR1" : "eRS_SIGNAL_SOURCE_CH2_TR1");
    add_number(xml, "VerticalDivisionCount", DIVISIONS);
    add_text(xml, "MultiChannelExport", both ? "eRS_ONOFF_ON" : "eRS_ONOFF_OFF");
    add_number_list(xml, "MultiChannelVerticalOffset", offsets);
    add_number_list(xml, "MultiChannelVerticalPosition", positions);
    add_number_list(xml, "MultiChannelVerticalScale", scales);
    add_list(xml, "MultiChannelExportState", states);
    add_list(xml, "MultiChannelSource", sources);
}

/* NAME.bin, next to NAME.Wfm.bin. */
static bool write_xml(const gen_writer *writer, GError **error)
{
    const gen_options *options = writer->options;
    GString *xml = g_string_new("<?xml version=\"1.0\" standalone=\"no\"?>\r\r\n"
                                "<Database FWVersion=\"\" SaveItemType=\"Data\">\r\r\n"
                                "\t<Group Avail=\"0\" Name=\"ReferenceCurveAttributes\" "
                                "NofSubGroups=\"0\">\r\r\n");
    add_acquisition(xml, options);
    add_vertical(xml, writer);
    char *format =
        g_strconcat("eRS_SIGNAL_FORMAT_", payload_formats[options->sample_format].name, NULL);
    add_text(xml, "SignalFormat", format);
    g_free(format);
    /* Oscilloscopes say so of payloads that are little-endian. */
    add_text(xml, "ByteOrder", "eRS_BYTE_ORDER_MSB_FIRST");
    add_number(xml, "NumberOfAcquisitions", 1);
    add_text(xml, "TimestampState", "eRS_ONOFF_OFF");
    g_string_append(xml, "\t</Group>\r\r\n</Database>\r\r\n");

    char *path = g_strndup(writer->path, strlen(writer->path) - strlen(PAYLOAD_SUFFIX));
    char *xml_path = g_strconcat(path, ".bin", NULL);
    bool good = g_file_set_contents(xml_path, xml->str, (gssize)xml->len, error);
    g_free(xml_path);
    g_free(path);
    g_string_free(xml, TRUE);
    return good;
}

static bool begin(gen_writer *writer, GError **error)
{
    const gen_options *options = writer->options;
    uint64_t rows = options->samples + 2 * options->precharge;
    if (rows > UINT32_MAX) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
                    "%s: too many samples for a .Wfm.bin file", writer->path);
        return false;
    }
    uint8_t bytes[PAYLOAD_HEADER_SIZE];
    gen_header header = {bytes, false};
    gen_put32(&header, 0, payload_formats[options->sample_format].code);
    gen_put32(&header, 4, (uint32_t)rows);
    gen_writer_bytes(writer, bytes, sizeof bytes);
    return write_xml(writer, error);
}

static void samples(gen_writer *writer, uint8_t *const *bytes, uint64_t first, size_t count)
{
    (void)first;
    size_t size = gen_sample_size(writer->options->sample_format);
    if (writer->channels == 1) {
        gen_writer_bytes(writer, bytes[0], count * size);
        return;
    }
    uint8_t *rows = g_malloc(count * size * 2);
    for (size_t i = 0; i < count; i++) {
        memcpy(rows + 2 * i * size, bytes[0] + i * size, size);
        memcpy(rows + (2 * i + 1) * size, bytes[1] + i * size, size);
    }
    gen_writer_bytes(writer, rows, count * size * 2);
    g_free(rows);
}

const gen_file_format gen_format_rohde_schwarz = {
    .suffix = PAYLOAD_SUFFIX,
    .sample_formats = 1 << GEN_S8 | 1 << GEN_S16 | 1 << GEN_F32,
    .holds = GEN_HOLDS_PRECHARGE | GEN_HOLDS_BOTH_LEGS,
    .begin = begin,
    .samples = samples,
};
