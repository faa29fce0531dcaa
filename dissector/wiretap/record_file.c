/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A record is read through Wireshark's own reader of pcapng, from the temporary file into which it
 * is decoded. So what the packets and interfaces say of themselves is what they say in a capture,
 * and a place in that file is what random access needs. */
#include "record_file.h"

#define WS_LOG_DOMAIN "scopedump"
#include "wtap_handle.h"

#include <wsutil/wslog.h>

#include <string.h>

#include "decode_options.h"
#include "decoded_record.h"
#include "scopedump/error.h"
#include "scopedump/waveform.h"

/** Confidence from which on a format is told by a magic number. */
#define MAGIC_CONFIDENCE 60
/** Share of a record after which its progress is shown anew. */
#define PROGRESS_STEP 1e-3
/** As Wireshark calls its reader of pcapng. */
#define PCAPNG_READER "Wireshark/... - pcapng"

/** A record that is being read. */
typedef struct {
    decoded_record *record;
    wtap *pcapng;
    guint64 packets; /* read from begin to end */
    double share;    /* shown as progress */
} reader;

/** File types, in the order of sd_waveform_format_name(), and that of raw samples. */
static GArray *file_types;
static int raw_file_type;

/** Gives Wireshark the sentence of an error. */
static void report_error(const GError *error, int *number, char **sentence)
{
    static const int numbers[] = {
        [SD_ERROR_OPEN] = WTAP_ERR_INTERNAL,       [SD_ERROR_FORMAT] = WTAP_ERR_UNSUPPORTED,
        [SD_ERROR_DAMAGED] = WTAP_ERR_BAD_FILE,    [SD_ERROR_UNSUPPORTED] = WTAP_ERR_UNSUPPORTED,
        [SD_ERROR_CHANNEL] = WTAP_ERR_UNSUPPORTED, [SD_ERROR_USAGE] = WTAP_ERR_UNSUPPORTED,
        [SD_ERROR_WRITE] = WTAP_ERR_INTERNAL,      [SD_ERROR_READER_GONE] = WTAP_ERR_INTERNAL,
    };
    const bool is_of_options = error->code == SD_ERROR_FORMAT || error->code == SD_ERROR_USAGE ||
                               error->code == SD_ERROR_CHANNEL;
    *number = error->domain == SD_ERROR ? numbers[error->code] : WTAP_ERR_INTERNAL;
    *sentence = strstr(error->message, DECODE_OPTIONS_VARIABLE) != NULL || !is_of_options
                    ? g_strdup(error->message)
                    : g_strdup_printf("%s; Wireshark takes options from the variable %s",
                                      error->message, DECODE_OPTIONS_VARIABLE);
}

/** Hands on interfaces that the pcapng has told of since. */
static void add_interfaces(wtap *handle, wtap *pcapng)
{
    wtap_block_t interface;
    while ((interface = wtap_get_next_interface_description(pcapng)) != NULL) {
        wtap_block_ref(interface);
        g_array_append_val(handle->interfaces, interface);
    }
}

/** Moves the place in the file of samples, which Wireshark shows as progress. */
static void show_progress(wtap *handle, double share)
{
    int error;
    static guint8 passed_over[65536];
    const gint64 size = wtap_file_size(handle, &error);
    const gint64 target = (gint64)(share * (double)size);
    if (!file_iscompressed(handle->file)) {
        file_seek(handle->file, target, SEEK_SET, &error);
        file_read(passed_over, 1, handle->file); /* it goes there with the next byte only */
        return;
    }
    /* Nothing but reading on moves the place in a compressed file. */
    while (wtap_read_so_far(handle) < target &&
           file_read(passed_over, sizeof passed_over, handle->file) > 0) {
    }
}

static gboolean read_packet(wtap *handle, wtap_rec *record, Buffer *data, int *number,
                            char **sentence, gint64 *offset)
{
    reader *r = handle->reader;
    GError *error = NULL;
    const bool is_there = decoded_record_reach(r->record, r->packets, &error);
    if (error != NULL) {
        report_error(error, number, sentence);
        g_error_free(error);
        return FALSE;
    }
    const double share = decoded_record_share(r->record, r->packets);
    if (share >= r->share + PROGRESS_STEP)
        show_progress(handle, r->share = share);

    wtap_cleareof(r->pcapng); /* the file has grown */
    const gboolean is_read = wtap_read(r->pcapng, record, data, number, sentence, offset);
    add_interfaces(handle, r->pcapng);
    if (is_read) {
        r->packets++;
    } else if (*number == 0 && is_there) {
        *number = WTAP_ERR_SHORT_READ;
    } else if (*number == 0) {
        wtap_cleareof(handle); /* whatever came of passing over its bytes */
        if (decoded_record_fault(r->record) != NULL) {
            *number = WTAP_ERR_UNSUPPORTED;
            *sentence = g_strdup(decoded_record_fault(r->record));
        }
    }
    return is_read;
}

