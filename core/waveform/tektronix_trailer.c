/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "waveform/tektronix_trailer.h"

#include "waveform/reader.h"

#define CHECKSUM_SIZE 8
#define MAGIC         "tekmeta!"
#define MAGIC_SIZE    (sizeof(MAGIC) - 1)
#define IQ_PREFIX     "IQ_"

/** How a value is stored: one byte of type stands before it. */
enum {
    TYPE_TEXT = 1, /**< uint32 length, then so many bytes. */
    TYPE_UINT = 2, /**< uint32. */
    TYPE_REAL = 3, /**< double. */
};

/** Steps over a value; gives the offset behind it. An unknown type latches an error. */
static uint64_t skip_value(sd_reader *reader, uint64_t at)
{
    uint8_t type = sd_reader_u8(reader, at, "a type");
    at += sizeof type;
    switch (type) {
    case TYPE_TEXT: {
        uint32_t length = sd_reader_u32(reader, at, "a text length");
        sd_reader_require(reader, at + sizeof length, length, "a text");
        return at + sizeof length + length;
    }
    case TYPE_UINT:
        sd_reader_u32(reader, at, "a number");
        return at + sizeof(uint32_t);
    case TYPE_REAL:
        sd_reader_f64(reader, at, "a number");
        return at + sizeof(double);
    default:
        sd_reader_fail(reader, SD_ERROR_DAMAGED, at, "type %u is not known", type);
        return at;
    }
}

/** Reads the list; a damaged list ends at once, because the latched error ends the loop. */
static sd_trailer read_list(sd_reader *reader, uint64_t at)
{
    bool iq = false;
    uint32_t count = sd_reader_u32(reader, at, "the number of entries");
    at += sizeof count;
    for (uint32_t i = 0; i < count && !reader->error; i++) {
        uint32_t length = sd_reader_u32(reader, at, "a name length");
        at += sizeof length;
        if (sd_reader_require(reader, at, length, "a name")) {
            iq = iq || (length > sizeof(IQ_PREFIX) - 1 &&
                        sd_mapping_equals(reader->mapping, at, IQ_PREFIX, sizeof(IQ_PREFIX) - 1));
            at = skip_value(reader, at + length);
        }
    }
    /* A name that was read before the damage is still true. */
    if (iq) {
        return SD_TRAILER_IQ;
    }
    return reader->error ? SD_TRAILER_UNREADABLE : SD_TRAILER_READ;
}

sd_trailer sd_tektronix_trailer_read(const sd_mapping *mapping, uint64_t at, bool big_endian)
{
    if (!sd_mapping_has(mapping, at, CHECKSUM_SIZE)) {
        return SD_TRAILER_CUT;
    }
    at += CHECKSUM_SIZE;
    if (at == mapping->size) {
        return SD_TRAILER_NONE;
    }
    if (!sd_mapping_equals(mapping, at, MAGIC, MAGIC_SIZE)) {
        return SD_TRAILER_UNKNOWN;
    }
    sd_reader reader = {.mapping = mapping, .big_endian = big_endian};
    sd_trailer trailer = read_list(&reader, at + MAGIC_SIZE);
    g_clear_error(&reader.error);
    return trailer;
}
