/* SPDX-License-Identifier: GPL-2.0-or-later */
#define ZLIB_CONST
#include "waveform/inflate.h"

#include "scopedump/error.h"

#include <zlib.h>

#define PIECE 32768 /**< Bytes that are unpacked at a time. */

/** Added to the window size, it makes inflateInit2() expect a gzip header. */
#define EXPECT_GZIP 16

void sd_unpack_fail(const sd_mapping *mapping, uint64_t at, uint64_t unpacked, const char *reason,
                    GError **error)
{
    g_set_error(error, SD_ERROR, SD_ERROR_DAMAGED,
                "%s: the packed data are damaged or cut: %s; %" G_GUINT64_FORMAT
                " bytes had been unpacked by then (byte %" G_GUINT64_FORMAT ")",
                mapping->name, reason, unpacked, at);
}

/** Unpacks until the end of the stream or until @p most; gives the bytes read, or 0 on failure. */
static uint64_t run(z_stream *stream, const sd_mapping *mapping, uint64_t at, uint64_t size,
                    uint64_t most, sd_spool *spool, GError **error)
{
    uint8_t piece[PIECE];
    uint64_t taken = 0;
    uint64_t given = 0;
    int status = Z_OK;
    while (status != Z_STREAM_END && given < most) {
        stream->next_in = mapping->data + at + taken;
        stream->avail_in = (uInt)MIN(size - taken, G_MAXUINT32 / 2);
        stream->next_out = piece;
        stream->avail_out = (uInt)MIN(most - given, PIECE);
        const uInt in = stream->avail_in;
        const uInt out = stream->avail_out;
        status = inflate(stream, Z_NO_FLUSH);
        taken += in - stream->avail_in;
        if (!sd_spool_write(spool, piece, out - stream->avail_out, error))
            return 0;
        given += out - stream->avail_out;
        if (status == Z_BUF_ERROR && taken == size) {
            sd_unpack_fail(mapping, at + taken, sd_spool_size(spool), "they end too early", error);
            return 0;
        }
        if (status != Z_OK && status != Z_STREAM_END) {
            sd_unpack_fail(mapping, at + taken, sd_spool_size(spool),
                           stream->msg ? stream->msg : zError(status), error);
            return 0;
        }
    }
    return taken;
}

uint64_t sd_inflate(const sd_mapping *mapping, uint64_t at, uint64_t size, sd_inflate_kind kind,
                    uint64_t most, sd_spool *spool, GError **error)
{
    z_stream stream = {0};
    int status = inflateInit2(&stream, MAX_WBITS + (kind == SD_INFLATE_GZIP ? EXPECT_GZIP : 0));
    if (status != Z_OK) {
        sd_unpack_fail(mapping, at, 0, zError(status), error);
        return 0;
    }
    uint64_t taken = run(&stream, mapping, at, size, most, spool, error);
    (void)inflateEnd(&stream);
    return taken ? at + taken : 0;
}
