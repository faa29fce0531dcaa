/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How fast records are decoded, whole and stage by stage, beside what merely reading them takes. */
#include <string.h>

#include "alone.h"
#include "compare.h"
#include "records.h"
#include "results.h"
#include "rows.h"

#define RUNS       4
#define RUNS_QUICK 2
/** A file system in memory. */
#define TMPFS "/dev/shm"

/** What the command line says. */
typedef struct {
    gboolean quick, compare;
    gint64 samples;
    gint runs;
    char *folder, *output, *generator, *rows, *cpu, *json;
    char **files; /* to compare */
} arguments;

static bool usage_error(GError **error, const char *text)
{
    g_set_error_literal(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, text);
    return false;
}

static bool parse(int *argc, char ***argv, arguments *a, GError **error)
{
    const GOptionEntry entries[] = {
        {"generate", 0, 0, G_OPTION_ARG_FILENAME, &a->generator,
         "The program that makes the records (default: scopedump-generate)", "PROGRAM"},
        {"folder", 0, 0, G_OPTION_ARG_FILENAME, &a->folder,
         "Where the records are kept (default: here)", "FOLDER"},
        {"output", 0, 0, G_OPTION_ARG_FILENAME, &a->output,
         "Where capture files go for a moment (default: " TMPFS ", or else the records' folder)",
         "FOLDER"},
        {"quick", 0, 0, G_OPTION_ARG_NONE, &a->quick, "Fewer and shorter records, fewer runs",
         NULL},
        {"rows", 0, 0, G_OPTION_ARG_STRING, &a->rows, "Only the rows whose names match", "REGEX"},
        {"samples", 0, 0, G_OPTION_ARG_INT64, &a->samples, "Samples of each record", "N"},
        {"runs", 0, 0, G_OPTION_ARG_INT, &a->runs, "The best of so many runs counts", "N"},
        {"cpu", 0, 0, G_OPTION_ARG_STRING, &a->cpu,
         "Best instructions to use: c, sse4.1, avx2, avx512, neon", "NAME"},
        {"json", 0, 0, G_OPTION_ARG_FILENAME, &a->json, "Write the figures as JSON as well",
         "FILE"},
        {"compare", 0, 0, G_OPTION_ARG_NONE, &a->compare, "Compare two such files: OLD NEW", NULL},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &a->files, NULL, NULL},
        {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new("[OLD.json NEW.json]");
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, argc, argv, error))
        return false;
    const guint files = a->files != NULL ? g_strv_length(a->files) : 0;
    if (files != (a->compare ? 2 : 0))
        return usage_error(error, "Two files go with --compare, and none without it");
    if (a->samples < 0 || a->runs < 0)
        return usage_error(error, "--samples and --runs must be above 0");
    return true;
}

static void clear(arguments *a)
{
    char *const texts[] = {a->folder, a->output, a->generator, a->rows, a->cpu, a->json};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    g_strfreev(a->files);
}

static bool measure(const arguments *a, GError **error)
{
    g_autoptr(GRegex) rows = NULL;
    bench_settings settings = {
        .cpu = SD_CPU_BEST,
        .runs = a->runs > 0 ? (unsigned)a->runs
                : a->quick  ? RUNS_QUICK
                            : RUNS,
        .folder = a->folder != NULL ? a->folder : ".",
        .generator = a->generator != NULL ? a->generator : "scopedump-generate",
    };
    settings.output = a->output != NULL                        ? a->output
                      : g_file_test(TMPFS, G_FILE_TEST_IS_DIR) ? TMPFS
                                                               : settings.folder;
    if (a->cpu != NULL && !sd_cpu_parse(a->cpu, &settings.cpu))
        return usage_error(error, "--cpu must be c, sse4.1, avx2, avx512 or neon");
    if (a->rows != NULL) {
        rows = g_regex_new(a->rows, 0, 0, error);
        if (rows == NULL)
            return false;
        settings.wanted = rows;
    }
    g_autoptr(GPtrArray) records = bench_records_new(a->quick, (uint64_t)a->samples);
    g_autoptr(GArray) results = bench_results_new();
    bench_print_head();
    for (guint i = 0; i < records->len; i++) {
        if (!bench_rows(g_ptr_array_index(records, i), &settings, results, error))
            return false;
    }
    if (results->len == 0)
        return usage_error(error, "No row matches --rows");
    return a->json == NULL ||
           bench_results_write(results, sd_cpu_used(settings.cpu), a->json, error);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], BENCH_ALONE) == 0)
        return bench_alone_main(argc, argv);
    arguments a = {0};
    GError *error = NULL;
    bool good = parse(&argc, &argv, &a, &error);
    if (good)
        good = a.compare ? bench_compare(a.files[0], a.files[1], &error) : measure(&a, &error);
    clear(&a);
    if (good)
        return 0;
    g_printerr("%s\n", error->message);
    g_error_free(error);
    return 1;
}
