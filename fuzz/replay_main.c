/* SPDX-License-Identifier: MIT */
/*
 * Replays a corpus through a fuzz target where libFuzzer is not linked: the
 * empty input first, then every file of the folders on the command line.
 */
#include "fuzz.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static void
die(const char *what)
{
    perror(what);
    exit(1);
}

/* The copy has exactly the file's size, so that ASan reports a read of one byte
 * too many. */
static void
replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0)
        die(path);
    long size = ftell(file);
    if (size < 0)
        die(path);
    rewind(file);

    uint8_t *data = malloc((size_t)size);
    if (!data && size > 0)
        die(path);
    if (fread(data, 1, (size_t)size, file) != (size_t)size)
        die(path);
    fclose(file);

    fprintf(stderr, "%s\n", path);
    LLVMFuzzerTestOneInput(data, (size_t)size);
    free(data);
}

static unsigned
replay_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    if (!dir)
        die(folder);

    unsigned n = 0;
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (entry->d_name[0] == '.')
            continue;
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        replay_file(path);
        n++;
    }
    closedir(dir);
    return n;
}

int
main(int argc, char **argv)
{
    unsigned n = 0;
    LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    for (int i = 1; i < argc; i++)
        n += replay_folder(argv[i]);
    printf("replayed %u files\n", n);
    return 0;
}
