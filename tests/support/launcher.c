/* Runs an unpacked program with the libraries it was unpacked with, under the name that this was called by.
 *
 * The loader is told the libraries as an argument, so no child inherits them as it would a variable. Compiled by
 * tests/other-release with LOADER, LIBRARIES and PROGRAM. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int count, char **words)
{
    char *head[] = {LOADER, "--argv0", words[0], "--library-path", LIBRARIES, PROGRAM};
    size_t before = sizeof head / sizeof head[0];
    char **all = calloc(before + (size_t)count, sizeof *all);

    if (all == NULL || count < 1)
        return 127;
    memcpy(all, head, sizeof head);
    memcpy(all + before, words + 1, (size_t)(count - 1) * sizeof *words);
    execv(LOADER, all);
    perror(LOADER);
    return 127;
}