static gboolean seek_packet(wtap *handle, gint64 offset, wtap_rec *record, Buffer *data,
                            int *number, char **sentence)
{
    reader *r = handle->reader;
    return wtap_seek_read(r->pcapng, offset, record, data, number, sentence);
}

static void close_sequential(wtap *handle)
{
    reader *r = handle->reader;
    wtap_sequential_close(r->pcapng);
}

static void close_file(wtap *handle)
{
    reader *r = handle->reader;
    wtap_close(r->pcapng);
    decoded_record_close(r->record);
}

/** The type of a file in a format of this name; NULL: raw samples. */
static int find_file_type(const char *format)
{
    for (guint i = 0; format != NULL && i < file_types->len; i++) {
        if (strcmp(sd_waveform_format_name(i), format) == 0)
            return g_array_index(file_types, int, i);
    }
    return raw_file_type;
}

/** Opens a file that is taken for a record in a format of this name; NULL: raw samples. */
static wtap_open_return_val open_record(wtap *handle, const char *format, int *number,
                                        char **sentence)
{
    GError *error = NULL;
    decoded_record *record = decoded_record_open(handle->path, &error);
    if (record == NULL) {
        report_error(error, number, sentence);
        g_error_free(error);
        return WTAP_OPEN_ERROR;
    }
    wtap *pcapng =
        wtap_open_offline(decoded_record_pcapng(record), open_info_name_to_type(PCAPNG_READER),
                          number, sentence, handle->random_file != NULL);
    if (pcapng == NULL) {
        decoded_record_close(record);
        return WTAP_OPEN_ERROR;
    }
    reader *r = g_new0(reader, 1);
    r->record = record;
    r->pcapng = pcapng;
    handle->reader = r;
    handle->read = read_packet;
    handle->seek_read = seek_packet;
    handle->sequential_close = close_sequential;
    handle->close = close_file;
    handle->file_type = find_file_type(format);
    handle->snapshot_length = wtap_snapshot_length(pcapng);
    handle->encapsulation = wtap_file_encap(pcapng);
    handle->time_precision = wtap_file_tsprec(pcapng);
    wtap_block_t *section = &g_array_index(handle->sections, wtap_block_t, 0);
    wtap_block_unref(*section);
    *section = wtap_block_ref(wtap_file_get_shb(pcapng, 0));
    add_interfaces(handle, pcapng);
    return WTAP_OPEN_MINE;
}

static bool can_be_mapped(const wtap *handle)
{
    return !handle->is_pipe && handle->path != NULL && strcmp(handle->path, "-") != 0;
}

/** Formats that have a magic number. */
static wtap_open_return_val open_by_magic(wtap *handle, int *number, char **sentence)
{
    const char *format = NULL;
    if (!can_be_mapped(handle) || sd_waveform_match(handle->path, &format) < MAGIC_CONFIDENCE)
        return WTAP_OPEN_NOT_MINE;
    return open_record(handle, format, number, sentence);
}

/** Tables have this name whatever program wrote them. */
static const char table_pattern[] = "*.csv";

/** Whether the file is named like one of the formats. */
static bool is_named_like_record(const char *path, bool table_too)
{
    g_autofree char *name = g_ascii_strdown(path, -1);
    for (size_t i = 0; sd_waveform_format_name(i) != NULL; i++) {
        const char *pattern = sd_waveform_format_pattern(i);
        if (pattern != NULL && g_pattern_match_simple(pattern, name))
            return table_too || strcmp(pattern, table_pattern) != 0;
    }
    return false;
}

/** Formats without a magic number. This is called before the readers of other extensions, some of
    which take zeros or text for theirs: so a file with an extension of oscilloscopes that is no
    record is told so here. */
static wtap_open_return_val open_by_content(wtap *handle, int *number, char **sentence)
{
    const char *format = NULL;
    if (!can_be_mapped(handle) || (sd_waveform_match(handle->path, &format) == 0 &&
                                   !is_named_like_record(handle->path, false)))
        return WTAP_OPEN_NOT_MINE;
    return open_record(handle, format, number, sentence);
}

/** Whether the user wants files that are in no format read as raw samples. */
static bool raw_is_wanted(void)
{
    options o;
    /* what is wrong with them is told by who opens the file */
    const bool wanted = !decode_options_read(&o, NULL) || o.raw.raw;
    options_clear(&o);
    return wanted;
}

/** The rest, when nothing else has taken the file. */
static wtap_open_return_val open_last(wtap *handle, int *number, char **sentence)
{
    const char *format = NULL;
    if (!can_be_mapped(handle) || (sd_waveform_match(handle->path, &format) == 0 &&
                                   !is_named_like_record(handle->path, true) && !raw_is_wanted()))
        return WTAP_OPEN_NOT_MINE;
    return open_record(handle, format, number, sentence);
}

