/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a file as Wireshark's window does: for a preview that is stopped, and then as a whole, with
 * its packets read again at their places in any order. Exit status 0 when all of that agrees. */
#define WS_BUILD_DLL
#include <wireshark.h>

#include <wiretap/wtap.h>
#include <wsutil/buffer.h>
#include <wsutil/filesystem.h>
#include <wsutil/privileges.h>
#include <wsutil/wslog.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Packets after which the preview stops. */
#define PREVIEW 100

/** What is kept of a packet. */
typedef struct {
    gint64 offset;
    nstime_t time;
    guint32 length, interface;
    guint32 flags;
    guint options;
    guint hash;
} packet;

static void fail(const char *what, guint number)
{
    fprintf(stderr, "packet %u: %s\n", number, what);
    exit(1);
}

static wtap *open_file(const char *path)
{
    int error = 0;
    char *sentence = NULL;
    wtap *file = wtap_open_offline(path, WTAP_TYPE_AUTO, &error, &sentence, TRUE);
    if (file == NULL) {
        fprintf(stderr, "%s: error %d: %s\n", path, error, sentence != NULL ? sentence : "-");
        exit(1);
    }
    return file;
}

static packet describe(const wtap_rec *record, Buffer *data, gint64 offset)
{
    const wtap_packet_header *header = &record->rec_header.packet_header;
    packet p = {.offset = offset,
                .time = record->ts,
                .length = header->caplen,
                .interface = header->interface_id,
                .options = wtap_block_count_option(record->block, OPT_CUSTOM_BIN_COPY) +
                           wtap_block_count_option(record->block, OPT_COMMENT)};
    if (wtap_block_get_uint32_option_value(record->block, OPT_PKT_FLAGS, &p.flags) !=
        WTAP_OPTTYPE_SUCCESS)
        p.flags = 0;
    for (guint32 i = 0; i < header->caplen; i++)
        p.hash = p.hash * 31 + ws_buffer_start_ptr(data)[i];
    return p;
}

static bool is_same(const packet *a, const packet *b)
{
    return a->offset == b->offset && nstime_cmp(&a->time, &b->time) == 0 &&
           a->length == b->length && a->interface == b->interface && a->flags == b->flags &&
           a->options == b->options && a->hash == b->hash;
}

/** Reads packets from the begin, @p most at most, and holds the place in the file, which is shown
    as progress, to growing up to its end. */
static void read_on(wtap *file, GArray *packets, guint most)
{
    wtap_rec record;
    Buffer data;
    int error = 0;
    char *sentence = NULL;
    gint64 offset, place = 0;
    wtap_rec_init(&record);
    ws_buffer_init(&data, 1514);
    while (packets->len < most && wtap_read(file, &record, &data, &error, &sentence, &offset)) {
        const packet p = describe(&record, &data, offset);
        g_array_append_val(packets, p);
        if (wtap_read_so_far(file) < place)
            fail("the progress goes back", packets->len);
        place = wtap_read_so_far(file);
        wtap_rec_reset(&record);
    }
    const gint64 size = wtap_file_size(file, &error);
    if (error != 0)
        fail(sentence != NULL ? sentence : "an error", packets->len);
    if (packets->len < most ? place < size * 9 / 10 : place > size / 2)
        fail("the progress is not where it should be", packets->len);
    wtap_rec_cleanup(&record);
    ws_buffer_free(&data);
}

/** Reads packet @p number again, at its place. */
static void read_again(wtap *file, const GArray *packets, guint number)
{
    wtap_rec record;
    Buffer data;
    int error = 0;
    char *sentence = NULL;
    const packet *wanted = &g_array_index(packets, packet, number);
    wtap_rec_init(&record);
    ws_buffer_init(&data, 1514);
    if (!wtap_seek_read(file, wanted->offset, &record, &data, &error, &sentence))
        fail(sentence != NULL ? sentence : "it cannot be read again", number);
    const packet p = describe(&record, &data, wanted->offset);
    if (!is_same(&p, wanted))
        fail("it is another one when it is read again", number);
    wtap_rec_cleanup(&record);
    ws_buffer_free(&data);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    ws_log_init("wtap_read", NULL);
    init_process_policies();
    g_free(configuration_init(argv[0], NULL));
    wtap_init(TRUE);
    GArray *preview = g_array_new(FALSE, FALSE, sizeof(packet));
    GArray *packets = g_array_new(FALSE, FALSE, sizeof(packet));

    wtap *file = open_file(argv[1]);
    read_on(file, preview, PREVIEW);
    wtap_close(file);

    file = open_file(argv[1]);
    read_on(file, packets, G_MAXUINT);
    for (guint i = 0; i < preview->len; i++) {
        if (!is_same(&g_array_index(preview, packet, i), &g_array_index(packets, packet, i)))
            fail("it is another one than in the preview", i);
    }
    wtap_sequential_close(file);
    for (guint i = packets->len; i-- > 0;)
        read_again(file, packets, i);
    printf("%u packets\n", packets->len);
    wtap_close(file);
    g_array_unref(preview);
    g_array_unref(packets);
    wtap_cleanup();
    return 0;
}