/** Registers a file type; its text lives as long as the process. */
static int register_file_type(const char *format)
{
    /* as written by core/record/pcapng.c */
    static const struct supported_option_type section_options[] = {
        {OPT_COMMENT, ONE_OPTION_SUPPORTED},
        {OPT_SHB_HARDWARE, ONE_OPTION_SUPPORTED},
        {OPT_SHB_OS, ONE_OPTION_SUPPORTED},
        {OPT_SHB_USERAPPL, ONE_OPTION_SUPPORTED},
    };
    static const struct supported_option_type interface_options[] = {
        {OPT_COMMENT, ONE_OPTION_SUPPORTED},         {OPT_IDB_NAME, ONE_OPTION_SUPPORTED},
        {OPT_IDB_DESCRIPTION, ONE_OPTION_SUPPORTED}, {OPT_IDB_SPEED, ONE_OPTION_SUPPORTED},
        {OPT_IDB_TSRESOL, ONE_OPTION_SUPPORTED},     {OPT_IDB_FILTER, ONE_OPTION_SUPPORTED},
        {OPT_IDB_FCSLEN, ONE_OPTION_SUPPORTED},
    };
    static const struct supported_option_type packet_options[] = {
        {OPT_COMMENT, ONE_OPTION_SUPPORTED},
        {OPT_PKT_FLAGS, ONE_OPTION_SUPPORTED},
        {OPT_PKT_PACKETID, ONE_OPTION_SUPPORTED},
        {OPT_CUSTOM_BIN_COPY, ONE_OPTION_SUPPORTED},
    };
    static const struct supported_block_type blocks[] = {
        {WTAP_BLOCK_SECTION, ONE_BLOCK_SUPPORTED, OPTION_TYPES_SUPPORTED(section_options)},
        {WTAP_BLOCK_IF_ID_AND_INFO, MULTIPLE_BLOCKS_SUPPORTED,
         OPTION_TYPES_SUPPORTED(interface_options)},
        {WTAP_BLOCK_PACKET, MULTIPLE_BLOCKS_SUPPORTED, OPTION_TYPES_SUPPORTED(packet_options)},
    };
    char *name = g_ascii_strdown(format, -1);
    g_strcanon(name, "abcdefghijklmnopqrstuvwxyz0123456789", ' ');
    g_auto(GStrv) words = g_strsplit_set(name, " ", -1);
    GString *joined = g_string_new("scope");
    for (char **word = words; *word != NULL; word++) {
        if (**word != '\0')
            g_string_append_printf(joined, "-%s", *word);
    }
    g_free(name);
    struct file_type_subtype_info *type = g_new0(struct file_type_subtype_info, 1);
    type->description = g_strdup_printf("Oscilloscope record (%s)", format);
    type->name = g_string_free(joined, FALSE);
    type->num_supported_blocks = G_N_ELEMENTS(blocks);
    type->supported_blocks = blocks;
    return wtap_register_file_type_subtype(type);
}

static void register_file_types(void)
{
    const char *format;
    file_types = g_array_new(FALSE, FALSE, sizeof(int));
    for (size_t i = 0; (format = sd_waveform_format_name(i)) != NULL; i++) {
        const int type = register_file_type(format);
        g_array_append_val(file_types, type);
    }
    raw_file_type = register_file_type("raw samples");
}

/** The usual extensions of all formats, separated by semicolons; lives as long as the process. */
static const char *find_extensions(void)
{
    GString *extensions = g_string_new("bin;dat;txt"); /* of formats without a pattern, of tables */
    for (size_t i = 0; sd_waveform_format_name(i) != NULL; i++) {
        const char *pattern = sd_waveform_format_pattern(i);
        if (pattern != NULL)
            g_string_append_printf(extensions, ";%s", pattern + strlen("*."));
    }
    return g_string_free(extensions, FALSE);
}

void record_file_register(void)
{
    /* The first of all: the reader of MIME files takes every XML, and with it the headers of
       Rohde & Schwarz. No capture file has such a magic number. */
    static struct open_info by_magic = {
        .name = "Oscilloscope record",
        .type = OPEN_INFO_MAGIC,
        .open_routine = open_by_magic,
    };
    /* Readers that know the file's extension are asked before the others, some of which take
       whatever looks remotely like theirs. */
    static struct open_info by_content = {
        .name = "Oscilloscope record without magic number (CSV, Siglent)",
        .type = OPEN_INFO_HEURISTIC,
        .open_routine = open_by_content,
    };
    /* Those with other extensions are asked at the end: with one that no file has, this is the
       last of all. */
    static struct open_info last = {
        .name = "Oscilloscope record of raw samples",
        .type = OPEN_INFO_HEURISTIC,
        .open_routine = open_last,
        .extensions = "scopedump-record",
    };
    /* One row in the list of file types of the Open dialog. */
    static struct file_extension_info row = {.name = "Oscilloscope record",
                                             .is_capture_file = TRUE};
    if (!wtap_handle_is_as_declared()) {
        ws_warning("This is not the Wireshark that scopedump was built for: it cannot open "
                   "oscilloscope records as files");
        return;
    }
    register_file_types();
    row.extensions = by_content.extensions = find_extensions();
    wtap_register_file_type_extension(&row);
    wtap_register_open_info(&by_magic, TRUE);
    wtap_register_open_info(&by_content, FALSE);
    wtap_register_open_info(&last, FALSE);
}
